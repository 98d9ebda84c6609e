"""How are you? The three ways to say it."""

import re

import pytest

from page_worlds import expect

RELAX = "#mood=relax:1"


def near(page, selector: str, share: float) -> tuple[float, float]:
    """The pixel that lies ``share`` along both sides of an element."""
    box = page.locator(selector).bounding_box()
    return box["x"] + share * box["width"], box["y"] + share * box["height"]


def drag(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def test_a_mood_that_is_picked_gives_its_list(visit):
    here = visit()
    assert "Say how you are" in here.page.locator(".empty").inner_text()
    here.button("relax").click()
    assert here.rows().count() == 10
    assert set(here.page.locator(".row .mood-of span").all_inner_texts()) == {"relax"}
    assert here.page.locator(".list-head h2").inner_text() == "Relax"


def test_two_moods_are_a_mix_whose_shares_can_be_moved(visit):
    here = visit()
    here.button("calm").click()
    here.rows()
    here.button("party").click()
    here.page.wait_for_selector(".mix-row")
    here.page.get_by_role("slider", name="Share of party").fill("0.25")
    shares = here.page.locator(".shares tbody td")
    expect(shares).to_have_text(["20 %", "20 %", "80 %", "80 %"])  # asked and given, mood by mood
    here.rows()
    moods = here.page.locator(".row .mood-of span").all_inner_texts()
    assert (moods.count("party"), moods.count("calm")) == (2, 8)


def test_what_music_is_for_asks_for_the_mix_that_the_taxonomy_gives(visit, site):
    here = visit()
    here.button("Sadness or melancholy").click()
    here.rows()
    asked = here.page.locator(".shares tbody tr").all_inner_texts()
    weights = {mood["name"]: mood["weights"] for mood in site.get("/v1/moods")["listener_moods"]}[
        "Sadness or melancholy"
    ]
    for mood, weight in weights.items():
        assert any(line.startswith(mood) and f"{100 * weight:.0f}" in line for line in asked)


def test_the_wish_stands_in_the_address_and_going_back_goes_back_to_it(visit):
    here = visit(RELAX)
    relaxed = here.titles()
    here.button("relax").click()
    here.page.wait_for_selector(".empty")
    here.button("party").click()
    here.rows()
    assert here.page.url.endswith("#mood=party%3A1")
    here.page.go_back()
    here.page.wait_for_selector(".empty")
    here.page.go_back()
    assert here.titles() == relaxed
    here.page.reload()
    assert here.titles() == relaxed


def test_dragging_the_dot_asks_for_the_moods_around_it(visit):
    here = visit()
    here.tab("Point at it")
    drag(here.page, near(here.page, ".pad", 0.5), near(here.page, ".pad", 0.86))
    here.rows()
    assert "calm" in here.page.locator(".reading").inner_text()
    assert here.page.locator(".list-head h2").inner_text().startswith("Around")
    dot = here.page.get_by_role("slider", name="Where you are")
    assert int(dot.get_attribute("aria-valuenow")) == pytest.approx(91, abs=3)


def test_arrow_keys_move_the_dot_and_ask_when_it_rests(visit):
    here = visit("#at=0.500,0.500")
    here.rows()
    dot = here.page.get_by_role("slider", name="Where you are")
    dot.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowUp"):
        here.page.keyboard.press(key)
    here.page.wait_for_url("**/#at=0.620%2C0.520")
    assert dot.get_attribute("aria-valuetext").startswith("62 % pleasant, 52 % excited")


def test_a_journey_is_drawn_through_its_tracks_from_dot_to_dot(visit):
    here = visit("#at=0.150,0.150")
    here.rows()
    here.page.get_by_role("switch", name="Take me somewhere else").check()
    here.page.wait_for_selector(".stop")
    assert here.page.locator(".stop").count() == here.rows().count() == 10
    goal = here.page.locator(".dot.goal").bounding_box()
    middle = (goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2)
    drag(here.page, middle, near(here.page, ".pad", 0.85))
    expect(here.page.locator(".list-head h2")).to_have_text(re.compile("^From .* to (relax|calm)$"))
    expect(here.page.locator(".pad .dot.goal")).to_have_attribute(
        "aria-valuetext", re.compile("(relax|calm)$")
    )
    assert "minutes" in here.page.locator(".list-head").inner_text()


def answer_one(here) -> None:
    """Give the first answer there is to the question that is asked."""
    asked = here.page.locator(".card .wording").inner_text()
    if here.page.locator(".card .tickable").count():
        here.page.locator(".card .tickable input").first.check()
        here.button("Next").click()
    elif here.page.locator(".card .option").count():
        here.page.locator(".card .option").first.click()
    else:
        here.button("Skip").click()
    expect(
        here.page.locator(".card .wording", has_text=re.compile(f"^{re.escape(asked)}$"))
    ).to_have_count(0)


def test_the_probabilities_move_with_each_answer_until_there_are_no_more_questions(visit, site):
    here = visit()
    here.tab("Be asked")
    here.page.wait_for_selector(".card")
    before = here.page.locator(".likely dd").all_inner_texts()
    assert "Not sure yet" in here.page.locator(".verdict").inner_text()
    answer_one(here)
    assert here.page.locator(".likely dd").all_inner_texts() != before
    for _ in range(4):
        if here.page.locator(".card").count():
            answer_one(here)
    here.page.wait_for_selector(".no-more")
    here.button("What is stored").click()
    answers = len(site.kept()["answers"]["answers"])
    said = re.compile(f"^{answers} answers? to questions$")
    expect(here.page.locator(".stored li").first).to_have_text(said)
    here.page.keyboard.press("Escape")
    here.button("Show my list").click()
    assert here.rows().count() == 10
    assert here.page.locator(".list-head h2").inner_text() == "By your answers"
    assert "#" not in here.page.url.removesuffix("#")  # answers never stand in the address


def test_answers_can_lead_on_to_a_mood(visit):
    here = visit()
    here.tab("Be asked")
    here.page.wait_for_selector(".card")
    answer_one(here)
    here.page.get_by_label("Lead me to").select_option("happy")
    here.button("Show my list").click()
    here.rows()
    assert here.page.locator(".list-head h2").inner_text() == "From your answers to happy"


def test_a_question_that_is_skipped_is_not_asked_again(visit):
    here = visit()
    here.tab("Be asked")
    here.page.wait_for_selector(".card")
    first = here.page.locator(".card .wording").inner_text()
    here.button("Skip").click()
    expect(here.page.locator(".card legend")).to_contain_text("Question 2")
    expect(here.page.locator(".card .wording")).not_to_have_text(first)


def test_to_be_asked_is_no_answer_yet(visit, site):
    here = visit()
    here.tab("Be asked")
    here.page.wait_for_selector(".card")
    assert site.kept()["answers"] is None


def test_a_place_without_a_mood_is_called_by_where_it_lies(visit):
    here = visit("#at=0.100,0.900&to=0.500,0.500")
    here.rows()
    expect(here.page.locator(".list-head h2")).to_have_text(
        "From unpleasant and excited to the middle"
    )
