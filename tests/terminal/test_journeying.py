"""Journeys from the command line: the same as from the library, and what cannot be asked."""

import json

import msgspec
import pytest

from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.reports.lists import to_json
from moodtune.terminal.journeying import parse_end


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
