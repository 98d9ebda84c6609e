// The map's surface: draws, pans, zooms, and names the track under the pointer.

import { api, Failure } from "./api.js";
import { Icon } from "./icons.js";
import { panned, scaleOf, toPlace, toScreen, WHOLE, zoomed } from "./map_camera.js";
import { colorsOf, drawerOf } from "./map_drawing.js";
import { texts } from "./texts.js";
import { byWhom, called } from "./tracks.js";
import { html, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./view.js";

const REACH_PX = 14;
const RESTED_MS = 90;
const KEY_PX = 60;
const KEY_ZOOM = 1.5;
const CLICK_PX = 5;
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ZOOMS = { "+": KEY_ZOOM, "=": KEY_ZOOM, "-": 1 / KEY_ZOOM, _: 1 / KEY_ZOOM };

/** Tracks by row of one generation of the catalog. */
function useNames(points, missed) {
  const names = useRef(new Map());
  return useCallback(
    async (i) => {
      const row = points.row[i];
      if (!names.current.has(row)) {
        try {
          names.current.set(row, await api.pointTrack(row, points.generation));
        } catch (failure) {
          if (!(failure instanceof Failure)) throw failure;
          missed(failure);
          return null;
        }
      }
      return { ...names.current.get(row), at: points.place(i) };
    },
    [points],
  );
}

/** The size of an element, as long as it is there: {width, height, ratio}. */
function useBox(element) {
  const [box, setBox] = useState(null);
  useLayoutEffect(() => {
    const measure = () => {
      const { width, height } = element.current.getBoundingClientRect();
      setBox({ width, height, ratio: Math.min(devicePixelRatio || 1, 2) });
    };
    const watch = new ResizeObserver(measure);
    watch.observe(element.current);
    measure();
    return () => watch.disconnect();
  }, []);
  return box;
}

/** Counts up when the colours of the page change. */
function useScheme() {
  const [scheme, setScheme] = useState(0);
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const turn = () => setScheme((n) => n + 1);
    dark.addEventListener("change", turn);
    return () => dark.removeEventListener("change", turn);
  }, []);
  return scheme;
}

export function MapCanvas({ points, moods, lit, chosen, choose, missed, card }) {
  const [frame, canvas] = [useRef(null), useRef(null)];
  const box = useBox(frame);
  const scheme = useScheme();
  const [camera, setCamera] = useState(WHOLE);
  const [hovered, setHovered] = useState(null);
  const nameOf = useNames(points, missed);
  useDrawing({ canvas, points, moods, box, camera, scheme });
  useEffect(() => {
    if (chosen && box && !inSight(camera, box, chosen.at)) {
      setCamera({ ...camera, valence: chosen.at[0], arousal: chosen.at[1] });
    }
  }, [chosen]);

  const near = (pixel) => points.nearest(toPlace(camera, box, pixel), REACH_PX / scaleOf(camera, box));
  const pick = async (pixel) => {
    const i = near(pixel);
    const track = i === null ? null : await nameOf(i);
    if (track) choose(track);
  };
  const hand = useHand({ frame, box, camera, setCamera, near, nameOf, setHovered, pick });
  const onKeyDown = (event) => {
    const zoom = ZOOMS[event.key];
    const way = ARROWS[event.key];
    if (zoom) setCamera(zoomed(camera, box, zoom));
    else if (way) setCamera(panned(camera, box, way[0] * KEY_PX, way[1] * KEY_PX));
    else if (event.key === "Enter") pick([box.width / 2, box.height / 2]);
    else if (event.key === "Escape" && chosen) choose(null);
    else return;
    event.preventDefault();
  };
  return html`
    <div class="map-stage">
      <div class="map-canvas" ref=${frame} role="application" tabindex="0" aria-label=${texts.map.label} aria-describedby="map-keys"
        onKeyDown=${onKeyDown} ...${hand}>
        <canvas ref=${canvas} />
        ${box && html`
          <${Over} camera=${camera} box=${box} moods=${moods} lit=${lit} chosen=${chosen} hovered=${hovered} />`}
        <span class="crosshair" aria-hidden="true" />
      </div>
      ${card && box && html`
        <div class=${toScreen(camera, box, chosen.at)[1] > box.height / 2 ? "map-card-place" : "map-card-place low"}>${card}</div>`}
      <${Buttons} zoom=${(factor) => setCamera(zoomed(camera, box, factor))} whole=${() => setCamera(WHOLE)} />
    </div>
    <p class="small muted keys" id="map-keys">${texts.map.keys}</p>
  `;
}

function inSight(camera, box, at) {
  const [x, y] = toScreen(camera, box, at);
  return x > 0 && y > 0 && x < box.width && y < box.height;
}

