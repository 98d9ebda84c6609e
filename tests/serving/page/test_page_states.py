"""What the page shows when there is no list, when it takes long, and when things fail."""

import json
import re
from collections.abc import Iterator

import pytest

from page_worlds import PHONE, Site, expect, running

RELAX = "#mood=relax:1"
LISTS = "**/v1/recommendations"


def problem(status: int, detail: str, **headers: str):
    """Return a route that answers with a problem."""
    body = {"type": "about:blank", "title": "x", "status": status, "detail": detail,
            "instance": "/v1/x", "request_id": "abc123"}  # fmt: skip

    def answer(route):
        route.fulfill(
            status=status, content_type="application/problem+json", body=json.dumps(body),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )  # fmt: skip

    return answer


def test_a_list_that_takes_long_says_so_after_two_seconds(visit):
    held = []
    here = visit(routes={LISTS: lambda route: held.append(route)}, alone=True)  # noqa: PLW0108 -- a built-in is no handler
    here.page.clock.install()
    here.button("relax").click()
    expect(here.page.get_by_text("Making the list")).to_be_visible()
    here.page.clock.run_for(2100)
    expect(
        here.page.get_by_text("Still working. This one takes longer than usual.")
    ).to_be_visible()
    held[0].continue_()
    assert here.rows().count() == 10


def test_what_the_service_refuses_is_said_in_its_own_words(visit):
    here = visit(RELAX, ready=".row")
    titles = here.titles()
    here.page.route(LISTS, problem(422, "genres: expected at most 50, got 51"))
    here.button("Ask again").click()
    notice = here.page.locator(".notice")
    expect(notice).to_contain_text("Genres: expected at most 50, got 51.")
    expect(notice).to_contain_text("Request abc123")
    assert here.page.locator(".row .title").all_inner_texts() == titles  # what was there stays
    here.page.unroute(LISTS)
    here.button("Try again").click()
    expect(notice).to_have_count(0)


def test_a_busy_service_is_asked_again_when_it_said(visit):
    here = visit(RELAX, ready=".row", alone=True)
    here.page.clock.install()
    for status in (429, 503):
        here.page.route(LISTS, problem(status, "too many requests", Retry_After="4"), times=1)
        here.button("Ask again").click()
        expect(here.page.get_by_text("Trying again in 4 seconds.")).to_be_visible()
        here.page.clock.run_for(1000)
        expect(here.page.get_by_text("Trying again in 3 seconds.")).to_be_visible()
        with here.page.expect_response(LISTS) as answered:
            here.page.clock.run_for(4000)
        assert answered.value.status == 200
        expect(here.page.locator(".notice")).to_have_count(0)


def test_an_answer_that_breaks_off_is_a_service_that_does_not_answer(visit):
    here = visit()
    here.page.route(LISTS, lambda route: route.fulfill(status=200, body='{"recommendations": ['))
    here.button("relax").click()
    expect(here.page.locator(".notice")).to_contain_text("The service does not answer")


def test_offline_is_said_and_taken_back(visit):
    here = visit(RELAX, ready=".row")
    here.page.context.set_offline(True)
    expect(here.page.get_by_text("You are offline.")).to_be_visible()
    here.button("Ask again").click()
    expect(here.page.locator(".notice")).to_contain_text("The service does not answer")
    assert here.page.locator(".row").count() == 10
    here.page.context.set_offline(False)
    expect(here.page.get_by_text("You are offline.")).to_have_count(0)


