"""Likes, feedback, what was shown and a seed on a journey: what they change, and by how much."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from cruel_worlds import MOODS
from journey_worlds import GOAL, START, world_of
from moodtune.errors import QueryError
from moodtune.preferences.freshness import most_repeated
from moodtune.ranking.journey_answers import Words, journey_of
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from personal_worlds import LONG_AGO, TODAY, ids, journey, said, seen


@pytest.fixture(scope="module")
def twins():
    """Two tracks that sound alike at each of three waypoints, and one far off the way.

    t03 and the last have an artist in common. All are led by the mood still.
    """
    points = [START] * 2 + [(0.5, 0.5)] * 2 + [GOAL] * 2 + [(0.0, 1.0)]
    artists = [[name] for name in ("A", "B", "C", "far", "E", "F", "far")]
    return world_of(points, artists)


def test_without_a_word_of_the_person_the_first_of_equals_is_taken(twins):
    assert ids(twins, journey()) == ["t00", "t02", "t04"]


def test_a_like_pulls_a_track_of_the_same_artist_into_the_journey(twins):
    assert ids(twins, journey(likes=("t06",))) == ["t00", "t03", "t04"]
    assert ids(twins, journey(likes=("t03",))) == ["t00", "t03", "t04"]


def test_likes_that_are_not_in_the_catalog_change_nothing_and_the_answer_says_so(twins):
    answer = recommend(twins, journey(likes=("nobody", "knows")))
    assert answer.recommendations == recommend(twins, journey()).recommendations
    assert answer.notes == (
        "none of the 2 liked tracks is in the catalog: the list goes by the mood alone",
    )


def test_a_like_in_feedback_pulls_a_track_in_and_a_skip_pushes_it_out(twins):
    like = journey(feedback=(said("t05", "like"),), today=TODAY)
    skip = journey(feedback=(said("t02", "skip"),), today=TODAY)
    assert ids(twins, like) == ["t00", "t02", "t05"]
    assert ids(twins, skip) == ["t00", "t03", "t04"]


def test_feedback_counts_in_the_mood_that_leads_the_track_and_in_no_other(twins):
    plain = ids(twins, journey())
    for mood in ("wild", "glad", "spoken"):
        assert ids(twins, journey(feedback=(said("t02", "skip", mood),), today=TODAY)) == plain
    probabilities = twins.scores.probabilities.copy()
    probabilities[2] = [0.1, 0.1, 0.8, 0]
    index = replace(twins, scores=replace(twins.scores, probabilities=probabilities))
    for mood, middle in (("glad", "t03"), ("still", "t02")):
        skip = journey(feedback=(said("t02", "skip", mood),), today=TODAY)
        answer = recommend(index, skip).recommendations
        assert answer[1].track_id == middle
    assert recommend(index, journey()).recommendations[1].mood == "glad"


def test_a_ban_is_for_good_in_every_mood_and_under_every_id():
    points = [START, (0.5, 0.5), (0.5, 0.5), GOAL]
    index = world_of(points, alternative_ids=[[], ["other"], [], []])
    assert ids(index, journey()) == ["t00", "t01", "t03"]
    for mood in ("still", "wild"):
        ban = (said("other", "ban", mood, LONG_AGO),)
        assert ids(index, journey(feedback=ban, today=TODAY)) == ["t00", "t02", "t03"]


def test_feedback_for_no_known_mood_and_without_a_day_is_refused_in_a_sentence(twins):
    with pytest.raises(
        QueryError, match=r"^feedback: no mood is called 'stil'; did you mean still"
    ):
        recommend(twins, journey(feedback=(said("t00", "like", "stil"),), today=TODAY))
    with pytest.raises(QueryError, match=r"^feedback and shown grow old: say today as well"):
        recommend(twins, journey(shown=seen("t00")))


def test_what_was_shown_yesterday_gives_way_to_what_fits_as_well(twins):
    shown = seen("t00", "t02", "t04")
    assert ids(twins, journey(shown=shown, today=TODAY)) == ["t01", "t03", "t05"]


def test_what_was_shown_today_changes_nothing(twins):
    plain = recommend(twins, journey())
    again = recommend(twins, journey(shown=seen("t00", "t02", day=TODAY), today=TODAY))
    assert ids(twins, again.query) == [r.track_id for r in plain.recommendations]
    assert (again.journey, again.notes) == (plain.journey, ())


def lane(off, n=10, at=range(10), **columns):
    """Return n tracks evenly along a line, and some to the side of those ``at`` the given places.

    ``off`` is how far: in tenths of the plane its square is what a track there costs more.
    """
    line = np.linspace((0.05, 0.1), (0.95, 0.1), n)
    aside = line[list(at)] + [0, off]
    return world_of([tuple(p) for p in np.concatenate([line, aside])], **columns)


def along_the_lane(index, n=10, **query):
    return recommend(
        index, Query(journey=Journey(start=(0.05, 0.1), goal=(0.95, 0.1)), n=n, **query)
    )


def of_the_line(answer):
    return [int(r.track_id[1:]) for r in answer.recommendations if int(r.track_id[1:]) < 10]


LINE = seen(*(f"t{i:02}" for i in range(10)))


def test_three_of_ten_tracks_are_not_yesterdays_however_little_the_others_fit():
    index = lane(0.09)  # .81 more each: much more than being shown yesterday costs
    assert of_the_line(along_the_lane(index)) == list(range(10))
    fresh = along_the_lane(index, shown=LINE, today=TODAY)
    assert len(of_the_line(fresh)) == most_repeated(10) == 7
    assert fresh.notes == ()
    assert fresh.journey is not None
    assert fresh.journey.proven


def test_what_gives_way_is_what_can_wherever_it_is_on_the_way():
    index = lane(0.09, at=(0, 4, 9))  # no other place has another track
    fresh = along_the_lane(index, shown=LINE, today=TODAY)
    assert of_the_line(fresh) == [1, 2, 3, 5, 6, 7, 8]
    assert fresh.notes == ()


def test_a_catalog_with_too_few_others_gives_what_it_has_and_a_note_counts_the_rest():
    index = lane(0.09, at=(0, 4))
    fresh = along_the_lane(index, shown=LINE, today=TODAY)
    assert of_the_line(fresh) == [1, 2, 3, 5, 6, 7, 8, 9]
    assert fresh.notes == (
        "8 of 10 tracks were in the last list: the catalog and the limits leave too few others",
    )
    alone = along_the_lane(lane(0.09, at=()), shown=LINE, today=TODAY)
    assert of_the_line(alone) == list(range(10))
    assert "10 of 10 tracks were in the last list" in alone.notes[0]


def test_no_step_grows_too_long_for_the_sake_of_other_tracks():
    index = lane(0.15)
    assert len(of_the_line(along_the_lane(index, shown=LINE, today=TODAY))) == 7
    near = Journey(start=(0.05, 0.1), goal=(0.95, 0.1), step=0.11)  # from lane to lane it is .18
    fresh = recommend(index, Query(journey=near, n=10, shown=LINE, today=TODAY))
    assert len(fresh.recommendations) == 10
    assert fresh.journey is not None
    assert fresh.journey.largest_step is not None
    assert fresh.journey.largest_step <= 0.11
    assert len(of_the_line(fresh)) == 0  # all of the other lane: there is no way across


@pytest.mark.parametrize("minutes", [30, 40])
def test_a_journey_of_a_length_is_renewed_too(minutes):
    index = lane(0.09, duration_ms=[180_000, 240_000] * 10)
    plain = along_the_lane(index, n=None, minutes=minutes)
    shown = seen(*(r.track_id for r in plain.recommendations))
    fresh = along_the_lane(index, n=None, minutes=minutes, shown=shown, today=TODAY)
    again = {r.track_id for r in plain.recommendations} & {
        r.track_id for r in fresh.recommendations
    }
    assert len(again) <= most_repeated(len(fresh.recommendations))
    assert plain.journey is not None
    assert fresh.journey is not None
    assert plain.journey.minutes - 1.5 <= fresh.journey.minutes <= minutes
    assert fresh.notes == ()


@pytest.mark.parametrize("places", [range(100), range(20, 50)])
def test_a_long_journey_is_renewed_where_it_can_be(places):
    """Of a hundred tracks it would be too much work to count them in the search."""
    index = lane(0.009, n=100, at=places)
    everything = np.ones(len(index), np.bool_)
    query = Query(journey=Journey(start=(0.05, 0.1), goal=(0.95, 0.1)), n=100)
    plain = journey_of(index, query, everything, {})
    assert plain.rows == tuple(range(100))
    fresh = journey_of(index, query, everything, {}, Words(latest=frozenset(plain.rows)))
    assert len(fresh.rows) == 100
    assert len(set(fresh.rows) & set(plain.rows)) <= 70
    assert not fresh.report.proven


def test_no_journey_grows_much_shorter_for_the_sake_of_other_tracks():
    index = lane(0.02, duration_ms=[240_000] * 10 + [60_000] * 10)
    plain = along_the_lane(index, minutes=40)
    assert of_the_line(plain) == list(range(10))
    fresh = along_the_lane(index, minutes=40, shown=LINE, today=TODAY)
    assert of_the_line(fresh) == list(range(10))
    assert "10 of 10 tracks were in the last list" in fresh.notes[0]


def test_a_seed_draws_among_tracks_that_fit_about_equally_and_takes_no_other():
    middle = [(0.5, 0.5), (0.5, 0.5), (0.5072, 0.4904)]  # the last .012 away: it costs .0144
    index = world_of([START, *middle, GOAL])
    drawn = Counter(ids(index, journey(seed=seed))[1] for seed in range(40))
    assert set(drawn) == {"t01", "t02"}
    assert min(drawn.values()) > 5
    assert ids(index, journey(seed=3)) == ids(index, journey(seed=3))
    assert ids(index, journey())[1] == "t01"


def test_a_lot_is_no_part_of_a_score(twins):
    first = recommend(twins, journey(seed=1)).recommendations[0]
    assert first.parts == {"waypoint fit": 1, "mood at the ends": 0}
    assert first.score == 1


def test_the_parts_add_up_to_the_score_and_the_sentence_names_them():
    index = world_of([(0.1, 0.5)] + [START] * 19 + [(0.5, 0.52)] + [GOAL] * 20)
    moods = np.tile(np.float32([0.5, 0.2, 0.3, 0]), (41, 1))
    moods[20:] = [0.2, 0.6, 0.2, 0]
    moods[0] = [0.9, 0.1, 0, 0]
    index = replace(index, scores=replace(index.scores, probabilities=moods))
    query = Query(
        journey=Journey(start="still", goal="wild"),
        n=3,
        likes=("t20",),
        feedback=(said("t20", "like", "wild"), said("t00", "skip", "still")),
        shown=seen("t20", *(f"t{i:02}" for i in range(10))),
        today=TODAY,
    )
    first, middle, _ = listed = recommend(index, query).recommendations
    names = ["waypoint fit", "mood at the ends", "taste", "feedback", "freshness"]
    for r in listed:
        assert list(r.parts) == names
        assert sum(r.parts.values()) == pytest.approx(r.score, abs=5e-6)
    assert middle.track_id == "t20"
    assert middle.parts["waypoint fit"] == pytest.approx(np.exp(-(0.2**2)), abs=1e-4)
    assert middle.parts["mood at the ends"] == 0
    parts = middle.parts
    assert middle.why.startswith(f"waypoint fit {parts['waypoint fit']:.3f}: valence 0.50, ")
    assert (
        f"; taste {parts['taste']:+.3f}, feedback {parts['feedback']:+.3f}, "
        "freshness -0.100 (shown 1 day ago); step "
    ) in middle.why
    # .5 of the mood still, where the most is .9: it costs 1 - .5/.9
    assert first.parts["mood at the ends"] == pytest.approx(np.exp(-4 / 9) - 1, abs=1e-6)
    assert first.why.startswith("waypoint fit 1.000: valence 0.10, ")
    assert f"; mood at the ends {np.exp(-4 / 9) - 1:+.3f}, taste " in first.why


def test_without_a_word_of_the_person_the_parts_are_the_fit_alone(twins):
    first = recommend(twins, journey()).recommendations[0]
    assert first.parts == {"waypoint fit": 1, "mood at the ends": 0}
    assert first.why == "waypoint fit 1.000: valence 0.10, arousal 0.20, 0.00 from its waypoint"


def test_adjustments_count_on_a_journey_as_in_a_list(twins):
    lifted = np.zeros(7, np.float32)
    lifted[3] = 0.1
    answer = recommend(twins, journey(), adjustments=lifted)
    assert [r.track_id for r in answer.recommendations] == ["t00", "t03", "t04"]
    assert answer.recommendations[1].parts["other"] == pytest.approx(0.1)
    of_moods = np.zeros((4, 7), np.float32)
    of_moods[MOODS.index("wild"), 3] = 0.1  # no track is led by it
    assert recommend(twins, journey(), adjustments=of_moods).recommendations[1].track_id == "t02"


def test_the_cost_of_what_is_said_is_reported_and_the_least_cost_counts_it(twins):
    answer = recommend(twins, journey(feedback=(said("t05", "like"),), today=TODAY))
    report = answer.journey
    assert report is not None
    added = sum(r.parts["taste"] + r.parts["feedback"] for r in answer.recommendations)
    assert report.extra_cost == pytest.approx(-added, abs=1e-5)
    total = report.fit_cost + report.transition_cost + report.extra_cost
    assert report.least_cost == pytest.approx(total)
    assert report.proven
    plain = recommend(twins, journey()).journey
    assert plain is not None
    assert plain.extra_cost == 0