function useDrawing({ canvas, points, moods, box, camera, scheme }) {
  const [drawer, draw, frame] = [useRef(null), useRef(null), useRef(0)];
  const colors = useMemo(() => colorsOf(points.moods, moods), [points, moods, scheme]);
  const [lives, setLives] = useState(0); // a graphics context can be lost, and given back
  useEffect(() => {
    const element = canvas.current;
    const lost = (event) => event.preventDefault();
    const back = () => setLives((n) => n + 1);
    element.addEventListener("webglcontextlost", lost);
    element.addEventListener("webglcontextrestored", back);
    return () => {
      element.removeEventListener("webglcontextlost", lost);
      element.removeEventListener("webglcontextrestored", back);
    };
  }, []);
  useLayoutEffect(() => {
    drawer.current = drawerOf(canvas.current, points);
    canvas.current.dataset.drawn = drawer.current.kind;
  }, [points, lives]);
  useLayoutEffect(() => {
    if (!box) return undefined;
    const wanted = [Math.round(box.width * box.ratio), Math.round(box.height * box.ratio)];
    const element = canvas.current;
    if (element.width !== wanted[0] || element.height !== wanted[1]) [element.width, element.height] = wanted;
    const look = { ...colors, alpha: points.n > 50_000 ? 0.55 : 0.75 };
    // A frame that is under way is kept, and draws what is newest when it comes: were it called off
    // and asked for again with each movement, a hand that never rests would see nothing drawn.
    draw.current = () => drawer.current.draw(camera, box, look);
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      draw.current();
    });
    return undefined;
  }, [points, box, camera, colors, lives]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
}

/** What the pointer does: drags, pinches, wheels, hovers, clicks. */
function useHand({ frame, box, camera, setCamera, near, nameOf, setHovered, pick }) {
  const pointers = useRef(new Map());
  const moved = useRef(0);
  const rest = useRef(0);
  const now = useRef({});
  now.current = { box, camera };
  const pixelOf = (event) => {
    const { left, top } = frame.current.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  useEffect(() => {
    // A wheel listener that may hold the page still has to be put on by hand.
    const onWheel = (event) => {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015));
      const pixel = pixelOf(event);
      setCamera((before) => zoomed(before, now.current.box, factor, pixel));
    };
    const element = frame.current;
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      element.removeEventListener("wheel", onWheel);
      clearTimeout(rest.current);
    };
  }, []);
  const hover = (pixel) => {
    clearTimeout(rest.current);
    rest.current = setTimeout(async () => {
      const i = near(pixel);
      setHovered(i === null ? null : await nameOf(i));
    }, RESTED_MS);
  };
  const drag = (event) => {
    const before = [...pointers.current.values()];
    pointers.current.set(event.pointerId, pixelOf(event));
    const after = [...pointers.current.values()];
    const mean = (all, axis) => all.reduce((sum, pixel) => sum + pixel[axis], 0) / all.length;
    const [dx, dy] = [0, 1].map((axis) => mean(after, axis) - mean(before, axis));
    moved.current += Math.hypot(dx, dy);
    setCamera((was) => {
      const next = panned(was, now.current.box, dx, dy);
      if (after.length !== 2) return next;
      const gap = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
      return zoomed(next, now.current.box, gap(after) / gap(before), [mean(after, 0), mean(after, 1)]);
    });
  };
  const lift = (event) => {
    if (!pointers.current.delete(event.pointerId)) return;
    if (event.type === "pointerup" && !pointers.current.size && moved.current < CLICK_PX) pick(pixelOf(event));
  };
  return {
    onPointerDown: (event) => {
      if (event.button) return;
      if (!pointers.current.size) moved.current = 0;
      pointers.current.set(event.pointerId, pixelOf(event));
      frame.current.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event) => (pointers.current.has(event.pointerId) ? drag(event) : hover(pixelOf(event))),
    onPointerUp: lift,
    onPointerCancel: lift,
    onPointerLeave: () => {
      clearTimeout(rest.current);
      setHovered(null);
    },
  };
}

/** What lies over the points: the axes, the list's tracks, the one that is chosen or pointed at. */
function Over({ camera, box, moods, lit, chosen, hovered }) {
  const spot = (at) => {
    const [x, y] = toScreen(camera, box, at);
    return { transform: `translate(${x}px, ${y}px)` };
  };
  return html`
    <div class="over" aria-hidden="true">
      <span class="axis top">${texts.pad.high}</span><span class="axis bottom">${texts.pad.low}</span>
      <span class="axis left">${texts.pad.left}</span><span class="axis right">${texts.pad.right}</span>
      ${lit.map((track) => html`
        <span key=${track.track_id} class="lit-dot" style=${{ ...spot(track.at), "--mood": moods.color(track.mood) }}><span class="figure">${track.rank}</span></span>`)}
      ${chosen && html`<span class="named" style=${{ ...spot(chosen.at), "--mood": moods.color(chosen.mood) }} />`}
      ${hovered && html`
        <span class="named" style=${{ ...spot(hovered.at), "--mood": moods.color(hovered.mood) }}>
          <span class=${toScreen(camera, box, hovered.at)[0] > box.width / 2 ? "name-tag to-left" : "name-tag"}>
            <strong>${called(hovered)}</strong><span>${byWhom(hovered)}</span></span></span>`}
    </div>
  `;
}

const Buttons = ({ zoom, whole }) => html`
  <div class="map-buttons">
    <button type="button" class="icon-button" aria-label=${texts.map.zoomIn} title=${texts.map.zoomIn} onClick=${() => zoom(KEY_ZOOM)}><${Icon} name="plus" /></button>
    <button type="button" class="icon-button" aria-label=${texts.map.zoomOut} title=${texts.map.zoomOut} onClick=${() => zoom(1 / KEY_ZOOM)}><${Icon} name="minus" /></button>
    <button type="button" class="icon-button" aria-label=${texts.map.whole} title=${texts.map.whole} onClick=${whole}><${Icon} name="whole" /></button>
  </div>
`;