def test_a_service_that_dies_midway_loses_nothing_that_is_on_the_page(visit, models, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with running(models, folders[0]) as (first, _):
        here = visit(RELAX, at=first, ready=".row")
        titles = here.titles()
        first.stop()
        heart = here.page.locator(".like").first
        heart.click()
        expect(
            here.page.get_by_text("That was not kept: The service does not answer.")
        ).to_be_visible()
        expect(heart).to_have_attribute("aria-pressed", "false")
        here.button("Ask again").click()
        expect(here.page.locator(".notice")).to_contain_text("The service does not answer")
        here.button("Map").click()
        expect(here.page.locator(".notice")).to_contain_text("The service does not answer")
        here.button("List").click()
        assert here.page.locator(".row .title").all_inner_texts() == titles
        port = int(first.url.rsplit(":", 1)[1])
    with running(models, folders[1], port=port):
        here.button("Try again").click()
        expect(here.page.locator(".notice")).to_have_count(0)
        heart.click()
        expect(heart).to_have_attribute("aria-pressed", "true")


def test_a_part_of_the_page_that_does_not_come_can_be_asked_for_again(visit):
    here = visit(RELAX, ready=".row", alone=True)
    here.page.route("**/page/limits.js", lambda route: route.abort(), times=1)
    here.button("Limits").click()
    sheet = here.page.get_by_role("dialog")
    expect(sheet).to_contain_text("The service does not answer")
    sheet.get_by_role("button", name="Try again").click()
    expect(here.page.get_by_role("dialog", name="Limits")).to_be_visible()


@pytest.fixture(scope="module")
def guarded(models, tmp_path_factory) -> Iterator[tuple[Site, str]]:
    """A service with tokens, and ada's; the window's cookies go after each visit."""
    with running(models, tmp_path_factory.mktemp("guarded"), listener="ada") as found:
        yield found


def test_a_service_with_tokens_asks_for_one_and_lets_out_again(visit, guarded):
    site, secret = guarded
    here = visit(at=site, ready=".sign-in")
    here.page.get_by_label("Token", exact=True).fill("mt_wrong")
    here.button("Sign in").click()
    expect(here.page.get_by_text("That token is not known here.")).to_be_visible()
    here.page.get_by_label("Token", exact=True).fill(secret)
    here.button("Sign in").click()
    here.button("relax").click()
    assert here.rows().count() == 10
    cookies = here.page.context.cookies()
    assert [(c["httpOnly"], c["sameSite"]) for c in cookies] == [(True, "Strict")]
    assert here.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [
        0,
        0,
        "",
    ]
    here.button("Sign out").click()
    expect(here.page.get_by_text("You are signed out.")).to_be_visible()
    here.page.reload()
    here.page.wait_for_selector(".sign-in")


def test_a_session_that_has_ended_asks_to_sign_in_again(visit, guarded):
    site, secret = guarded
    here = visit(RELAX, at=site, ready=".sign-in")
    here.page.get_by_label("Token", exact=True).fill(secret)
    here.button("Sign in").click()
    here.rows()
    here.page.context.clear_cookies()
    here.button("Ask again").click()
    expect(here.page.get_by_text("You are signed out. Sign in again to go on.")).to_be_visible()


def test_reloading_a_page_often_is_no_reason_to_be_turned_away(visit, guarded):
    site, secret = guarded
    here = visit(RELAX, at=site, ready=".sign-in")
    here.page.get_by_label("Token", exact=True).fill(secret)
    here.button("Sign in").click()
    for _ in range(3):
        here.rows()
        here.page.reload()
    assert here.rows().count() == 10


CRUEL = [
    ("<img src=x onerror=\"document.title='owned'\">", "<script>document.title='owned'</script>"),
    ("</h3><style>*{display:none}</style>", "&lt;b&gt; &amp; \u202eright to left"),
    ("A" * 400, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk " * 8),
    ("", ""),
]


def test_titles_that_are_markup_are_shown_as_the_text_they_are(visit):
    def cruel(route):
        response = route.fetch()
        body = response.json()
        for track, (title, artist) in zip(body["recommendations"], CRUEL, strict=False):
            track["title"], track["artist"] = title, artist
        body["notes"] = ["<img src=x onerror=\"document.title='owned'\">"]
        route.fulfill(response=response, json=body)

    here = visit(RELAX, size=PHONE, routes={LISTS: cruel})
    assert here.titles()[:4] == [title for title, _ in CRUEL[:3]] + ["Untitled"]
    assert here.page.locator(".artist").all_inner_texts()[3] == "Unknown artist"
    assert here.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    here.page.locator(".row").first.get_by_title("Never again").click()
    here.button("Save and take away").click()
    assert CRUEL[0][0] in here.page.get_by_label("The list as text").input_value()
    assert here.page.locator("#page img, #page script, #page style").count() == 0
    assert re.fullmatch("Relax \u2013 Moodtune", here.page.title())
