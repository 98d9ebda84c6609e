// Starting: who is asking, what the catalog has, which moods there are; signing in and out.

import { api, Failure, SIGNED_OUT } from "./api.js";
import { Mark } from "./icons.js";
import { AROUND, Moods } from "./moods.js";
import { FailedLine, Wash } from "./states.js";
import { texts } from "./texts.js";
import { html, useCallback, useEffect, useState } from "./view.js";

/** {phase: "starting" | "signed-out" | "failed" | "ready", me, catalog, moods, failure} and what
 * changes it. */
export function useSession() {
  const [session, setSession] = useState({ phase: "starting" });
  const start = useCallback(async () => {
    try {
      const [me, catalog, moods] = await Promise.all([api.me(), api.catalog(), api.moods()]);
      setSession({ phase: "ready", me, catalog, moods: new Moods(moods) });
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      setSession({ phase: failure.kind === "signed-out" ? "signed-out" : "failed", failure });
    }
  }, []);
  useEffect(() => {
    // Whoever was in is told so; whoever comes is simply asked for a token.
    const out = () => setSession((now) => (now.phase === "ready" ? { phase: "signed-out", again: true } : now));
    addEventListener(SIGNED_OUT, out);
    start();
    return () => removeEventListener(SIGNED_OUT, out);
  }, []);
  return { ...session, start };
}

export function SignIn({ start, again }) {
  const words = texts.signIn;
  const [token, setToken] = useState("");
  const [failure, setFailure] = useState(null);
  const [shown, setShown] = useState(false);
  const enter = async (event) => {
    event.preventDefault();
    setFailure(null);
    try {
      await api.signIn(token.trim());
      await start();
    } catch (problem) {
      if (!(problem instanceof Failure)) throw problem;
      const wrong = [400, 401, 403, 422].includes(problem.status);
      setFailure(wrong ? { detail: words.wrong } : problem);
    }
  };
  return html`
    <main class="sign-in">
      <div class="hero"><${Wash} glows=${AROUND} /><div class="brand"><${Mark} />${texts.name}</div></div>
      <form onSubmit=${enter}>
        <h1>${words.heading}</h1>
        <p>${again ? texts.states.signedOut : words.lead}</p>
        <label for="token">${words.token}</label>
        <input id="token" type=${shown ? "text" : "password"} value=${token} required autocomplete="current-password"
          spellcheck="false" aria-describedby="token-hint" onInput=${(e) => setToken(e.target.value)} />
        <p id="token-hint" class="small muted">${words.hint}</p>
        <label class="check"><input type="checkbox" checked=${shown} onChange=${(e) => setShown(e.target.checked)} />
          <span>${words.show}</span></label>
        ${failure && html`<${FailedLine} failure=${failure} />`}
        <button class="primary" disabled=${!token.trim()}>${words.enter}</button>
      </form>
    </main>
  `;
}
