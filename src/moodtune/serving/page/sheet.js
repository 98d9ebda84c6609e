// A sheet: what opens over the page, and gives the keyboard back when it closes.

import { CloseButton } from "./states.js";
import { html, useEffect, useRef } from "./view.js";

export function Sheet({ name, heading, close, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  // A click on the dialog itself is one on what lies around its content.
  const onClick = (event) => event.target === dialog.current && close();
  return html`
    <dialog class="sheet ${name}" ref=${dialog} aria-labelledby=${`${name}-heading`} onClose=${close} onClick=${onClick}>
      <div class="sheet-body">
        <header><h2 id=${`${name}-heading`}>${heading}</h2><${CloseButton} onClick=${close} /></header>
        ${children}
      </div>
    </dialog>
  `;
}
