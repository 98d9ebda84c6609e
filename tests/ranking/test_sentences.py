"""Why this song: numbers that add up, and a sentence with nothing in it that is not in them."""

import json
import re
from itertools import chain

import msgspec
import numpy as np
import pytest

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query, Recommendation, Trait
from moodtune.ranking.recommending import recommend
from moodtune.ranking.score_parts import PARTS
from moodtune.ranking.sentences import describe, sentence
from moodtune.ranking.variety import list_similarity
from worlds import index_of

TODAY, YESTERDAY, LAST_WEEK = "2026-11-23", "2026-11-22T08:00:00Z", "2026-11-16T08:00:00Z"
BLEND = {"calm": 0.6, "deep": 0.4}
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
KEY = re.compile(r"\b\d+[AB]\b")


def about_the_person(index) -> dict[str, object]:
    """Return likes, feedback and what was shown, of tracks that a list would have."""
    ids = [r.track_id for r in recommend(index, Query(blend=BLEND, n=12)).recommendations]
    return {
        "likes": (ids[0], ids[11]),
        "feedback": tuple(
            FeedbackEvent(key=action, track_id=track_id, mood="calm", action=action, at=YESTERDAY)
            for action, track_id in (("like", ids[1]), ("skip", ids[2]), ("ban", ids[3]))
        ),
        "shown": (
            *(ShownEvent(track_id=track_id, at=LAST_WEEK) for track_id in ids[:6]),
            *(ShownEvent(track_id=track_id, at=YESTERDAY) for track_id in ids[4:7]),
        ),
        "today": TODAY,
    }


QUERIES = {
    "a mood": {"mood": "relax"},
    "a mood that few tracks have": {"mood": "talkative", "n": 40},
    "a blend": {"blend": BLEND, "n": 20},
    "a listener": {
        "listener_profile": {
            "Relaxation and stress relief": 0.7,
            "Social gatherings or parties": 0.5,
        }
    },
    "limits": {"mood": "party", "tempo": (60.0, 100.0), "n": 30, "artist_cap": 1},
    "a length": {"blend": BLEND, "minutes": 30.0},
    "lots": {"mood": "happy", "seed": 3},
    "diversity": {"blend": BLEND, "diversity": 0.4},
    "one track": {"mood": "fun", "n": 1, "diversity": 1.0},
    "a person": {"blend": BLEND, "n": 12, "person": True},
    "a person and diversity": {"blend": BLEND, "n": 12, "diversity": 0.2, "person": True},
    "a journey": {"journey": Journey(start="melancholy", goal="happy")},
    "a journey of a length": {"journey": Journey(start=(0.2, 0.2), goal="party"), "minutes": 25.0},
    "a journey of a person": {"journey": Journey(start="calm", goal="fun"), "person": True},
}


@pytest.fixture(scope="module", params=QUERIES, ids=str)
def answer(request, trained):
    """Return the answer to one query, as the JSON object that is printed."""
    query = dict(QUERIES[request.param])
    if query.pop("person", False):
        query |= about_the_person(trained.bundle.index)
    answered = recommend(trained.bundle.index, Query(**query))
    assert answered.recommendations
    return json.loads(msgspec.json.encode(answered))


def leaves(value: object) -> list[object]:
    """Return every value inside a JSON value."""
    if isinstance(value, dict):
        return list(chain.from_iterable(map(leaves, value.values())))
    if isinstance(value, list):
        return list(chain.from_iterable(map(leaves, value)))
    return [value]


def numbers_of(told: dict) -> tuple[list[float], set[str]]:
    """Return the numbers of a place that its sentence may use, and its texts: keys, names."""
    named = ("why", "title", "artist", "track_id", "url")
    inside = leaves({name: value for name, value in told.items() if name not in named})
    numbers = [value for value in inside if isinstance(value, int | float)]
    return numbers, {value for value in inside if isinstance(value, str)}


