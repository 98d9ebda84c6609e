"""The page for everybody: screen readers, keyboards, phones, other languages, slow lines."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import moodtune.serving
from page_worlds import LISTENER, NARROW, PHONE, WIDE, Visit, expect, new_window, watched

PAGE = Path(moodtune.serving.__file__).parent / "page"
LISTS = "**/v1/recommendations"
MIX = "#mood=relax:0.5&mood=melancholy:0.5&genres=jazz&year=1950,2030"


def open_why(here) -> None:
    here.rows().nth(1).get_by_role("button", name=re.compile("^Why ")).click()
    here.page.wait_for_selector(".from-here")


def say_things(here) -> None:
    here.rows().nth(0).get_by_role("button", name=re.compile("^Like ")).click()
    here.rows().nth(2).get_by_title("Not in this mood").click()


def open_questions(here) -> None:
    here.tab("Be asked")
    here.page.wait_for_selector(".card")


def open_map(here) -> None:
    here.rows()
    here.map()
    here.page.locator(".lit button").first.click()
    here.page.wait_for_selector(".from-here")


def open_sheet(name):
    def opened(here) -> None:
        here.rows()
        here.button(name).click()
        here.page.wait_for_selector("dialog[open] .sheet-body:not(:has(.working))")

    return opened


def confirm_forgetting(here) -> None:
    open_sheet("What is stored")(here)
    here.button("Delete everything").click()


def fail(here) -> None:
    here.rows()
    here.page.route(LISTS, lambda route: route.abort())
    here.button("Ask again").click()
    here.page.wait_for_selector(".notice")


#: Keeps every text that the page could have taken from its texts.
KEEP_WORDS = """
window.words = new Set();
const kept = (value) => typeof value === "string" ? (words.add(value), value)
  : typeof value === "function" ? (...given) => kept(value(...given))
  : value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, kept(inner)])) : value;
for (const key of Object.keys(texts)) texts[key] = kept(texts[key]);
"""
KEEP_ANSWERS = """
window.answered = [];
const ask = window.fetch;
window.fetch = async (...given) => {
  const answer = await ask(...given);
  if ((answer.headers.get("content-type") ?? "").includes("json")) answered.push(await answer.clone().json());
  return answer;
};
"""
SHOWN = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_ALL);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentNode.tagName !== "TEXTAREA") found.push(node.data);  // titles and artists
    }
    else for (const name of ["aria-label", "title", "placeholder", "aria-valuetext", "alt"])
      if (node.getAttribute?.(name)) found.push(node.getAttribute(name));
  }
  return found;
}"""


def strings(value) -> set[str]:
    if isinstance(value, str):
        return {value.casefold().strip(" .")}
    if isinstance(value, dict):
        return {k.casefold() for k in value} | {s for v in value.values() for s in strings(v)}
    return {s for v in value for s in strings(v)} if isinstance(value, list) else set()


def is_data(text: str, data: set[str]) -> bool:
    """Whether a text is a figure, the service's, or a row of the service's with shares."""
    pieces = re.split(r", | and |: ", text)
    bare = [re.sub(r"\s*[\d.]+\s*%$", "", piece).casefold().strip(" .") for piece in pieces]
    known = text.casefold().strip(" .") in data or all(piece in data for piece in bare)
    return known or not re.search(r"[^\W\d_]", text)


STATES = {
    "empty": ("", lambda here: here.page.wait_for_selector(".empty")),
    "why": (MIX, open_why),
    "rated": ("#mood=calm:1", say_things),
    "journey": ("#at=0.2,0.2&to=0.8,0.6", lambda here: here.page.wait_for_selector(".stop")),
    "questions": ("", open_questions),
    "map": ("#mood=party:1", open_map),
    "limits": (MIX, open_sheet(re.compile("^Limits"))),
    "take": ("#mood=calm:1", open_sheet("Save and take away")),
    "saved": ("#mood=calm:1", open_sheet("Saved lists")),
    "forget": ("#mood=calm:1", confirm_forgetting),
    "failed": ("#mood=calm:1", fail),
}


#: What still fades in has not the colours yet that it will have.
AT_REST = """() => Promise.allSettled(document.getAnimations()
  .filter((moving) => moving.effect.getComputedTiming().endTime !== Infinity).map((moving) => moving.finished))"""


def violations(page, **options) -> list[str]:
    """What axe-core finds, as a reader can use it."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(AT_REST)
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {node['html'][:200]}" for v in found for node in v["nodes"]]


@pytest.fixture(scope="module")
def keeping(browser) -> Any:
    """A window that keeps the words that the page could have, and what it was answered."""
    page = new_window(browser)
    words = (PAGE / "texts.js").read_text(encoding="utf-8") + KEEP_WORDS
    page.route(
        "**/page/texts.js", lambda route: route.fulfill(body=words, content_type="text/javascript")
    )
    page.add_init_script(KEEP_ANSWERS)
    return page


@pytest.fixture(scope="module", params=STATES)
def state(keeping, site, request) -> Iterator[Visit]:
    """The page in one of its states, opened once for all that is asked of it."""
    site.store.forget(LISTENER)
    fragment, reach = STATES[request.param]
    here = watched(keeping, site)
    keeping.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    keeping.goto(site.url + "/" + fragment)
    keeping.wait_for_selector(".page")
    reach(here)
    yield here
    here.leave()
    keeping.unroute(LISTS)
    keeping.goto(site.url + "/healthz")
    assert here.problems == []


def look_in_both_schemes(page) -> list[str]:
    """What axe-core finds in the light, and of what the dark changes, in the dark."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += violations(page, runOnly={"type": "rule", "values": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    return found


