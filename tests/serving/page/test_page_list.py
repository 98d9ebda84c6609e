"""The list: its rows, why, what is said of them, and its limits."""

import re

import pytest

from page_worlds import expect

RELAX = "#mood=relax:1"


def changed(change):
    """Return a route that changes what the service answers."""

    def answer(route):
        response = route.fetch()
        body = response.json()
        change(body)
        route.fulfill(response=response, json=body)

    return answer


def test_a_row_says_rank_title_artist_mood_and_fit(visit):
    here = visit(RELAX)
    row = here.rows().first
    first = here.page.evaluate(
        """() => fetch("v1/recommendations", {method: "POST", body: '{"mood": "relax", "n": 10}',
        headers: {"Content-Type": "application/json"}}).then((r) => r.json())"""
    )["recommendations"][0]
    expect(row.locator(".rank")).to_have_text("1")
    expect(row.locator(".title")).to_have_text(first["title"])
    expect(row.locator(".artist")).to_have_text(first["artist"])
    expect(row.locator(".mood-of")).to_have_text("relax")
    expect(row.locator(".fit .figure")).to_have_text(f"Fit {first['score']:.2f}")


def test_why_opens_with_parts_that_add_up_to_the_score(visit):
    here = visit("#mood=melancholy:0.6&mood=calm:0.4")
    row = here.rows().nth(2)
    row.get_by_role("button", name=re.compile("^Why ")).click()
    expect(row.get_by_text("How it sounds")).to_be_visible()
    parts = [
        float(cell.replace("\u2212", "-"))
        for cell in row.locator(".parts tbody td").all_inner_texts()
    ]
    total = float(row.locator(".parts tfoot td").inner_text())
    assert len(parts) > 1
    assert sum(parts) == pytest.approx(total, abs=0.0005 * (len(parts) + 1))
    expect(row.get_by_text("Most like these")).to_be_visible()
    assert row.locator(".beside li").count() == 4
    row.get_by_role("button", name=re.compile("^Why ")).click()
    expect(row.locator(".why")).to_have_count(0)


def test_more_like_this_asks_for_the_moods_of_the_track_as_one_that_is_liked(visit):
    here = visit(RELAX)
    row = here.rows().nth(1)
    title = row.locator(".title").inner_text()
    row.get_by_role("button", name=re.compile("^Why ")).click()
    with here.page.expect_request("**/v1/recommendations") as asked:
        here.button("More like this").click()
    assert len(asked.value.post_data_json["likes"]) == 1
    assert sum(asked.value.post_data_json["blend"].values()) == pytest.approx(1, abs=0.01)
    expect(here.page.locator(".list-head h2")).to_have_text(f"More like {title}")


def said_of(site) -> list[str]:
    return [event["action"] for event in site.kept()["feedback"]]


def test_like_skip_and_ban_act_at_once_and_can_be_undone(visit, site):
    here = visit(RELAX)
    rows = here.rows()
    heart = rows.nth(0).get_by_role("button", name=re.compile("^Like "))
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    rows.nth(1).get_by_title("Not in this mood").click()
    expect(rows.nth(1)).to_contain_text("Skipped in this mood")
    rows.nth(2).get_by_title("Never again").click()
    expect(rows.nth(2)).to_contain_text("Never again")
    expect(here.page.get_by_text("3 tracks rated.")).to_be_visible()
    here.until(lambda: said_of(site), ["like", "skip", "ban"])
    assert {event["mood"] for event in site.kept()["feedback"]} == {"relax"}
    heart.click()
    rows.nth(1).get_by_role("button", name=re.compile("^Undo ")).click()
    rows.nth(2).get_by_role("button", name=re.compile("^Undo ")).click()
    expect(rows.nth(2).locator(".title")).to_be_visible()
    here.until(lambda: said_of(site), [])


