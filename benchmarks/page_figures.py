"""Take the pictures of the page that README shows, of a made-up sample alone.

    python benchmarks/page_figures.py [--model demo/output/model] [--out docs/figures]

Without --model a sample of 20,000 tracks is made and trained first. It needs Playwright and
Debian's Chromium; the service listens on loopback, and keeps what it stores in a temporary folder.
"""

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from moodtune.artifacts import save_bundle
from moodtune.atomic import atomic_file
from moodtune.pipeline import train
from moodtune.samples import SampleSettings, write_samples
from moodtune.serving.models import Models
from moodtune.serving.settings import ServingSettings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from page_worlds import launched, running

WIDE, TALL, PHONE = (1280, 800), (1280, 860), (390, 822)
#: Of 100: less shows around letters.
QUALITY = 90


@dataclass(frozen=True)
class Picture:
    """A state of the page."""

    size: tuple[int, int]
    scheme: str
    fragment: str
    reach: Callable[[Any], object]
    glows: bool = True  # has shades; single points take less where nothing is lost


def see_list(page: Any) -> None:
    page.wait_for_selector(".row")


def see_map(page: Any) -> None:
    see_list(page)
    page.get_by_role("button", name="Map", exact=True).click()
    page.wait_for_selector(".lit li:nth-child(10)")


def answer_two(page: Any) -> None:
    page.get_by_role("tab", name="Be asked").click()
    page.wait_for_selector(".card")
    page.get_by_role("button", name="Skip", exact=True).click()
    page.wait_for_selector(".card legend:has-text('Question 2')")
    page.evaluate("document.querySelector('.tabs').scrollIntoView()")


def see_journey(page: Any) -> None:
    page.wait_for_selector(".stop")


PICTURES = {
    "page-list": Picture(WIDE, "light", "#mood=melancholy:0.6&mood=calm:0.4", see_list),
    "page-map": Picture(TALL, "dark", "#mood=relax:1&mood=party:1", see_map, glows=False),
    "page-questions": Picture(PHONE, "light", "", answer_two),
    "page-journey": Picture(WIDE, "dark", "#at=0.120,0.180&to=0.820,0.650", see_journey),
}


def sample_model(folder: Path) -> Path:
    tables = write_samples(folder / "input", SampleSettings(tracks=20_000, listeners=520, seed=7))
    save_bundle(train(tables.tracks, tables.listeners).bundle, folder / "model")
    return folder / "model"


def take(browser: Any, url: str, picture: Picture) -> bytes:
    width, height = picture.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        is_mobile=picture.size == PHONE,
    )
    page.goto(f"{url}/{picture.fragment}")
    page.wait_for_selector(".page")
    picture.reach(page)
    page.wait_for_load_state("networkidle")
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    packed = io.BytesIO()
    taken.save(packed, "webp", method=6, quality=QUALITY, lossless=not picture.glows)
    return packed.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/figures"))
    asked = parser.parse_args()
    if shutil.which("chromium") is None:
        sys.exit("there is no chromium on the PATH: apt-get install chromium")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        models = Models(asked.model or sample_model(folder), ServingSettings(), generation=1)
        if not models.current.bundle.manifest.synthetic:
            sys.exit(f"{asked.model} is of real tables, whose rows are not for pictures")
        with running(models, folder) as (site, _), sync_playwright() as playwright:
            browser = launched(playwright)
            for name, picture in PICTURES.items():
                content = take(browser, site.url, picture)
                with atomic_file(asked.out / f"{name}.webp") as work:
                    work.write_bytes(content)
                print(f"{asked.out / name}.webp: {len(content):,} bytes")
            browser.close()


if __name__ == "__main__":
    main()
