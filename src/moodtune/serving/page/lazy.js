// Parts of the page whose code comes when they are first shown.

import { Sheet } from "./sheet.js";
import { Failed, Working } from "./states.js";
import { texts } from "./texts.js";
import { html, useEffect, useState } from "./view.js";

const inPlace = (props, failed) => failed ?? html`<${Working} rows=${0} />`;
/** A sheet opens when there is something on it. */
const overPage = ({ close }, failed) =>
  failed && html`<${Sheet} name="unloaded" heading=${texts.name} close=${close}>${failed}<//>`;

/** The component `name` of a module; `instead` (props, failed or null) stands in its place until
 * it is there. A browser keeps for good that a module did not come: it is asked for by another
 * address each time. */
function lazy(path, name, instead) {
  let Part = null;
  let failed = 0;
  return function Lazy(props) {
    const [state, setState] = useState({ there: Part !== null });
    const ask = () => {
      setState({ there: false });
      import(failed ? `${path}?again=${failed}` : path).then(
        (found) => {
          Part = found[name];
          setState({ there: true });
        },
        () => {
          failed += 1;
          setState({ there: false, failure: { kind: "unreachable" } });
        },
      );
    };
    useEffect(() => {
      if (!Part) ask();
    }, []);
    if (state.there) return html`<${Part} ...${props} />`;
    return instead(props, state.failure && html`<${Failed} failure=${state.failure} retry=${ask} />`);
  };
}

export const Pad = lazy("./pad.js", "Pad", inPlace);
export const Questions = lazy("./questions.js", "Questions", inPlace);
export const MoodMap = lazy("./map.js", "MoodMap", inPlace);
export const Limits = lazy("./limits.js", "Limits", overPage);
export const Take = lazy("./take.js", "Take", overPage);
export const Saved = lazy("./saved.js", "Saved", overPage);
export const Mine = lazy("./mine.js", "Mine", overPage);
