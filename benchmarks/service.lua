-- wrk: lists, every one another query, by listeners in turn. Arguments: tokens file, seed, requests a
-- second of this thread's connection (0: as fast as it can).
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local moods = { "happy", "uplifting", "party", "motivating", "fun", "relax", "calm", "deep", "melancholy" }
local tokens, genres, count, pause = {}, {}, 0, 0

function init(args)
  for line in io.lines(args[1]) do tokens[#tokens + 1] = line end
  for line in io.lines(args[2]) do genres[#genres + 1] = line end
  math.randomseed(tonumber(args[3]) + number)
  pause = tonumber(args[4])
end

-- Requests that come at their own times, as people's do: pauses are exponential.
function delay()
  if pause == 0 then return 0 end
  return math.floor(-math.log(1 - math.random()) * pause)
end

local function pick(list) return list[math.random(#list)] end

local function query()
  local kind = math.random(10)
  local asked
  if kind <= 5 then
    asked = string.format('"mood":"%s"', pick(moods))
  elseif kind <= 8 then
    asked = string.format('"blend":{"%s":%.3f,"%s":%.3f}', moods[math.random(4)], math.random(), moods[math.random(5, 9)], math.random())
  else
    asked = string.format('"profile":{"Sadness or melancholy":%.3f,"Relaxation and stress relief":%.3f}', math.random(), math.random())
  end
  local limits = {}
  if math.random(3) == 1 then limits[#limits + 1] = string.format('"genres":["%s","%s"]', pick(genres), pick(genres)) end
  if math.random(3) == 1 then limits[#limits + 1] = string.format('"not_genres":["%s"]', pick(genres)) end
  if math.random(3) == 1 then limits[#limits + 1] = string.format('"tempo":[%d,%d]', math.random(60, 100), math.random(110, 180)) end
  if math.random(4) == 1 then limits[#limits + 1] = string.format('"max_popularity":%d', math.random(30, 100)) end
  if math.random(4) == 1 then limits[#limits + 1] = string.format('"artist_cap":%d', math.random(1, 3)) end
  count = count + 1
  limits[#limits + 1] = string.format('"seed":%d', number * 10000000 + count)
  return string.format('{%s,"n":10,%s}', asked, table.concat(limits, ","))
end

function request()
  return wrk.format("POST", "/v1/recommendations", {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer " .. pick(tokens),
  }, query())
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.2f,"p50_ms":%.2f,"p90_ms":%.2f,"p99_ms":%.2f,"max_ms":%.2f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
