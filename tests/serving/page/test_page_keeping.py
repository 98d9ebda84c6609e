"""Save and take away; what is stored about somebody."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from page_worlds import LISTENER, expect

RELAX = "#mood=relax:1&n=4"


def kept_list(site) -> None:
    """Keep a list of two tracks as if it had been saved earlier."""
    found = site.get("/v1/tracks?q=sample&limit=2")["tracks"]
    ids = [track["track_id"] for track in found]
    site.store.add_playlist(LISTENER, "Rainy <b>day</b>", ids, datetime.now(UTC))


def test_a_list_is_saved_opened_and_deleted(visit, site):
    here = visit(RELAX)
    titles = here.titles()
    here.button("Save and take away").click()
    here.page.get_by_label("Name of the list").fill("Sunday / evening")
    here.button("Save").click()
    expect(here.page.get_by_text("Saved as Sunday / evening")).to_be_visible()
    here.page.keyboard.press("Escape")
    here.button("Saved lists").click()
    sheet = here.page.get_by_role("dialog", name="Saved lists")
    sheet.get_by_role("button", name="Open Sunday / evening").click()
    expect(here.page.locator(".saved-tracks strong")).to_have_text(titles)
    here.button("All saved lists").click()
    here.button("Delete Sunday / evening").click()
    here.button("Keep").click()
    here.button("Delete Sunday / evening").click()
    here.button("Delete").click()
    expect(here.page.get_by_text("No list is saved yet.")).to_be_visible()
    assert site.kept()["playlists"] == []


def test_a_list_is_downloaded_in_every_format_and_saved_once(visit, site):
    here = visit(RELAX)
    here.rows()
    here.button("Save and take away").click()
    said = here.page.locator(".take .said")
    begins = {"JSON": "{", "CSV": "rank,track_id,", "M3U8": "#EXTM3U", "XSPF": "<?xml"}
    for label, beginning in begins.items():
        with here.page.expect_download() as downloading:
            here.button(re.compile(f"^{label} ")).click()
        assert downloading.value.suggested_filename.endswith(f".{label.lower()}")
        content = Path(downloading.value.path()).read_text(encoding="utf-8")
        assert content.startswith(beginning)
        if label == "M3U8":  # nothing of the sample has an address
            expect(said).to_have_text(
                "M3U8 with 0 tracks. 4 tracks have no address to play from, and are left out."
            )
        else:
            expect(said).to_have_text(f"{label} with 4 tracks.")
    assert len(site.kept()["playlists"]) == 1


def test_a_list_that_is_called_after_a_title_can_be_saved_whatever_the_title_is(visit, site):
    def cruel(route):
        response = route.fetch()
        title = "moon\u202etset " + 300 * "🎵"
        route.fulfill(response=response, json=response.json() | {"title": title})

    here = visit(RELAX, routes={"**/v1/tracks/*": cruel})
    here.rows().first.get_by_role("button", name=re.compile("^Why ")).click()
    here.button("More like this").click()
    expect(here.page.locator(".list-head h2")).to_contain_text("More like moon")
    here.rows()
    here.button("Save and take away").click()
    here.button("Save").click()
    expect(here.page.locator(".take .said")).to_contain_text("Saved as More like moontset 🎵")
    assert [len(kept["name"]) <= 200 for kept in site.kept()["playlists"]] == [True]


def test_a_list_is_copied_as_text(visit):
    here = visit(RELAX, permissions=["clipboard-read", "clipboard-write"])
    titles = here.titles()
    here.button("Save and take away").click()
    here.button("Copy as text").click()
    expect(here.button("Copied")).to_be_visible()
    copied = here.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert [line.split(" \u2013 ", 1)[1] for line in copied] == titles
    assert copied[0].startswith("1. ")


def test_where_nothing_may_be_copied_the_text_is_selected_for_the_hand(visit):
    deny = "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
    here = visit(RELAX, prepare=lambda page: page.add_init_script(deny))
    here.rows()
    here.button("Save and take away").click()
    here.button("Copy as text").click()
    expect(here.page.get_by_text("copy it by hand")).to_be_visible()
    assert (
        here.page.evaluate(
            "getSelection().toString().length || document.activeElement.selectionEnd"
        )
        > 50
    )


def test_a_saved_list_can_be_taken_away_again(visit, site):
    kept_list(site)
    here = visit()
    here.button("Saved lists").click()
    here.button("Open Rainy <b>day</b>").click()
    here.page.get_by_role("dialog").get_by_role("button", name="Save and take away").click()
    with here.page.expect_download() as downloading:
        here.button(re.compile("^CSV ")).click()
    assert downloading.value.suggested_filename == "Rainy b day b.csv"
    assert len(site.kept()["playlists"]) == 1  # it was saved already


def test_what_is_stored_is_shown_and_can_be_taken_away(visit, site):
    kept_list(site)
    here = visit(RELAX)
    here.rows().first.get_by_role("button", name=re.compile("^Like ")).click()
    here.until(lambda: len(site.kept()["feedback"]), 1)
    here.button("What is stored").click()
    stored = here.page.locator(".stored li")
    expect(stored).to_have_text([
        "No answers to questions", "1 like, skip or ban", "1 saved list",
        "4 tracks that you were shown", "No tokens and no sessions",
    ])  # fmt: skip
    with here.page.expect_download() as downloading:
        here.button("Download everything").click()
    everything = json.loads(Path(downloading.value.path()).read_text(encoding="utf-8"))
    assert everything["playlists"][0]["name"] == "Rainy <b>day</b>"


def test_everything_is_deleted_once_it_is_said_twice(visit, site):
    kept_list(site)
    here = visit()
    here.button("What is stored").click()
    here.button("Delete everything").click()
    expect(here.button("Keep it")).to_be_focused()
    here.button("Keep it").click()
    assert len(site.kept()["playlists"]) == 1
    here.button("Delete everything").click()
    here.button("Delete everything for good").click()
    expect(here.page.get_by_text("Everything is deleted.")).to_be_visible()
    assert site.kept()["playlists"] == []
