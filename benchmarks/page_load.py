"""The page in a browser: how soon a list is there, and how smoothly the map moves.

    python benchmarks/page_load.py [--data DIR | --model DIR] [--times 9]

A fresh ``moodtune serve`` and Debian's Chromium, driven by Playwright, share the machine's cores.

*First load*: in a browser context of its own each time, the cache off, the page is opened, a mood
chip is clicked in the moment it is there, and the time is taken when the list has been drawn; bytes
and requests, of one more visit, are all until then, as they come over the line.

*The map*: the time between frames while 100,000 made-up points are panned and zoomed
(``page_frames.py``). Without a graphics card Chromium draws in software, which is the worst case.

``--data`` and ``--model`` are as for ``serving.py``. Ends with 1 if a bar is missed.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from page_frames import Frames, map_frames
from served import Past, running
from surroundings import find_tables, machine

from serving import trained

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from page_worlds import launched, missing

MOST_BYTES, MOST_MS, MOST_MAP_BYTES, MOST_FRAME_MS = 300_000, 1000.0, 2_000_000, 33.0
#: Clicks the first chip, and tells when the first row has been drawn, in ms since navigation began.
_CLICK = """
window.listed = new Promise((done) => {
  let clicked = false;
  const watch = new MutationObserver(() => {
    const chip = document.querySelector(".chip");
    if (chip && !clicked) {
      clicked = true;
      setTimeout(() => document.querySelector(".chip").click());
    }
    if (!document.querySelector(".body:not(.stale) .row")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  });
  watch.observe(document, { childList: true, subtree: true, attributes: true });
});
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLoad:
    """What one visit took: milliseconds of each, and bytes and requests of one more."""

    listed_ms: list[float]
    bytes: int
    requests: int


def _visit(browser: Any, url: str, received: list[float] | None = None) -> float:
    """Open the page in a context of its own; return when the list was there, in ms.

    The sizes of answers are put into ``received``; to be told of each takes time itself.
    """
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(_CLICK)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if received is None:
        session.send("Network.disable")  # a fresh context has nothing in its cache anyway
    else:
        session.on(
            "Network.loadingFinished", lambda told: received.append(told["encodedDataLength"])
        )
    page.goto(url, wait_until="commit")
    listed = float(page.evaluate("() => window.listed"))
    if received is not None:
        page.wait_for_load_state("networkidle")
    context.close()
    return listed


def first_load(browser: Any, url: str, times: int) -> FirstLoad:
    received: list[float] = []
    _visit(browser, url, received)
    return FirstLoad(
        listed_ms=[_visit(browser, url) for _ in range(times)],
        bytes=int(sum(received)),
        requests=len(received),
    )


def table(load: FirstLoad, frames: Frames) -> tuple[str, bool]:
    bars = [
        ("first load, bytes", float(load.bytes), MOST_BYTES),
        ("list shown, median ms", median(load.listed_ms), MOST_MS),
        ("map's points, bytes", float(frames.bytes), MOST_MAP_BYTES),
        ("map's frames, p95 ms", frames.p95_ms, MOST_FRAME_MS),
    ]
    least, most = min(load.listed_ms), max(load.listed_ms)
    lines = [
        f"first load: {load.requests} requests, {load.bytes:,} bytes",
        f"the list after {least:.0f} to {most:.0f} ms in {len(load.listed_ms)} visits",
        frames.line(),
        "",
        "| what | measured | bar | |",
        "|---|---|---|---|",
        *(
            f"| {name} | {value:,.0f} | {bar:,.0f} | {'met' if value <= bar else 'MISSED'} |"
            for name, value, bar in bars
        ),
    ]
    return "\n".join(lines), all(value <= bar for _, value, bar in bars)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--times", type=int, default=9, help="visits")
    options = parser.parse_args()
    if reason := missing():
        sys.exit(reason)
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="moodtune-page-") as folder:
        scratch = Path(folder)
        model = options.model or trained(find_tables(options.data, scratch), scratch)
        past = Past(database=f"sqlite:///{scratch / 'store.sqlite3'}", tokens=())
        with running(model, past, scratch / "service", workers=1) as service:
            print(f"{machine()}\n")
            with sync_playwright() as playwright:
                browser = launched(playwright)
                load = first_load(browser, service.url, options.times)
                frames = map_frames(browser, service.url)
                browser.close()
    text, met = table(load, frames)
    print(f"{text}\n\nload average at the end {os.getloadavg()[0]:.1f}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
