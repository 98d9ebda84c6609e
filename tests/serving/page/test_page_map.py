"""The map: the catalog's tracks on the plane, for the hand and for the keyboard."""

import re

import pytest

from page_worlds import expect

MIX = "#mood=relax:1&mood=party:1"
#: Lets the page take the processor's WebGL for a graphics card's.
ANY_WEBGL = """
const context = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return context.call(this, kind, { ...options, failIfMajorPerformanceCaveat: false });
};
const parameter = WebGLRenderingContext.prototype.getParameter;
const names = [0x9246, 0x1f01];
WebGLRenderingContext.prototype.getParameter = function (name) {
  return names.includes(name) ? "a card" : parameter.call(this, name);
};
"""
#: Colors that the map shows, other than the paper's.
COLORS = """() => {
  const shown = document.querySelector(".map-canvas canvas");
  const copy = new OffscreenCanvas(shown.width, shown.height).getContext("2d");
  return new Promise((done) => requestAnimationFrame(() => {
    copy.drawImage(shown, 0, 0);
    const { data } = copy.getImageData(0, 0, shown.width, shown.height);
    const found = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 120) found.add(data.slice(i, i + 3).join());
    done(found.size);
  }));
}"""
PICTURE = "() => document.querySelector('.map-canvas canvas').toDataURL()"
#: Drags with every frame, in the frame itself; counts how often the points were drawn meanwhile.
DRAG = """async (frames) => {
  const map = document.querySelector(".map-canvas");
  map.setPointerCapture = () => {};
  const draw = CanvasRenderingContext2D.prototype.putImageData;
  let drawn = 0;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) { drawn += 1; return draw.apply(this, given); };
  const point = (kind, clientX) =>
    map.dispatchEvent(new PointerEvent(kind, { clientX, clientY: 300, pointerId: 1, bubbles: true }));
  point("pointerdown", 0);
  for (let i = 1; i <= frames; i += 1) {
    await new Promise(requestAnimationFrame);
    point("pointermove", 5 * i);
  }
  CanvasRenderingContext2D.prototype.putImageData = draw;
  point("pointercancel", 0);
  return drawn;
}"""


def test_the_map_is_loaded_when_it_is_opened_and_not_before(visit):
    here = visit(MIX)
    here.rows()
    assert not [url for url in here.asked if "map" in url.removesuffix("map.css")]
    with here.page.expect_response("**/v1/map?*") as answered:
        here.map()
    assert len(answered.value.body()) <= 2_000_000
    expect(here.page.locator(".map-head > p")).to_have_text(
        re.compile(r"^[\d,]+ tracks, each where")
    )


def test_a_graphics_card_draws_the_points(visit):
    here = visit(MIX, prepare=lambda page: page.add_init_script(ANY_WEBGL))
    here.rows()
    here.map()
    if here.page.locator("canvas").get_attribute("data-drawn") != "webgl":
        pytest.skip("this browser has no WebGL, not even one in software")


def test_without_a_graphics_card_the_points_are_drawn_pixel_by_pixel(visit):
    here = visit(MIX)
    here.rows()
    here.map()
    assert here.page.locator("canvas").get_attribute("data-drawn") == "canvas"
    assert here.page.evaluate(COLORS) > 5


def test_a_hand_that_never_rests_sees_the_points_move(visit):
    here = visit(MIX)
    here.rows()
    here.map().scroll_into_view_if_needed()
    before = here.page.evaluate(PICTURE)
    drawn = here.page.evaluate(DRAG, 12)
    assert drawn >= 3  # while it moved, not only in the end
    assert here.page.evaluate(PICTURE) != before


def test_the_tracks_of_the_list_are_lit(visit):
    here = visit(MIX)
    titles = here.titles()
    here.map()
    expect(here.page.locator(".lit-dot")).to_have_count(10)
    assert not [url for url in here.asked if "/v1/tracks" in url]  # the list says where they lie
    assert here.page.locator(".lit strong").all_inner_texts() == titles
    here.button(f"Show {titles[3]} on the map").click()
    expect(here.page.locator(".map-card .title")).to_have_text(titles[3])
    ring = here.page.locator(".named").bounding_box()
    dot = here.page.locator(".lit-dot").nth(3).bounding_box()
    assert (ring["x"], ring["y"]) == pytest.approx((dot["x"], dot["y"]), abs=1)