def test_a_second_thought_takes_the_place_of_the_first(visit, site):
    here = visit(RELAX)
    row = here.rows().first
    row.get_by_role("button", name=re.compile("^Like ")).click()
    row.get_by_title("Not in this mood").click()
    here.until(lambda: said_of(site), ["skip"])


def test_what_is_never_wanted_again_is_not_on_the_next_list(visit):
    here = visit(RELAX)
    banned = here.titles()[0]
    with here.page.expect_response("**/v1/feedback"):
        here.rows().first.get_by_title("Never again").click()
    here.button("Next list").click()
    expect(here.page.locator(".gone")).to_have_count(0)
    assert banned not in here.titles()


def test_only_limits_that_the_catalog_can_keep_are_offered(visit):
    def poorer(body):
        body.update(year=None, popularity=False, genres=[])

    here = visit(RELAX, routes={"**/v1/catalog": changed(poorer)})
    here.rows()
    here.button("Limits").click()
    sheet = here.page.get_by_role("dialog", name="Limits")
    expect(sheet.get_by_role("group", name="Tempo in BPM")).to_be_visible()
    for lacking in ("Years", "Popularity at most", "Genres"):
        expect(sheet.get_by_text(lacking)).to_have_count(0)


def test_limits_hold_and_each_can_be_lifted(visit):
    here = visit(RELAX)
    here.rows()
    here.button("Limits").click()
    sheet = here.page.get_by_role("dialog", name="Limits")
    sheet.get_by_label("How many tracks").fill("5")
    sheet.get_by_label("Years from").fill("1990")
    sheet.get_by_label("Leave out explicit lyrics").check()
    sheet.get_by_placeholder("Find a genre").fill("jazz")
    jazz = sheet.get_by_role("button", name=re.compile("^jazz, .*: either$"))
    jazz.click()
    sheet.get_by_role("button", name=re.compile("^jazz, .*: wanted$")).click()
    expect(sheet.get_by_role("button", name=re.compile("^jazz, .*: left out$"))).to_be_visible()
    with here.page.expect_request("**/v1/recommendations") as asked:
        here.button("Keep to these").click()
    query = asked.value.post_data_json
    assert (query["n"], query["not_genres"], query["no_explicit"]) == (5, ["jazz"], True)
    assert query["year"][0] == 1990
    expect(here.page.locator(".row")).to_have_count(5)
    with here.page.expect_request("**/v1/recommendations") as asked:
        here.button("Remove the limit: no jazz").click()
    assert "not_genres" not in asked.value.post_data_json
    assert "year=" in here.page.url


def test_a_list_that_cannot_be_filled_says_why(visit):
    here = visit(RELAX + "&year=1900,1901", ready=".notice")
    expect(here.page.locator(".notice")).to_contain_text("No track fits all of this.")
    expect(here.page.locator(".notice")).to_contain_text("0 pass the limits")
    here.button("Change the limits").click()
    expect(here.page.get_by_role("dialog", name="Limits")).to_be_visible()


def test_notes_of_a_list_are_shown_as_sentences(visit):
    def noted(body):
        body["notes"] = ["calm took 2 places of relax (rank 3, 4)"]

    here = visit(RELAX, routes={"**/v1/recommendations": changed(noted)})
    here.rows()
    expect(here.page.get_by_role("complementary", name="About this list")).to_have_text(
        "Calm took 2 places of relax (rank 3, 4)."
    )


def test_only_web_addresses_become_links(visit):
    urls = [
        "https://example.org/a",
        "http://example.org/b",
        "javascript:alert(1)",
        "data:text/html,x",
        "/etc",
        None,
    ]

    def linked(body):
        for track, url in zip(body["recommendations"], urls, strict=False):
            track["url"] = url

    here = visit(RELAX, routes={"**/v1/recommendations": changed(linked)})
    here.rows()
    links = here.page.locator(".row a")
    assert [link.get_attribute("href") for link in links.all()] == urls[:2]
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer"}
