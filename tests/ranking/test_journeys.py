"""Journeys: never back, never too far, never the same song, never too long; and what is said."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_worlds import world_of
from moodtune.errors import QueryError
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.journey_answers import journey_of, profile_of_journey
from moodtune.ranking.journeys import (
    Journey,
    greedy_order,
    order_cost,
    random_order_cost,
)
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.ranking.stops import Stop, stops
from worlds import TAXONOMY

FROM, TO = (0.1, 0.2), (0.9, 0.8)
MIXES = {"still": np.array([1.0, 0, 0, 0]), "wild": np.array([0, 1.0, 0, 0])}


def travelled(index, admitted=None, mixes=MIXES, step=None, start=FROM, goal=TO, **query):
    everything = np.ones(len(index), dtype=np.bool_)
    asked = Query(journey=Journey(start=start, goal=goal, step=step), **query)
    return journey_of(index, asked, everything if admitted is None else admitted, mixes)


def line_world(n, **columns):
    """Return n tracks, evenly on the line from FROM to TO, by artists of their own."""
    return world_of([tuple(p) for p in np.linspace(FROM, TO, n)], **columns)


def test_a_journey_goes_from_waypoint_to_waypoint():
    index = line_world(9)
    assert travelled(index, n=3).rows == (0, 4, 8)
    assert travelled(index, n=5).rows == (0, 2, 4, 6, 8)
    assert travelled(index, n=3, start=TO, goal=FROM).rows == (8, 4, 0)


def test_between_tracks_at_the_same_point_the_smoother_one_is_taken():
    line = [(0.1, 0.2), (0.5, 0.5), (0.5, 0.5), (0.9, 0.8)]
    loud = world_of(line, loudness=[-9, -20, -9, -9])
    slow = world_of(line, tempo=[100, 100, 141, 100])
    keys = world_of(line, key=[0, 7, 6, 0], mode=[1, 1, 1, 1])
    assert [travelled(index, n=3).rows[1] for index in (loud, slow, keys)] == [2, 1, 1]


def test_ends_of_a_mood_are_where_its_tracks_are_and_tracks_of_it_come_first():
    index = world_of([(0.2, 0.2)] * 2 + [(0.8, 0.8)] * 2)
    moods = np.array(
        [[0.3, 0.1, 0.6, 0], [0.9, 0.1, 0, 0], [0, 1, 0, 0], [0, 0.4, 0.6, 0]], np.float32
    )
    index = replace(index, scores=replace(index.scores, probabilities=moods))
    found = travelled(index, start="still", goal="wild", n=2)
    assert found.rows == (1, 2)
    assert found.report.start == pytest.approx((0.2, 0.2))
    assert found.report.goal == pytest.approx((0.8, 0.8))


def test_kinds_of_recording_stay_out_unless_an_end_names_them():
    index = line_world(4)
    moods = np.array([[1, 0, 0, 0], [0.4, 0, 0, 0.6], [0, 1, 0, 0], [0, 1, 0, 0]], np.float32)
    index = replace(index, scores=replace(index.scores, probabilities=moods))
    assert travelled(index, n=4).rows == (0, 2, 3)
    spoken = {"spoken": np.array([0, 0, 0, 1.0])}
    assert 1 in travelled(index, n=4, start="spoken", goal=(1.0, 1.0), mixes=spoken).rows


def test_a_journey_reports_its_steps_and_costs():
    index = line_world(3, loudness=[-5, -10, -5], tempo=[100, 100, 200])
    report = travelled(index, n=3).report
    assert report.largest_step == pytest.approx(0.5, abs=1e-6)
    assert report.mean_step == pytest.approx(0.5, abs=1e-6)
    assert report.fit_cost == pytest.approx(0, abs=1e-6)
    assert report.transition_cost == pytest.approx(2 * (0.25 * 5 + 0.3 * (5 / 6) ** 2), abs=1e-5)
    assert report.heard_by == ("tempo", "loudness")
    assert report.proven
    assert report.least_cost == pytest.approx(report.fit_cost + report.transition_cost)
    assert report.step_bound == pytest.approx(1)  # twice as far as the waypoints lie apart
    assert report.minutes is None


def test_orders_to_compare_with():
    costs = np.array([[0, 1, 5], [1, 0, 7], [5, 7, 0.0]])
    assert order_cost(costs, [0, 1, 2]) == 8
    assert greedy_order(costs) == [0, 1, 2]
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    expected = sum(order_cost(costs, o) for o in orders) / 6
    assert random_order_cost(costs) == pytest.approx(expected)


def test_a_bound_that_leaves_no_journey_is_answered_with_the_smallest_that_does():
    index = line_world(3)
    nowhere = travelled(index, n=3, step=0.3)
    assert nowhere.rows == ()
    assert nowhere.report.smallest_bound == pytest.approx(0.5)
    assert nowhere.notes == (
        (
            "no journey of 3 tracks keeps its steps to at most 0.3: the smallest bound that leaves one "
            "is 0.5; allow longer steps, or ask for more tracks"
        ),
    )
    again = travelled(index, n=3, step=nowhere.report.smallest_bound)
    assert again.rows == (0, 1, 2)
    assert travelled(index, n=3, step=0.5).notes == ()


def test_without_a_bound_asked_for_steps_grow_as_far_as_they_must_and_the_list_says_so():
    index = world_of([(0.1, 0.2), (0.11, 0.21), (0.12, 0.22), (0.9, 0.8)])
    found = travelled(index, n=4)
    assert found.rows == (0, 1, 2, 3)
    assert found.report.step_bound == found.report.largest_step
    assert found.notes == (
        (
            "the candidates are far apart: steps are up to 0.972, the smallest bound that leaves a "
            "journey of 4 tracks"
        ),
    )


def test_a_journey_that_cannot_have_so_many_tracks_is_shorter_and_says_why():
    index = line_world(6, artists=[["A"]] * 6)
    found = travelled(index, n=5, artist_cap=3)
    assert len(found.rows) == 3
    assert found.notes == (
        (
            "3 of 5 places are filled: no longer journey was found that never goes back; 6 tracks pass "
            "the limits, and at most 3 of one artist are listed"
        ),
    )


def test_no_journey_at_all_says_why():
    assert travelled(line_world(4, artists=[["A"]] * 4), artist_cap=1).notes == (
        "no journey: it takes at least 2 tracks; 4 pass the limits, and at most 1 of one artist are listed",
    )
    assert travelled(world_of([])).notes == (
        "no journey: it takes at least 2 tracks; 0 pass the limits, and at most 2 of one artist are listed",
    )
    assert travelled(line_world(4, duration_ms=[200_000] * 4), minutes=5).notes == (
        "no journey: none of at least 2 tracks was found that lasts no more than 5 minutes",
    )


@pytest.mark.parametrize(("minutes", "rows"), [(7.0, 2), (11, 3), (17.4, 4), (21, 6), (100, 12)])
def test_a_length_decides_how_many_tracks(minutes, rows):
    index = line_world(12, duration_ms=[210_000] * 12)
    found = travelled(index, minutes=minutes)
    assert len(found.rows) == rows
    assert found.report.minutes == pytest.approx(rows * 3.5)


def test_a_length_is_met_by_taking_longer_or_shorter_tracks():
    """At each of four points a track of 3, 4 and 5 minutes, the 4 the smoothest."""
    points = [tuple(p) for p in np.linspace(FROM, TO, 4)]
    index = world_of(
        [p for p in points for _ in range(3)],
        duration_ms=[180_000, 240_000, 300_000] * 4,
        loudness=[-12, -10, -8] * 4,
    )
    for minutes in (14, 15, 16, 17, 18):
        found = travelled(index, minutes=minutes)
        assert found.report.minutes == minutes
        assert found.notes == ()
    assert len(travelled(index, minutes=100, n=4).rows) == 4  # at most so many are asked for


def test_limits_hold_on_a_journey():
    admitted = np.array([True, False] * 4 + [True])
    assert travelled(line_world(9), admitted, n=5).rows == (0, 2, 4, 6, 8)
    assert travelled(line_world(9), ~admitted, n=3).rows == (1, 3, 7)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"step": 0.0}, "the longest step of a journey must be above 0, got 0"),
        ({"step": float("nan")}, "the longest step of a journey must be above 0, got nan"),
        ({"n": 1}, "a journey has at least 2 tracks, got n = 1"),
        ({"goal": (0.5, 1.5)}, r"a place is valence,arousal, both from 0 to 1, got 0\.5,1\.5"),
        ({"goal": FROM}, r"a journey needs two places, and 0\.10,0\.20 and 0\.10,0\.20 are one; ask for one mood instead"),
        ({"start": "still", "goal": "wild"}, r"a journey needs two places, and still \(here at 0\.10,0\.20\) and wild \(here at 0\.10,0\.20\) are one; ask for one mood instead"),
    ],
)  # fmt: skip
def test_a_journey_that_nobody_can_make_is_refused(query, message):
    index = line_world(5)
    assert len(travelled(index, step=1.0, n=5).rows) == 5
    with pytest.raises(QueryError, match=f"^{message}$"):
        travelled(index, **query)


def test_what_is_said_of_each_track_is_what_changes_there():
    index = line_world(2, tempo=[100, 0], loudness=[-5.2, -9.8], key=[0, 9], mode=[1, 0])
    assert stops(index, travelled(index, n=2)) == [
        Stop(valence=0.1, arousal=0.2, from_waypoint=0),
        Stop(
            valence=0.9,
            arousal=0.8,
            from_waypoint=0,
            step=1,
            tempo_bpm=(100, None),
            key=("8B", "8A"),
            loudness_db=(-5.2, -9.8),
        ),
    ]
    answer = recommend(index, Query(journey=Journey(start=FROM, goal=TO), n=2))
    assert [r.why for r in answer.recommendations] == [
        "waypoint fit 1.000: valence 0.10, arousal 0.20, 0.00 from its waypoint",
        (
            "waypoint fit 1.000: valence 0.90, arousal 0.80, 0.00 from its waypoint; step 1.00; "
            "tempo 100 to ? BPM; key 8B to 8A; loudness -5 to -10 dB"
        ),
    ]


def test_what_the_catalog_lacks_changes_nowhere():
    index = line_world(2)
    index = replace(index, columns=TrackColumns.of(index.tracks.drop("tempo", "loudness")))
    _, last = stops(index, travelled(index, n=2))
    assert (last.step, last.tempo_bpm, last.key, last.loudness_db) == (1, None, None, None)


def test_the_profile_of_a_journey_is_what_its_tracks_carry_most():
    index = line_world(3)
    moods = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]], np.float32)
    index = replace(index, scores=replace(index.scores, probabilities=moods))
    shares = profile_of_journey(index, [0, 1, 2])
    assert dict(zip(TAXONOMY.names, shares.tolist(), strict=True)) == pytest.approx(
        {"still": 2 / 3, "wild": 1 / 3, "glad": 0, "spoken": 0}
    )


cells = st.integers(0, 8).map(lambda i: i / 8)
cruel_tracks = st.tuples(
    cells,
    cells,
    st.sampled_from([["A"], ["B"], ["A", "B"], ["C"], ["D"], []]),
    st.sampled_from([60_000, 200_000, 240_000, 900_000]),
    st.booleans(),
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(cruel_tracks, max_size=14),
    st.one_of(st.none(), st.integers(2, 9)),
    st.one_of(st.none(), st.sampled_from([2.0, 6.5, 15.0, 31.0])),
    st.one_of(st.none(), st.sampled_from([0.2, 0.4, 0.9])),
    st.integers(1, 3),
    st.integers(0, 3),
)
def test_no_journey_breaks_a_promise(world, n, minutes, step, cap, gap):
    index = world_of(
        [(v, a) for v, a, *_ in world],
        artists=[names for _, _, names, *_ in world],
        duration_ms=[ms for *_, ms, _ in world],
    )
    admitted = np.array([ok for *_, ok in world], dtype=np.bool_)
    found = travelled(
        index, admitted, step=step, n=n, minutes=minutes, artist_cap=cap, artist_gap=gap
    )
    rows, report = list(found.rows), found.report
    assert len(set(rows)) == len(rows)
    assert admitted[rows].all()
    if minutes is None:
        assert len(rows) <= (10 if n is None else n)
    else:
        assert sum(world[row][3] for row in rows) <= minutes * 60_000
        assert n is None or len(rows) <= n
    assert (not rows) == (report.largest_step is None)
    points = np.array([world[row][:2] for row in rows], dtype=np.float32).astype(float)
    along = [(x - 0.1) * 0.8 + (y - 0.2) * 0.6 for x, y in points]
    assert all(b >= a - 1e-12 for a, b in pairwise(along))
    for a, b in pairwise(points):
        assert np.sqrt(((a - b) ** 2).sum()) <= report.step_bound * (1 + 1e-12)
    assert step is None or report.step_bound == step
    for artist in "ABCD":
        places = [i for i, row in enumerate(rows) if artist in world[row][2]]
        assert len(places) <= cap
        assert all(b - a > gap for a, b in pairwise(places))
    if not rows:
        assert found.notes


def test_a_query_for_a_journey_is_answered_with_its_report():
    index = line_world(9, duration_ms=[180_000] * 9)
    answer = recommend(index, Query(journey=Journey(start=FROM, goal=TO), n=3))
    assert [r.track_id for r in answer.recommendations] == ["t00", "t04", "t08"]
    assert [r.rank for r in answer.recommendations] == [1, 2, 3]
    assert answer.journey is not None
    assert answer.journey.minutes == 9
    assert [r.score for r in answer.recommendations] == [1, 1, 1]
    assert recommend(index, Query(mood="still", n=3)).journey is None


def test_a_journey_can_begin_where_a_listener_is():
    index = world_of([(0.1, 0.2)] * 3 + [(0.5, 0.5)] + [(0.9, 0.8)] * 3)
    moods = np.array([[0, 1, 0, 0]] * 3 + [[0, 0, 1, 0]] + [[1, 0, 0, 0]] * 3, np.float32)
    index = replace(index, scores=replace(index.scores, probabilities=moods))
    asked = Query(journey=Journey(goal="still"), listener_profile={"Dance": 0.9}, n=3)
    answer = recommend(index, asked)
    assert answer.journey is not None
    assert answer.journey.start == pytest.approx((0.1, 0.2))
    assert [r.track_id for r in answer.recommendations] == ["t00", "t03", "t04"]


def test_limits_of_the_query_hold_on_a_journey_and_what_is_unknown_is_counted():
    genres = [["jazz"], ["metal"], ["jazz"], [], ["jazz"]]
    index = line_world(5, genres=genres)
    answer = recommend(index, Query(journey=Journey(start=FROM, goal=TO), genres=("jazz",), n=5))
    assert [r.track_id for r in answer.recommendations] == ["t00", "t02", "t04"]
    assert answer.notes[-1] == ("genre jazz: of 1 tracks it is not known, and they are left out")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"mood": "still"}, "a journey says itself where it leads: leave mood and blend out"),
        ({"blend": {"still": 1.0}}, "a journey says itself where it leads: leave mood and blend out"),
        ({"listener_profile": {"Rest": 1.0}}, "a journey begins at its start or where a listener is: give one of both"),
        ({"journey": Journey(goal=TO)}, "a journey begins at its start or where a listener is: give one of both"),
        ({"journey": Journey(start="stil", goal=TO)}, r"no mood is called 'stil'; did you mean still\? The moods are still, wild, glad, spoken"),
        ({"diversity": 0.3}, "a journey has no diversity: it goes from waypoint to waypoint"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_a_journey_is_refused(query, message):
    index = line_world(5)
    plain = {"journey": Journey(start=FROM, goal=TO)}
    assert len(recommend(index, Query(**plain)).recommendations) == 5
    with pytest.raises(QueryError, match=f"^{message}$"):
        recommend(index, Query(**(plain | query)))
