"""Lists of a length: never longer, short by little, and the gap said where it cannot be closed."""

import numpy as np
import pytest

from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from worlds import index_of


def timed(minutes, durations, **query):
    fits = np.linspace(0.9, 0.5, len(durations))
    index = index_of(
        [[p, 0.1, 0, 0] for p in fits],
        duration_ms=[None if m is None else round(m * 60_000) for m in durations],
    )
    answer = recommend(index, Query(mood="still", minutes=minutes, **query))
    listed = [int(r.track_id[1:]) for r in answer.recommendations]
    return listed, sum(durations[i] for i in listed), answer.notes


def test_as_many_tracks_as_fit_are_listed():
    listed, total, notes = timed(45, [3.0] * 20)
    assert (listed, total, notes) == (list(range(15)), 45, ())


def test_a_number_of_places_is_kept_as_well():
    listed, _, notes = timed(45, [3.0] * 20, n=5)
    assert listed == [0, 1, 2, 3, 4]
    assert notes == (
        "the list is 30.0 minutes shorter than the 45 asked for: all 5 places are taken",
    )


def test_an_exchange_closes_the_gap_with_the_least_loss_of_fit():
    # Ten of four minutes leave a gap of three; only the last tracks are longer.
    durations = [4.0] * 10 + [6.5, 6.5]
    listed, total, notes = timed(43, durations)
    assert total == 42.5
    assert listed == [*range(9), 10]
    assert notes == ()


def test_a_gap_that_no_exchange_closes_is_named():
    listed, total, notes = timed(43, [4.0] * 12)
    assert (len(listed), total) == (10, 40)
    assert notes == ("the list is 3.0 minutes shorter than the 43 asked for",)


def test_a_length_that_the_tracks_do_not_reach_says_which_limit_left_how_few():
    listed, total, notes = timed(60, [3.0] * 12, exclude=("t00", "t01"))
    assert (len(listed), total) == (10, 30)
    assert notes == (
        "the tracks end after 10 places: of the catalog's 12 tracks 10 pass the limits, and at most 2 of one artist are listed, 60 minutes in all",
        "the table of exclusions alone leaves 10 tracks; without it 12 would pass",
        "the list is 30.0 minutes shorter than the 60 asked for",
    )


def test_tracks_without_a_duration_are_left_out_and_counted():
    listed, _, notes = timed(6, [None, 3.0, None, 3.0])
    assert listed == [1, 3]
    assert notes == ("a known duration: of 2 tracks it is not known, and they are left out",)


def test_a_length_that_no_track_fits_into_gives_an_empty_list_that_says_so():
    listed, _, notes = timed(2, [3.0, 4.0])
    assert listed == []
    assert notes == (
        "no place is filled: of the catalog's 2 tracks 2 pass the limits, and at most 2 of one artist are listed, 2 minutes in all",
        "without the length 2 places would be filled",
        "the list is 2.0 minutes shorter than the 2 asked for",
    )


def test_a_length_that_is_full_says_how_many_places_there_would_be_without_it():
    listed, _, notes = timed(10, [5.0] * 4, n=4)
    assert len(listed) == 2
    assert "without the length 4 places would be filled" in notes


@pytest.mark.parametrize("seed", range(40))
def test_a_list_from_many_tracks_is_short_by_half_the_shortest_at_most(seed):
    rng = np.random.default_rng(seed)
    durations = rng.uniform(2, 7, 120).round(2).tolist()
    minutes = float(rng.uniform(15, 90))
    _, total, notes = timed(minutes, durations)
    assert 0 <= minutes - total <= min(durations) / 2
    assert notes == ()


def test_the_last_minute_goes_to_an_exchange_and_not_to_what_is_merely_short():
    # Five hundred good tracks of about four minutes, and one of half a minute that fits badly.
    durations = [4 + (i % 7) / 10 for i in range(500)] + [0.5]
    listed, total, notes = timed(30, durations)
    assert 500 not in listed
    assert 30 - total <= 0.25
    assert notes == ()


def test_a_length_is_filled_with_diversity_and_a_mix_too():
    rng = np.random.default_rng(1)
    index = index_of(
        [[p, 1 - p, 0, 0] for p in rng.uniform(0, 1, 300)],
        energy=rng.uniform(0, 1, 300).tolist(),
        duration_ms=rng.integers(120_000, 300_000, 300).tolist(),
    )
    query = Query(blend={"still": 0.5, "wild": 0.5}, minutes=40, diversity=0.5)
    answer = recommend(index, query)
    rows = [int(r.track_id[1:]) for r in answer.recommendations]
    total = sum(index.tracks["duration_ms"][row] for row in rows)
    assert 40 * 60_000 - 60_000 <= total <= 40 * 60_000
    assert abs(answer.mix.given["still"] - 0.5) <= 1 / len(rows)
    assert answer.spread.similarity < answer.spread.similarity_without
