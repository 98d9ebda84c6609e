// The service, asked: one function per call of the API, one kind of failure.

/** What went wrong. `kind`: "unreachable" (no answer), "signed-out", "busy" (try again later) or
 * "problem" (the service says what in `detail`); `retryAfter` in seconds, or null. */
export class Failure extends Error {
  constructor(kind, { status = 0, detail = "", requestId = "", retryAfter = null } = {}) {
    super(detail || kind);
    Object.assign(this, { kind, status, detail, requestId, retryAfter });
  }
}

/** What the window is told when the service no longer knows who is asking. */
export const SIGNED_OUT = "moodtune-signed-out";

const BUSY = new Set([429, 503]);
const TIMEOUT_MS = 30_000;

async function failureOf(response) {
  const problem = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("Retry-After"));
  const kind = response.status === 401 ? "signed-out" : BUSY.has(response.status) ? "busy" : "problem";
  return new Failure(kind, {
    status: response.status,
    detail: String(problem.detail ?? problem.title ?? ""),
    requestId: String(problem.request_id ?? response.headers.get("X-Request-Id") ?? ""),
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : null,
  });
}

async function call(method, path, { body, signal } = {}) {
  const ended = AbortSignal.timeout(TIMEOUT_MS);
  const options = { method, signal: signal ? AbortSignal.any([signal, ended]) : ended };
  if (method !== "GET") options.headers = { "Content-Type": "application/json" };
  if (body !== undefined) options.body = JSON.stringify(body);
  let response;
  try {
    response = await fetch(`v1/${path}`, options);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure("unreachable");
  }
  if (response.ok) return response;
  const failure = await failureOf(response);
  if (failure.kind === "signed-out") dispatchEvent(new Event(SIGNED_OUT));
  throw failure;
}

async function json(method, path, options) {
  const response = await call(method, path, options);
  try {
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw new Failure("unreachable"); // the answer broke off
  }
}

const named = encodeURIComponent;

export const api = {
  me: () => json("GET", "me"),
  signIn: (token) => json("POST", "session", { body: { token } }),
  signOut: () => json("DELETE", "session"),
  catalog: () => json("GET", "catalog"),
  moods: () => json("GET", "moods"),
  questions: () => json("GET", "questions"),
  mood: (answers) => json("POST", "mood", { body: { answers } }),
  recommend: (query, signal) => json("POST", "recommendations", { body: query, signal }),
  say: (event) => json("POST", "feedback", { body: event }),
  unsay: (key) => json("DELETE", `feedback/${named(key)}`),
  find: (text, limit, signal) => json("GET", `tracks?q=${named(text)}&limit=${limit}`, { signal }),
  track: (id, signal) => json("GET", `tracks/${named(id)}`, { signal }),
  map: (points, signal) => json("GET", `map?points=${points}`, { signal }),
  pointTrack: (row, generation, signal) =>
    json("GET", `map/${row}?generation=${named(generation)}`, { signal }),
  save: (name, ids) => json("POST", "playlists", { body: { name, track_ids: ids } }),
  saved: () => json("GET", "playlists"),
  open: (id) => json("GET", `playlists/${named(id)}`),
  remove: (id) => json("DELETE", `playlists/${named(id)}`),
  file: (id, format) => call("GET", `playlists/${named(id)}?format=${format}`),
  stored: () => json("GET", "me/export"),
  forget: () => json("DELETE", "me"),
};

/** A name for a feedback event: said twice under it, it counts once. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** A link's address if it is one that a browser may open for a listener, else null. */
export function safeLink(url) {
  try {
    return url && ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}
