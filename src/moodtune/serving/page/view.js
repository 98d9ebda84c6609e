// What components are written with: Preact and htm, from vendor/. Text in a template becomes a
// text node, so titles never become markup.

export {
  html,
  render,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./vendor/htm-preact.js";