def test_every_number_of_a_sentence_is_among_the_numbers_of_its_place(answer):
    for told in answer["recommendations"]:
        numbers, texts = numbers_of(told)
        assert set(KEY.findall(told["why"])) <= texts
        said = NUMBER.findall(KEY.sub("", told["why"]))
        assert said
        for number in said:
            decimals = len(number.partition(".")[2])
            shown = {f"{n:.{decimals}f}" for n in numbers} | {f"{n:+.{decimals}f}" for n in numbers}
            assert number in shown, (number, told)


def test_every_name_of_a_sentence_is_given_with_the_number_that_stands_behind_it(answer):
    for told in answer["recommendations"]:
        parts = re.findall(r"([a-z ]+) ([-+]\d\.\d{3})", told["why"])
        fit = re.match(r"([a-z ]+) (-?\d\.\d{3})(?:[:;]|$)", told["why"])
        for name, number in (fit.groups(), *((name.strip(), number) for name, number in parts)):
            assert float(number) == pytest.approx(told["parts"][name], abs=5.1e-4)
        loud = {
            name for name, part in told["parts"].items() if name != fit[1] and abs(part) > 5.1e-4
        }
        assert loud <= {name.strip() for name, _ in parts}


def test_the_sentence_can_be_made_again_from_the_json_alone(answer):
    for told in answer["recommendations"]:
        assert told["why"]
        mute = msgspec.convert(told | {"why": ""}, Recommendation)
        assert sentence(mute) == told["why"]


def test_the_parts_add_up_to_the_score(answer):
    for told in answer["recommendations"]:
        assert set(told["parts"]) <= set(PARTS)
        assert sum(told["parts"].values()) == pytest.approx(told["score"], abs=5e-6)
        assert "-0.0" not in map(str, told["parts"].values())


def test_a_track_stands_beside_the_earlier_one_that_it_is_most_alike_to(answer, trained):
    ids = trained.bundle.index.tracks["track_id"].to_list()
    rows = [ids.index(told["track_id"]) for told in answer["recommendations"]]
    for place, told in enumerate(answer["recommendations"]):
        alike = [list_similarity(trained.bundle.index, [r, rows[place]]) for r in rows[:place]]
        if not alike:
            assert told["beside"] is None
            continue
        near = told["beside"]
        assert near["rank"] <= place
        assert near["track_id"] == answer["recommendations"][near["rank"] - 1]["track_id"]
        assert near["similarity"] == pytest.approx(max(alike), abs=2e-6)
        assert near["similarity"] == pytest.approx(alike[near["rank"] - 1], abs=2e-6)


def test_the_price_of_diversity_is_a_part_of_each_score(answer):
    d = answer["query"]["diversity"]
    fits = []
    for told in answer["recommendations"]:
        price = told["parts"].get("diversity", 0)
        nearest = told["beside"]["similarity"] if told["beside"] else 0
        fits.append(told["score"] - price)
        assert ("diversity" in told["parts"]) == (d > 0)
        assert price == pytest.approx(-d * (fits[-1] + nearest), abs=2e-6)
        assert told["score"] == pytest.approx((1 - d) * fits[-1] - d * nearest, abs=4e-6)
    assert answer["spread"]["fit"] == pytest.approx(np.mean(fits), abs=2e-6)


def test_features_are_given_with_their_rank_among_the_tracks(answer, trained):
    tracks = trained.bundle.index.tracks
    for told in answer["recommendations"]:
        assert (told["traits"] == []) == (told["stop"] is not None)
        speaks = [trait["speaks"] for trait in told["traits"]]
        assert speaks == sorted(speaks, reverse=True)
        for trait in told["traits"]:
            column = tracks[trait["feature"]].to_numpy()
            value = column[tracks["track_id"].to_list().index(told["track_id"])]
            assert trait["value"] == pytest.approx(float(value), abs=1e-6)
            below, up_to = np.mean(column < value), np.mean(column <= value)
            assert below - 0.01 <= trait["rank"] <= up_to + 0.01


