// Parts of the page whose code comes when they are first shown.

import { Sheet } from "./sheet.js";
import { Failed, Working } from "./states.js";
import { texts } from "./texts.js";
import { html, useEffect, useState } from "./view.js";

const inPlace = (props, failed) => failed ?? html`<${Working} rows=${0} />`;
/** A sheet opens when there is something on it. */
const overPage = ({ close }, failed) =>
  failed && html`<${Sheet} name="unloaded" heading=${texts.name} close=${close}>${failed}<//>`;

/** A component that `load` promises; `instead` (props, failed or null) stands in its place until
 * it is there. */
function lazy(load, instead) {
  let Part = null;
  return function Lazy(props) {
    const [state, setState] = useState({ there: Part !== null });
    const ask = () => {
      setState({ there: false });
      load().then(
        (found) => {
          Part = found;
          setState({ there: true });
        },
        () => setState({ there: false, failure: { kind: "unreachable" } }),
      );
    };
    useEffect(() => {
      if (!Part) ask();
    }, []);
    if (state.there) return html`<${Part} ...${props} />`;
    return instead(props, state.failure && html`<${Failed} failure=${state.failure} retry=${ask} />`);
  };
}

export const Pad = lazy(() => import("./pad.js").then((found) => found.Pad), inPlace);
export const Questions = lazy(() => import("./questions.js").then((found) => found.Questions), inPlace);
export const MoodMap = lazy(() => import("./map.js").then((found) => found.MoodMap), inPlace);
export const Limits = lazy(() => import("./limits.js").then((found) => found.Limits), overPage);
export const Take = lazy(() => import("./take.js").then((found) => found.Take), overPage);
export const Saved = lazy(() => import("./saved.js").then((found) => found.Saved), overPage);
export const Mine = lazy(() => import("./mine.js").then((found) => found.Mine), overPage);
