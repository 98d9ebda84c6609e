// Which part of the plane the map shows.

import { clamp } from "./format.js";

const MOST_ZOOM = 64;
const LEAST_ZOOM = 1;
/** Share of the shorter side that stays free around the whole plane. */
const MARGIN = 0.05;

/** The whole plane in sight. */
export const WHOLE = { zoom: 1, valence: 0.5, arousal: 0.5 };

/** Pixels per unit of the plane, in a box of width and height. */
export const scaleOf = (camera, { width, height }) =>
  Math.min(width, height) * (1 - 2 * MARGIN) * camera.zoom;

/** The pixel of a place, from the box's top left. */
export function toScreen(camera, box, [valence, arousal]) {
  const scale = scaleOf(camera, box);
  return [
    box.width / 2 + (valence - camera.valence) * scale,
    box.height / 2 - (arousal - camera.arousal) * scale,
  ];
}

/** The place at a pixel. */
export function toPlace(camera, box, [x, y]) {
  const scale = scaleOf(camera, box);
  return [camera.valence + (x - box.width / 2) / scale, camera.arousal - (y - box.height / 2) / scale];
}

const kept = (camera) => ({
  zoom: clamp(camera.zoom, LEAST_ZOOM, MOST_ZOOM),
  valence: clamp(camera.valence),
  arousal: clamp(camera.arousal),
});

/** Moved by pixels, as the hand moves the paper. */
export function panned(camera, box, dx, dy) {
  const scale = scaleOf(camera, box);
  return kept({ ...camera, valence: camera.valence - dx / scale, arousal: camera.arousal + dy / scale });
}

/** Zoomed by a factor; what lies under the pixel stays under it. */
export function zoomed(camera, box, factor, pixel = [box.width / 2, box.height / 2]) {
  const under = toPlace(camera, box, pixel);
  const zoom = clamp(camera.zoom * factor, LEAST_ZOOM, MOST_ZOOM);
  const [v, a] = toPlace({ ...camera, zoom }, box, pixel);
  return kept({ zoom, valence: camera.valence + under[0] - v, arousal: camera.arousal + under[1] - a });
}

/** How large a point is drawn, in pixels: larger where fewer are in sight. */
export const pointSize = (camera, { width, height }, n) =>
  clamp((n > 50_000 ? 2 : 2.8) * (Math.min(width, height) / 640) ** 0.5 * camera.zoom ** 0.45, 1.25, 9);
