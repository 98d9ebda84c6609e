"""Lists: the mix, the cap, no song twice, the order, and what is said of it."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.errors import QueryError
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.listing import link
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend, wanted_profile
from worlds import FIVE_HUNDRED, TAXONOMY, index_of


def ids(index, **query) -> list[str]:
    return [r.track_id for r in recommend(index, Query(**query)).recommendations]


@pytest.fixture
def ladder():
    """Eight tracks: four ever less still, then four ever wilder."""
    still = [0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1]
    return index_of([[p, 1 - p, 0, 0] for p in still])


def test_the_best_fit_to_the_mood_comes_first(ladder):
    assert ids(ladder, mood="still", n=3) == ["t00", "t01", "t02"]
    assert ids(ladder, mood="wild", n=3) == ["t07", "t06", "t05"]


def test_a_place_says_where_its_track_lies_on_the_plane(ladder):
    scores = ladder.scores
    for told in recommend(ladder, Query(blend={"still": 0.5, "wild": 0.5}, n=6)).recommendations:
        row = ladder.columns.rows_of((told.track_id,))[0]
        lies = (float(scores.valence[row]), float(scores.arousal[row]))
        assert (told.valence, told.arousal) == pytest.approx(lies, abs=5e-7)


def test_tracks_that_fit_equally_come_in_order_of_their_ids():
    index = index_of([[0.5, 0.5, 0, 0]] * 9)
    assert ids(index, mood="wild", n=4) == ["t00", "t01", "t02", "t03"]


def test_among_equals_the_track_that_fits_the_rest_of_the_profile_comes_first():
    index = index_of([[0.5, 0.0, 0.5, 0], [0.5, 0.5, 0.0, 0]])
    assert ids(index, blend={"still": 0.9, "wild": 0.1}, n=1) == ["t01"]
    assert ids(index, blend={"still": 0.9, "glad": 0.1}, n=1) == ["t00"]


def test_a_mix_is_kept_by_the_list_not_by_each_track(ladder):
    answer = recommend(ladder, Query(blend={"still": 0.6, "wild": 0.4}, n=5))
    assert [r.mood for r in answer.recommendations] == ["still", "wild", "still", "wild", "still"]
    assert [r.track_id for r in answer.recommendations] == ["t00", "t07", "t01", "t06", "t02"]


@FIVE_HUNDRED
@given(st.integers(1, 12), st.integers(0, 2**32))
def test_the_first_places_are_the_list_of_fewer_places(n, seed):
    chance = Random(seed)
    rows = [[chance.randint(0, 3) for _ in range(4)] for _ in range(chance.randint(1, 12))]
    index = index_of([[(c + 0.5) / (sum(row) + 2) for c in row] for row in rows])
    blend = {mood: float(chance.randint(0, 9)) for mood in TAXONOMY.names} | {"still": 1.0}
    whole = ids(index, blend=blend, n=n)
    assert ids(index, blend=blend, n=max(1, n // 2)) == whole[: max(1, n // 2)]
    assert len(set(whole)) == len(whole) == min(n, len(rows))


@FIVE_HUNDRED
@given(st.lists(st.sampled_from(["A", "B", "a"]), min_size=1, max_size=10), st.integers(1, 3))
def test_no_artist_exceeds_the_cap_under_any_spelling_of_case(names, cap):
    index = index_of([[1, 0, 0, 0]] * len(names), artists=[[name, "Guest"] for name in names])
    listed = recommend(index, Query(mood="still", artist_cap=cap)).recommendations
    assert len(listed) == min(cap, len(names))  # the guest sings on all of them


def test_a_short_list_says_why(ladder):
    answer = recommend(ladder, Query(mood="still", n=10))
    assert answer.notes == (
        "8 of 10 places are filled: the catalog has 8 tracks, and at most 2 of one artist are listed",
    )


def test_a_full_list_has_no_notes(ladder):
    assert recommend(ladder, Query(mood="still", n=8)).notes == ()


def test_a_kind_of_recording_stays_out_unless_asked_for():
    index = index_of([[0.4, 0, 0, 0.6], [0.1, 0.9, 0, 0], [0.2, 0.8, 0, 0]])
    assert ids(index, mood="still", n=2) == ["t02", "t01"]
    assert ids(index, mood="spoken", n=1) == ["t00"]


def test_a_kind_of_recording_fills_places_that_nothing_else_can_and_the_list_says_so():
    index = index_of([[0.4, 0, 0, 0.6], [0.1, 0.9, 0, 0]])
    answer = recommend(index, Query(mood="still", n=2))
    assert [r.track_id for r in answer.recommendations] == ["t01", "t00"]
    assert answer.notes == (
        "1 of 2 tracks are spoken or live recordings: the catalog has too few others",
    )


def test_a_listener_gets_the_normalised_sum_of_probability_times_weights():
    query = Query(listener_profile={"Rest": 0.8, "Dance": 0.4})
    assert wanted_profile(TAXONOMY, query).tolist() == pytest.approx(
        [0.8 * 0.75 / 1.2, 0.4 / 1.2, 0.8 * 0.25 / 1.2, 0]
    )


@pytest.mark.parametrize("unit", [1.0, 1e307, 5e-324])
def test_a_blend_is_what_its_shares_are_to_one_another_however_large(unit):
    query = Query(blend={"still": 8 * unit, "wild": 8 * unit, "glad": 16 * unit})
    assert wanted_profile(TAXONOMY, query).tolist() == [0.25, 0.25, 0.5, 0]


def test_a_phrase_asks_for_the_weights_of_its_listener_mood():
    assert wanted_profile(TAXONOMY, Query(mood="Unwind")).tolist() == [0.75, 0, 0.25, 0]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(mood="stil"), r"no mood is called 'stil'; did you mean still\? The moods are still, wild, glad, spoken"),
        (Query(blend={"still": 1, "x": 1}), r"no mood is called 'x'\. The moods are still, wild, glad, spoken"),
        (Query(blend={"still": -1.0}), r"the share of still must be a number of at least 0, got -1\.0"),
        (Query(blend={"still": float("nan")}), r"the share of still must be a number of at least 0, got nan"),
        (Query(listener_profile={"Nap": 0.5}), r"no listener mood is called 'Nap'\. They are Rest, Dance"),
        (Query(listener_profile={"Rest": float("nan")}), "the probability of Rest must be from 0 to 1, got nan"),
        (Query(listener_profile={"Rest": 0.2, "Dance": -0.1}), r"the probability of Dance must be from 0 to 1, got -0\.1"),
        (Query(blend={"still": 0.0}), "a blend needs at least one mood with a share above 0"),
        (Query(), "a query names exactly one of mood, blend and listener_profile, got 0"),
        (Query(mood="still", blend={"still": 1}), "a query names exactly one of mood, blend and listener_profile, got 2"),
        (Query(mood="still", n=0), "n must be from 1 to 500, got 0"),
        (Query(mood="still", n=501), "n must be from 1 to 500, got 501"),
        (Query(mood="still", artist_cap=0), "artist_cap must be from 1 to 500, got 0"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_served_is_refused_in_a_sentence(ladder, query, message):
    with pytest.raises(QueryError, match=f"^{message}$"):
        recommend(ladder, query)


@pytest.mark.parametrize(
    ("url", "track_id", "expected"),
    [
        ("https://example.org/a", "x", "https://example.org/a"),
        ("javascript:alert(1)", "x", None),
        (None, "4qPNDBW1i3p13qLCt0Ki3A", "https://open.spotify.com/track/4qPNDBW1i3p13qLCt0Ki3A"),
        (None, "sample-1", None),
    ],
)
def test_a_link_is_http_or_none(url, track_id, expected):
    assert link(url, track_id) == expected


def test_a_reason_names_the_features_that_mark_the_mood():
    index = index_of([[1, 0, 0, 0], [0, 1, 0, 0]], energy=[0.1, 0.9])
    whys = [
        recommend(index, Query(mood=mood, n=1)).recommendations[0].why for mood in ("still", "wild")
    ]
    # Nothing else marks the two: a second feature would be no reason.
    assert whys == [
        "mood fit 1.000: low energy (0.10)",
        "mood fit 1.000: high energy (0.90)",
    ]


def test_an_empty_catalog_gives_an_empty_list():
    index = index_of([])
    assert ids(index, mood="still") == []


def test_scores_and_tracks_of_different_length_are_refused(ladder):
    with pytest.raises(ValueError, match="7 tracks, but scores of 8"):
        type(ladder)(
            taxonomy=TAXONOMY,
            song_model=ladder.song_model,
            columns=TrackColumns.of(ladder.tracks.head(7)),
            scores=ladder.scores,
        )
    assert len(ladder) == np.int64(8)