def test_a_seed_draws_the_order_and_leaves_the_scores():
    index = index_of([[0.5 - i / 10_000, 0.5, 0, 0] for i in range(8)])
    plain, drawn = (
        {
            r.track_id: r.score
            for r in recommend(index, Query(mood="still", n=8, seed=s)).recommendations
        }
        for s in (None, 5)
    )
    assert list(plain) != list(drawn)
    assert plain == drawn


def test_each_place_takes_the_track_of_the_highest_score_that_is_left():
    """Every other track at every place would score less: maximal marginal relevance, by hand."""
    fits = [0.90, 0.89, 0.88, 0.80, 0.60]
    energy = [0.1, 0.1, 0.3, 0.9, 0.5]
    index = index_of([[fit, 0.1, 0, 0] for fit in fits], energy=energy, valence=energy)
    d = 0.4
    listed = recommend(index, Query(mood="still", n=5, diversity=d)).recommendations
    rows = [int(r.track_id[1:]) for r in listed]
    assert rows != sorted(rows)
    for place, told in enumerate(listed):
        worths = {
            row: (1 - d) * fits[row]
            - d * max((list_similarity(index, [row, r]) for r in rows[:place]), default=0)
            for row in set(range(5)).difference(rows[:place])
        }
        assert told.score == pytest.approx(max(worths.values()), abs=2e-6)
        assert told.score == pytest.approx(worths[rows[place]], abs=2e-6)
    scores = [told.score for told in listed]
    assert scores == sorted(scores, reverse=True)


def test_of_two_that_are_as_near_the_first_one_listed_is_named():
    index = index_of([[0.9, 0.1, 0, 0], [0.8, 0.2, 0, 0], [0.7, 0.3, 0, 0]])
    last = recommend(index, Query(mood="still", n=3)).recommendations[2]
    assert (last.beside.rank, last.beside.track_id) == (1, "t00")
    # All features alike and no artist shared, in a catalog without genres: .6 / (.6 + .2).
    assert last.why.endswith("; most like #1 (similarity 0.75)")
    assert last.beside.similarity == pytest.approx(0.6 / (0.6 + 0.2))


def told(**values) -> Recommendation:
    place = {"rank": 2, "track_id": "a", "title": "", "artist": "", "mood": "still"}
    return Recommendation(**place, valence=0.5, arousal=0.5, score=0.5, why="", **values)


def trait(feature, value, rank, speaks=1.0, unit="0 to 1") -> Trait:
    return Trait(feature=feature, value=value, unit=unit, rank=rank, speaks=speaks)


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (trait("energy", 0.123, 0.1), "low energy (0.12)"),
        (trait("energy", 0.123, 0.5), "middling energy (0.12)"),
        (trait("energy", 0.123, 0.9), "high energy (0.12)"),
        (trait("tempo", 171.6, 0.9, unit="BPM"), "fast (172 BPM)"),
        (trait("tempo", 71.6, 0.1, unit="BPM"), "slow (72 BPM)"),
        (trait("tempo", 0.0, 0.0, unit="BPM"), "no beat heard (0 BPM)"),
        (trait("loudness", -17.4, 0.1, unit="dB"), "quiet (-17 dB)"),
        (trait("loudness", -3.4, 0.7, unit="dB"), "loud (-3 dB)"),
    ],
)
def test_a_feature_in_words_goes_by_its_rank(feature, words):
    assert describe(feature) == words


def test_what_speaks_against_the_mood_is_no_reason_and_is_said_to_be_none():
    low, high = trait("energy", 0.1, 0.1), trait("valence", 0.9, 0.9, speaks=-0.4)
    fit = {"mood fit": 0.5}
    assert sentence(told(parts=fit, traits=(low, high))) == (
        "mood fit 0.500: low energy (0.10); against it high valence (0.90)"
    )
    assert sentence(told(parts=fit, traits=(high,))) == (
        "mood fit 0.500; against it high valence (0.90)"
    )


def test_parts_that_round_to_nothing_are_not_named():
    parts = {"mood fit": 0.5, "rest of the mix": 0.0004, "taste": -0.0006, "feedback": 0.0}
    assert sentence(told(parts=parts)) == "mood fit 0.500; taste -0.001"