def test_the_keyboard_pans_zooms_and_names_a_track(visit):
    here = visit(MIX)
    here.rows()
    surface = here.map()
    expect(here.page.locator(".lit-dot")).to_have_count(10)
    place = "getComputedStyle(document.querySelector('.lit-dot')).transform"
    surface.focus()
    before = here.page.evaluate(place)
    here.page.keyboard.press("ArrowLeft")
    panned = here.page.evaluate(place)
    here.page.keyboard.press("+")
    assert len({before, panned, here.page.evaluate(place)}) == 3
    here.button("See it all").click()
    expect(here.page.locator(".lit-dot").first).to_have_css("transform", before)
    surface.focus()
    for _ in range(40):  # nearer, until some track lies in the middle
        here.page.keyboard.press("Enter")
        here.page.evaluate("0")  # by now it is known what the key has asked for
        if any("/v1/map/" in url for url in here.asked):
            break
        here.page.keyboard.press("ArrowUp")
    assert here.page.locator(".map-card .title").inner_text()
    here.page.keyboard.press("Escape")
    expect(here.page.locator(".map-card")).to_have_count(0)


def lit_pixel(here) -> tuple[float, float]:
    box = here.page.locator(".lit-dot span").first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_pointing_names_a_track_and_a_click_goes_on_from_it(visit):
    here = visit("#mood=relax:1&n=1")
    [title] = here.titles()
    here.map()
    expect(here.page.locator(".lit-dot")).to_have_count(1)
    here.page.mouse.move(*lit_pixel(here))
    expect(here.page.locator(".name-tag strong")).to_have_text(title)
    here.page.mouse.click(*lit_pixel(here))
    expect(here.page.locator(".map-card .title")).to_have_text(title)
    with here.page.expect_request("**/v1/recommendations") as asked:
        here.button("Start a journey here").click()
    start = asked.value.post_data_json["journey"]["start"]
    expect(here.page.get_by_role("slider", name="Where you want to be")).to_be_visible()
    assert "to=" in here.page.url
    assert f"at={start[0]:.3f}%2C{start[1]:.3f}" in here.page.url


def test_the_wheel_zooms_and_a_drag_pans(visit):
    here = visit("#mood=relax:1&n=1")
    here.rows()
    here.map()
    expect(here.page.locator(".lit-dot")).to_have_count(1)
    x, y = lit_pixel(here)
    here.page.mouse.move(x, y)
    before = here.page.evaluate(PICTURE)
    here.page.mouse.wheel(0, -400)
    here.until(lambda: here.page.evaluate(PICTURE) != before, True)
    assert lit_pixel(here) == pytest.approx((x, y), abs=2)  # what is pointed at stays
    here.page.mouse.down()
    here.page.mouse.move(x + 80, y - 40, steps=4)
    here.page.mouse.up()
    assert lit_pixel(here) == pytest.approx((x + 80, y - 40), abs=2)


def test_a_map_of_an_earlier_catalog_asks_to_be_opened_again(visit):
    here = visit("#mood=relax:1&n=1")
    here.rows()
    here.map()
    expect(here.page.locator(".lit-dot")).to_have_count(1)
    problem = '{"status": 409, "detail": "the map is of generation 3"}'
    here.page.route("**/v1/map/*", lambda route: route.fulfill(status=409, body=problem))
    here.page.mouse.click(*lit_pixel(here))
    expect(here.page.get_by_text("The catalog has changed. Open the map again.")).to_be_visible()
    here.page.unroute("**/v1/map/*")  # the new map knows what lies under the mouse
    with here.page.expect_response("**/v1/map?*"):
        here.button("Open it again").click()
    expect(here.page.get_by_text("The catalog has changed.")).to_have_count(0)


def test_a_track_is_found_by_its_title_and_shown_where_it_lies(visit, site):
    [track] = site.get("/v1/tracks?q=sample&limit=1")["tracks"]
    here = visit(MIX)
    here.rows()
    here.map()
    here.page.get_by_label("Find a track").fill(track["title"].lower())
    here.page.locator(".found button", has_text=track["title"]).first.click()
    expect(here.page.locator(".map-card .title")).to_have_text(track["title"])
    expect(here.page.locator(".found")).to_have_count(0)
    here.page.get_by_label("Find a track").fill("no track of any catalog is called so")
    expect(here.page.get_by_text("No title and no artist begins like that.")).to_be_visible()
