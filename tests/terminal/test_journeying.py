"""Journeys from the command line: the same as from the library, and what cannot be asked."""

import json

import msgspec
import pytest

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.reports.lists import to_json
from moodtune.terminal.journeying import parse_end

TODAY, YESTERDAY = "2026-11-23", "2026-11-22T08:00:00Z"


@pytest.mark.parametrize(
    ("options", "query"),
    [
        (["--from", "melancholy", "--to", "happy"], {"journey": Journey(start="melancholy", goal="happy")}),
        (["--from", "0.3,.3", "--to", "happy", "-n", 5], {"journey": Journey(start=(0.3, 0.3), goal="happy"), "n": 5}),
        (["--from", "calm", "--to", "party", "--minutes", 30], {"journey": Journey(start="calm", goal="party"), "minutes": 30.0}),
        (["--from", "calm", "--to", "party", "--step", ".3"], {"journey": Journey(start="calm", goal="party", step=0.3)}),
    ],
)  # fmt: skip
def test_the_command_travels_as_the_library_does(trained, moodtune, options, query):
    said = moodtune("recommend", "--model", trained.model, *options, "--json")
    assert said.status == 0
    answer = recommend(trained.bundle.index, Query(**query))
    assert said.stdout == to_json(answer)
    assert len(answer.recommendations) >= 4
    report = json.loads(said.stdout)["journey"]
    assert report["largest_step"] <= report["step_bound"]
    assert len(report["places"]) == len(answer.recommendations)


def test_a_journey_starts_where_a_listener_is(trained, moodtune):
    said = moodtune(
        "recommend", "--model", trained.model, "--listener", 3, "--to", "happy", "--json"
    )
    answer = json.loads(said.stdout)
    assert answer["listener_profile"]
    query = msgspec.convert(answer["query"], Query)
    assert query.journey == Journey(goal="happy")
    again = json.loads(to_json(recommend(trained.bundle.index, query)))
    assert again == answer


@pytest.fixture
def tables(trained, tmp_path):
    """What somebody says of the tracks of a journey from calm to party, as tables and as values."""
    plain = recommend(trained.bundle.index, Query(journey=Journey(start="calm", goal="party")))
    first, second, third, *_ = plain.recommendations
    liked = trained.bundle.index.tracks["track_id"][7]
    events = tuple(
        FeedbackEvent(key=action, track_id=r.track_id, mood=r.mood, action=action, at=YESTERDAY)
        for r, action in ((first, "skip"), (second, "ban"), (third, "like"))
    )
    shown = tuple(ShownEvent(track_id=r.track_id, at=YESTERDAY) for r in plain.recommendations)
    rows = [f"{e.key},{e.track_id},{e.mood},{e.action},{e.at}" for e in events]
    lines = {
        "likes": ["track_id", liked],
        "feedback": ["key,track_id,mood,action,at", *rows],
        "shown": ["track_id,at", *(f"{e.track_id},{e.at}" for e in shown)],
    }
    for name, text in lines.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([*text, ""]))
    return tmp_path, {"likes": (liked,), "feedback": events, "shown": shown}


@pytest.mark.parametrize(
    "names", [["likes"], ["feedback"], ["shown"], ["likes", "feedback", "shown"]]
)
def test_the_command_minds_what_the_person_says_as_the_library_does(
    trained, moodtune, tables, names
):
    folder, values = tables
    options = [part for name in names for part in (f"--{name}", folder / f"{name}.csv")]
    way = ["--from", "calm", "--to", "party", "--today", TODAY, "--seed", 3]
    said = moodtune("recommend", "--model", trained.model, *way, *options, "--json")
    assert said.status == 0
    asked = Query(journey=Journey(start="calm", goal="party"), today=TODAY, seed=3)
    query = msgspec.structs.replace(asked, **{name: values[name] for name in names})
    answer = recommend(trained.bundle.index, query)
    assert said.stdout == to_json(answer)
    plain = recommend(trained.bundle.index, asked)
    assert answer.recommendations != plain.recommendations
    parts = {"likes": "taste", "feedback": "feedback", "shown": "freshness"}
    for r in answer.recommendations:
        assert {"waypoint fit", "mood at the ends", *(parts[n] for n in names)} <= set(r.parts)


def test_a_list_that_is_no_journey_has_none_in_its_json(trained, moodtune):
    said = moodtune("recommend", "--model", trained.model, "--mood", "calm", "--json")
    assert json.loads(said.stdout)["journey"] is None


def test_the_terminal_says_how_long_the_steps_are_and_what_the_order_is_worth(trained, moodtune):
    said = moodtune("recommend", "--model", trained.model, "--from", "calm", "--to", "party")
    report = recommend(
        trained.bundle.index, Query(journey=Journey(start="calm", goal="party"))
    ).journey
    assert (
        f"steps of {report.mean_step:.3f} on average, {report.largest_step:.3f} at most"
        in said.stdout
    )
    assert f"cost {report.transition_cost:.2f}; the same tracks in random order" in said.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "calm"], "a journey needs --to, the mood or place that it leads to"),
        (["--mood", "calm", "--step", ".1"], "a journey needs --to, the mood or place that it leads to"),
        (["--to", "calm"], "a journey goes from --from, or from how --listener feels, to --to: give one start, and no --mood or --blend"),
        (["--from", "calm", "--to", "party", "--listener", "1"], "a journey goes from --from, or from how --listener feels, to --to: give one start, and no --mood or --blend"),
        (["--from", "calm", "--to", "party", "--mood", "deep"], "a journey goes from --from, or from how --listener feels, to --to: give one start, and no --mood or --blend"),
    ],
)  # fmt: skip
def test_what_is_no_journey_is_refused_in_a_sentence(trained, moodtune, options, message):
    said = moodtune("recommend", "--model", trained.model, *options)
    assert (said.status, said.stderr) == (2, f"moodtune: {message}\n")


def test_two_numbers_are_a_place_and_anything_else_is_a_name():
    assert parse_end(" 0.2 , .3 ") == (0.2, 0.3)
    assert parse_end("-1,2") == (-1, 2)  # refused by the query, in its own words
    assert parse_end("calm, party") == "calm, party"
