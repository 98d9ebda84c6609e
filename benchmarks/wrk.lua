-- What benchmarks/wrk.py has wrk do: wrk -s wrk.lua URL -- FOLDER RATE
-- FOLDER holds the files "bodies" and "tokens", one a line. RATE 0: as fast as it is answered.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long ns; } moment; int clock_gettime(int, moment *);")
local MONOTONIC = 1
local moment = ffi.new("moment")
local bodies, heads, sent = {}, {}, 0
local rate, due = 0, nil

local function now_ms()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.s) * 1000 + tonumber(moment.ns) / 1000000
end

-- Called for each connection when it is free: it takes the next place of the schedule.
local function wait_ms()
  local now = now_ms()
  due = (due or now) - math.log(1 - math.random()) * 1000 / rate
  return math.max(0, due - now)
end

function init(args)
  local folder = args[1]
  rate = tonumber(args[2])
  math.randomseed(1)
  if rate > 0 then
    delay = wait_ms -- wrk looks for it by this name, after init
  end
  for line in io.lines(folder .. "/bodies") do
    bodies[#bodies + 1] = line
  end
  for line in io.lines(folder .. "/tokens") do
    heads[#heads + 1] = {
      ["Host"] = wrk.headers["Host"],
      ["Content-Type"] = "application/json",
      ["Authorization"] = "Bearer " .. line,
    }
  end
end

function request()
  sent = sent + 1
  local number = (sent - 1) % #bodies + 1
  return wrk.format("POST", nil, heads[sent % #heads + 1], bodies[number])
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'measured {"requests":%d,"seconds":%.6f,"p50":%.3f,"p90":%.3f,"p99":%.3f,"most":%.3f,'
      .. '"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1000000,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