def test_axe_finds_nothing(state):
    assert look_in_both_schemes(state.page) == []


def test_every_word_is_from_the_texts_or_from_the_service(state):
    words = set(state.page.evaluate("[...words]"))
    data = strings(state.page.evaluate("answered"))
    strange = [
        text for text in state.page.evaluate(SHOWN) if text not in words and not is_data(text, data)
    ]
    assert strange == []
    assert len(data) > 50


def test_a_phone_shows_all_of_it(state):
    """Runs last of a state's tests: it leaves the page narrow."""
    opened = state.page.locator("dialog[open]").count()
    for width, height in (PHONE, NARROW):
        state.page.set_viewport_size({"width": width, "height": height})
        scrolled = state.page.locator("dialog[open]" if opened else "html")
        assert scrolled.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
    assert violations(state.page, runOnly={"type": "rule", "values": ["target-size"]}) == []


def test_axe_finds_nothing_where_one_signs_in(visit):
    signed_out = {"status": 401, "body": "{}"}
    here = visit(ready=".sign-in", routes={"**/v1/me": lambda route: route.fulfill(**signed_out)})
    assert look_in_both_schemes(here.page) == []


def press(here, *keys: str) -> None:
    for key in keys:
        here.page.keyboard.press(key)


def focused(here) -> str:
    return here.page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    )


def test_the_keyboard_alone_is_enough(visit):
    here = visit()
    press(here, "Tab")
    assert focused(here) == "Skip to the list"
    for _ in range(40):
        press(here, "Tab")
        if focused(here) == "calm":
            break
    press(here, "Enter")
    here.rows()
    here.page.locator(".skip-link").focus()
    press(here, "Enter")
    assert here.page.evaluate("document.activeElement.id") == "results"
    for _ in range(20):
        press(here, "Tab")
        if focused(here).startswith("Not in") or "in this mood" in focused(here):
            break
    title = here.titles()[0]
    assert focused(here) == f"Skip {title} in this mood"
    press(here, "Enter")
    expect(here.button(f"Undo for {title}")).to_be_focused()
    press(here, "Enter")
    expect(here.button(f"Skip {title} in this mood")).to_be_focused()
    here.button("Limits").focus()
    press(here, "Enter")
    expect(here.page.get_by_role("dialog")).to_be_visible()
    press(here, "Escape")
    expect(here.page.get_by_role("dialog")).to_have_count(0)
    expect(here.button("Limits")).to_be_focused()


def test_arrow_keys_go_along_the_ways_to_say_it(visit):
    here = visit()
    here.page.get_by_role("tab", name="Pick a mood").focus()
    press(here, "ArrowRight")
    expect(here.page.get_by_role("tab", name="Point at it")).to_be_focused()
    expect(here.page.locator(".pad")).to_be_visible()
    press(here, "ArrowLeft", "ArrowLeft")
    expect(here.page.get_by_role("tab", name="Be asked")).to_be_focused()


def test_after_an_answer_the_keyboard_stands_at_the_next_question(visit):
    here = visit()
    open_questions(here)
    here.button("Skip").focus()
    press(here, "Enter")
    expect(here.page.locator(".card legend")).to_contain_text("Question 2")
    expect(here.page.locator(".card legend")).to_be_focused()


def test_on_a_phone_the_list_is_one_press_away(visit):
    here = visit(size=PHONE)
    here.button("calm").click()
    here.page.locator(".jump").click()
    expect(here.page.locator(".list-head h2")).to_be_in_viewport()
    expect(here.page.locator(".jump")).to_have_count(0)


def test_who_wants_no_motion_gets_none(visit):
    here = visit("#mood=calm:1", reduced_motion="reduce")
    bar = here.rows().first.locator(".meter span")
    here.button("Limits").click()
    sheet = here.page.get_by_role("dialog")
    expect(sheet).to_have_css("animation-name", "none")
    expect(bar).to_have_css("transition-duration", "0s")
    here.page.emulate_media(reduced_motion="no-preference")
    expect(sheet).to_have_css("animation-name", "rise")
    expect(bar).not_to_have_css("transition-duration", "0s")


def test_the_first_load_is_small_and_asks_nobody_else(visit):
    sizes = {}
    here = visit(prepare=lambda page: page.on("response", lambda r: sizes.setdefault(r.url, r)))
    here.button("calm").click()
    here.rows()
    total = sum(r.request.sizes()["responseBodySize"] for r in sizes.values())
    assert 50_000 < total <= 300_000
    unpacked = sum(len(r.body()) for r in sizes.values() if r.request.method == "GET")
    assert unpacked <= 350_000  # without the service's packing, too, it is not much more


def test_what_the_first_load_needs_is_asked_for_at_once():
    needed, left = set(), ["app.js"]
    while left:
        name = left.pop()
        needed.add(name)
        imported = re.findall(r'from "\./([^"]+)"', (PAGE / name).read_text(encoding="utf-8"))
        left += [other for other in imported if other not in needed]
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'rel="modulepreload" href="page/([^"]+)"', index)
    assert sorted(named) == sorted(needed - {"app.js"})


def test_the_policy_of_the_page_allows_no_inline_script_and_no_other_host(site):
    policy = httpx.get(site.url).headers["content-security-policy"]
    parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert parts["default-src"] == "'none'"
    for kind in ("script-src", "style-src", "font-src", "connect-src", "img-src"):
        assert parts[kind] in {"'self'", "'self' data:"}
