// Draws the map's points without a graphics card: pixel by pixel, which is faster than a canvas's own
// shapes, and than WebGL that the processor has to do.

import { pointSize, scaleOf, toPlace } from "./map_camera.js";

const FULL = 65535;
/** Pixels around what is shown that may be drawn into: no point is larger than twice that. */
const PAD = 12;
/** Less of a pixel than this is left out: an edge that nobody sees costs as much as one that is seen. */
const LEAST_SHARE = 0.12;

/** Whether a disc is an even number of pixels across: then its middle lies between two. */
const isEven = (size) => Math.round(size) % 2 === 0;

/** The pixels of a disc: how far each lies from the middle's first byte, and its share in 256ths. */
function discOf(size, width, alpha) {
  const [offsets, shares] = [[], []];
  const middle = isEven(size) ? 0.5 : 0;
  const reach = Math.min(PAD - 1, Math.ceil(size / 2));
  for (let y = -reach; y <= reach; y += 1) {
    for (let x = -reach; x <= reach; x += 1) {
      const share = Math.min(1, size / 2 + 0.5 - Math.hypot(x - middle, y - middle));
      if (share < LEAST_SHARE) continue;
      offsets.push(4 * (y * width + x));
      shares.push(Math.round(256 * share * alpha));
    }
  }
  return { offsets: Int32Array.from(offsets), shares: Int32Array.from(shares) };
}

/** A function (camera, box, look) that draws the points into a canvas's context. */
export function byPixel(context, points) {
  let image = null;
  return (camera, box, look) => {
    const { width, height } = context.canvas;
    if (image?.width !== width + 2 * PAD || image.height !== height + 2 * PAD) {
      image = context.createImageData(width + 2 * PAD, height + 2 * PAD);
    }
    paint(image, points, camera, box, look);
    context.putImageData(image, -PAD, -PAD);
  };
}

function paint({ data, width, height }, points, camera, box, look) {
  const [r, g, b] = look.paper;
  // The paper's colour, but clear: what is drawn over it is opaque, and already mixed with it.
  new Uint32Array(data.buffer).fill(new Uint32Array(Uint8Array.of(r, g, b, 0).buffer)[0]);
  const size = pointSize(camera, box, points.n) * box.ratio;
  const { offsets, shares } = discOf(size, width, look.alpha);
  const scale = (scaleOf(camera, box) * box.ratio) / FULL;
  const [left, top] = toPlace(camera, box, [0, 0]);
  const first = isEven(size) ? PAD - 0.5 : PAD;
  const [startX, startY] = [first - left * FULL * scale, first + top * FULL * scale];
  const colors = Int32Array.from(look.colors.flat());
  const { places, mood, n } = points;
  for (let i = 0; i < n; i += 1) {
    const x = (startX + places[2 * i] * scale) | 0;
    const y = (startY - places[2 * i + 1] * scale) | 0;
    if (x < PAD || y < PAD || x >= width - PAD || y >= height - PAD) continue;
    const middle = 4 * (y * width + x);
    const color = 3 * mood[i];
    const [red, green, blue] = [colors[color], colors[color + 1], colors[color + 2]];
    for (let k = 0; k < offsets.length; k += 1) {
      const at = middle + offsets[k];
      const share = shares[k];
      data[at] += ((red - data[at]) * share) >> 8;
      data[at + 1] += ((green - data[at + 1]) * share) >> 8;
      data[at + 2] += ((blue - data[at + 2]) * share) >> 8;
      data[at + 3] = 255;
    }
  }
}
