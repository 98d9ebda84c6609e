"""How smoothly the page's map moves: 100,000 points, panned and zoomed by a hand that never rests.

What is measured is the time between two frames of the browser (``requestAnimationFrame``), all of
it: the page's own work, the drawing of the points, and putting it on the screen.
"""

from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import numpy as np
import polars as pl

from moodtune.moods.scores import MoodScores
from moodtune.seeding import derive
from moodtune.serving.documenting import JSON
from moodtune.serving.messages import MapAnswer
from moodtune.serving.mood_map import MoodMap

POINTS = 100_000
SIZE = {"width": 1280, "height": 800}
SECONDS = 4.0
#: Counts how often the points are drawn.
_COUNT = """
window.drawn = 0;
const counted = (kind, name) => {
  const draw = kind.prototype[name];
  kind.prototype[name] = function (...given) { window.drawn += 1; return draw.apply(this, given); };
};
counted(WebGLRenderingContext, "drawArrays");
counted(CanvasRenderingContext2D, "putImageData");
"""
#: Zooms between 1 and 7.4 and back and drags in circles, a step a frame: what lay between frames.
_MOVE = """async (ms) => {
  const map = document.querySelector(".map-canvas");
  map.setPointerCapture = () => {}; // of a pointer that is none
  const box = map.getBoundingClientRect();
  const at = (x, y) =>
    ({ clientX: box.left + x * box.width, clientY: box.top + y * box.height, bubbles: true });
  const point = (kind, x, y) =>
    map.dispatchEvent(new PointerEvent(kind, { ...at(x, y), pointerId: 1 }));
  const wheel = (deltaY) =>
    map.dispatchEvent(new WheelEvent("wheel", { ...at(0.5, 0.5), deltaY, cancelable: true }));
  const frame = () =>
    new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
  const height = (turn) => 1 - Math.cos(turn / 2); // the logarithm of the zoom
  point("pointerdown", 0.5, 0.5);
  const gaps = [];
  window.drawn = 0;
  const began = await frame();
  for (let before = began, last = 0, now, turn; before - began < ms; before = now, last = turn) {
    turn = (before - began) / 300;
    point("pointermove", 0.5 + 0.2 * Math.sin(turn), 0.3 + 0.2 * Math.cos(turn));
    wheel((height(last) - height(turn)) / 0.0015);
    now = await frame();
    gaps.push(now - before);
  }
  point("pointerup", 0.5, 0.5);
  return [gaps, window.drawn];
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """The way to draw, the size of the points' answer, and the milliseconds between frames.

    ``drawn``  how often the points were drawn anew: with each frame, or the map lags behind
    """

    kind: str
    bytes: int
    gaps_ms: list[float]
    drawn: int

    @property
    def p95_ms(self) -> float:
        return float(np.percentile(self.gaps_ms, 95))

    def line(self) -> str:
        return (
            f"the map, {POINTS:,} points, drawn by {self.kind}: {len(self.gaps_ms)} frames in "
            f"{SECONDS:g} s, drawn {self.drawn} times, {np.median(self.gaps_ms):.1f} ms between "
            f"two, p95 {self.p95_ms:.1f} ms"
        )


def made_up_points(generation: int, moods: tuple[str, ...]) -> bytes:
    """Return an answer of ``GET /v1/map`` that is as full as it gets: one crowd per mood."""
    rng = derive(1, "points of a map")
    leading = rng.integers(len(moods), size=POINTS)
    middles = rng.uniform(0.2, 0.8, (len(moods), 2))
    at = np.clip(rng.normal(middles[leading], 0.12), 0, 1).astype(np.float32)
    scores = MoodScores(
        moods=moods,
        probabilities=np.eye(len(moods), dtype=np.float32)[leading],
        valence=at[:, 0],
        arousal=at[:, 1],
        confidence=np.ones(POINTS, dtype=np.float32),
    )
    ids = pl.Series([str(number) for number in range(POINTS)])
    shown = MoodMap(ids, scores).points(POINTS)
    return msgspec.json.encode(
        MapAnswer(
            generation=generation, moods=list(moods), points=shown.n, tracks=POINTS,
            valence=shown.valence, arousal=shown.arousal, mood=shown.mood, row=shown.row,
        )
    )  # fmt: skip


def map_frames(browser: Any, url: str) -> Frames:
    """Open the map with as many points as there can be, and move it."""
    told = httpx.get(f"{url}/v1/map?points=1").json()
    body = made_up_points(told["generation"], tuple(told["moods"]))
    page = browser.new_page(viewport=SIZE)
    page.add_init_script(_COUNT)
    page.route("**/v1/map?*", lambda route: route.fulfill(body=body, content_type=JSON))
    page.goto(f"{url}/#mood=relax:1")
    page.wait_for_selector(".row")
    page.get_by_role("button", name="Map", exact=True).click()
    page.locator("canvas[data-drawn]").wait_for()
    page.locator(".lit-dot").nth(9).wait_for(state="attached")
    gaps, drawn = page.evaluate(_MOVE, 1000 * SECONDS)
    kind = page.locator("canvas").get_attribute("data-drawn")
    page.close()
    return Frames(kind=kind, bytes=len(body), gaps_ms=gaps, drawn=drawn)
