// The map's points as they come from the service, and which of them lies near a place.

/** Bytes of a base64 text. */
function bytes(text) {
  const raw = atob(text);
  const found = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) found[i] = raw.charCodeAt(i);
  return found;
}

const CELLS = 256;
const FULL = 65535;
const cellOf = (v) => Math.min(CELLS - 1, Math.max(0, Math.floor(v * CELLS)));

/** Points on the plane: `places` uint16 [valence, arousal, ...] of 65535ths, `mood` uint8,
 * `row` uint32. A grid finds the nearest without looking at all. */
export class Points {
  constructor({ generation, moods, points, tracks, valence, arousal, mood, row }) {
    const [v, a] = [new Uint16Array(bytes(valence).buffer), new Uint16Array(bytes(arousal).buffer)];
    Object.assign(this, { generation, moods, n: points, tracks });
    this.places = new Uint16Array(2 * points);
    for (let i = 0; i < points; i += 1) this.places.set([v[i], a[i]], 2 * i);
    this.mood = bytes(mood);
    this.row = new Uint32Array(bytes(row).buffer);
    this.#sortIntoCells();
  }

  place(i) {
    return [this.places[2 * i] / FULL, this.places[2 * i + 1] / FULL];
  }

  #sortIntoCells() {
    this.starts = new Uint32Array(CELLS * CELLS + 1);
    const cell = new Uint32Array(this.n);
    for (let i = 0; i < this.n; i += 1) {
      cell[i] = cellOf(this.places[2 * i] / FULL) + CELLS * cellOf(this.places[2 * i + 1] / FULL);
      this.starts[cell[i] + 1] += 1;
    }
    for (let c = 0; c < CELLS * CELLS; c += 1) this.starts[c + 1] += this.starts[c];
    const next = this.starts.slice();
    this.sorted = new Uint32Array(this.n);
    for (let i = 0; i < this.n; i += 1) this.sorted[next[cell[i]]++] = i;
  }

  /** The point nearest to a place and within `reach` of it, or null. */
  nearest([v, a], reach) {
    let [best, least] = [null, reach * reach];
    for (let y = cellOf(a - reach); y <= cellOf(a + reach); y += 1) {
      const [from, to] = [cellOf(v - reach) + CELLS * y, cellOf(v + reach) + CELLS * y];
      for (let at = this.starts[from]; at < this.starts[to + 1]; at += 1) {
        const i = this.sorted[at];
        const square = (this.places[2 * i] / FULL - v) ** 2 + (this.places[2 * i + 1] / FULL - a) ** 2;
        if (square < least) [best, least] = [i, square];
      }
    }
    return best;
  }
}
