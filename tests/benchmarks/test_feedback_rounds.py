"""Simulated listeners ask, react and are counted as the benchmark of feedback says."""

import importlib
import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from moodtune.catalog.readers import read_catalog
from moodtune.features.matrix import feature_matrix
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy
from moodtune.preferences.histories import read_histories
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex
from preference_worlds import histories_of_rows
from worlds import index_of

FOLDER = Path(__file__).parents[2] / "benchmarks"
DATA = Path(os.environ.get("MOODTUNE_DATA", "/nowhere")) / "listening"

#: The tracks of two stars: one each that lists come to by themselves, the others far behind it.
STAR = np.array([12, *range(60, 120, 6)], dtype=np.int32)
OTHER = np.array([14, *range(63, 120, 6)], dtype=np.int32)


@pytest.fixture
def benchmark_module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture
def simulated(benchmark_module):
    return benchmark_module("simulated_listeners")


@pytest.fixture
def rounds(benchmark_module):
    return benchmark_module("feedback_rounds")


@pytest.fixture(scope="module")
def stars():
    """A hundred and twenty tracks that are ever less still: .003 from one to the next."""
    names = dict.fromkeys(STAR.tolist(), "Star") | dict.fromkeys(OTHER.tolist(), "Other")
    return index_of(
        [[0.9 - 0.003 * i, 0.1 + 0.003 * i, 0, 0] for i in range(120)],
        artists=[[names.get(i, f"Artist {i}")] for i in range(120)],
    )


def listener_of(simulated, index, favorites, protocol, number=0):
    return simulated.Listener.of(index, favorites, number, protocol)


def test_without_feedback_it_is_told_what_was_shown_and_nothing_else(simulated, stars, monkeypatch):
    asked, answer = [], simulated.recommend
    monkeypatch.setattr(
        simulated, "recommend", lambda index, query: asked.append(query) or answer(index, query)
    )
    protocol = simulated.Protocol(rounds=4, places=5)
    listener = listener_of(simulated, stars, STAR, protocol)
    simulated.play(stars, listener, protocol, heard=None)
    assert [len(query.shown) for query in asked] == [0, 5, 10, 15]
    assert all(query.feedback == () and query.likes is None for query in asked)
    assert [query.today for query in asked] == [f"2026-01-0{day}" for day in (1, 2, 3, 4)]


def test_favorites_are_liked_and_the_others_skipped_in_the_mood_that_was_asked(simulated):
    diary = simulated.Diary(protocol=simulated.Protocol(), number=0)
    diary.note_reactions("still", ["a", "b", "c"], [False, True, False], 1)
    said = [(event.track_id, event.mood, event.action) for event in diary.query("wild", 2).feedback]
    assert said == [("a", "still", "skip"), ("b", "still", "like"), ("c", "still", "skip")]


def test_of_those_that_are_no_favorites_a_share_is_skipped_and_all_favorites_are_liked(simulated):
    diary = simulated.Diary(protocol=simulated.Protocol(skipped=0.5), number=0)
    ids = [f"t{i}" for i in range(400)]
    diary.note_reactions("still", ids, [i < 40 for i in range(400)], 1)
    actions = [event.action for event in diary.feedback]
    assert actions.count("like") == 40
    assert 140 <= actions.count("skip") <= 220


def star_fan(simulated, index, heard):
    """Return which of twenty lists have a track of the star, and how many different ones."""
    protocol = simulated.Protocol(rounds=20, places=5, rule="one")
    listener = listener_of(simulated, index, STAR, protocol)
    played = simulated.play(index, listener, protocol, heard=heard)
    return played.found(STAR).any(axis=1), int(played.new(STAR).sum())


def test_where_favorites_share_an_artist_feedback_finds_them_and_brings_them_back(simulated, stars):
    hits, new = star_fan(simulated, stars, heard=STAR)
    assert not hits[:2].any()
    assert hits[-10:].all()
    hits_without, new_without = star_fan(simulated, stars, heard=None)
    assert hits_without[-10:].mean() <= 0.3
    assert new_without == 1 < new


def test_what_another_likes_brings_nothing_of_ones_own(simulated, stars):
    hits, new = star_fan(simulated, stars, heard=OTHER)
    assert hits[-10:].mean() <= 0.3
    assert new == 1


def test_a_favorite_is_new_once_and_a_hit_each_time(simulated):
    played = simulated.Played(
        rows=np.array([[4, 2, -1], [2, 7, 4], [9, 2, 7]], np.int32), fits=np.zeros(3)
    )
    favorites = np.array([2, 7, 11])
    assert played.found(favorites).sum(axis=1).tolist() == [1, 2, 2]
    assert played.new(favorites).sum(axis=1).tolist() == [1, 1, 0]


def test_moods_are_asked_as_often_as_they_lead_among_the_favorites(simulated):
    index = index_of([[0.8, 0.2, 0, 0]] * 3 + [[0.2, 0.8, 0, 0]] + [[0, 0, 0.1, 0.9]])
    favorites = np.arange(5, dtype=np.int32)
    protocol = simulated.Protocol(rounds=2000)
    asked = simulated.moods_asked(index, favorites, 0, protocol)
    # Three lead still, one wild; the kind that lists keep out is never asked for.
    assert np.bincount(asked, minlength=4) / 2000 == pytest.approx([0.75, 0.25, 0, 0], abs=0.04)
    one = simulated.moods_asked(index, favorites, 0, simulated.Protocol(rule="one"))
    assert set(one.tolist()) == {0}
    turn = simulated.moods_asked(index, favorites, 0, simulated.Protocol(rule="turn", rounds=9))
    assert np.bincount(turn, minlength=4).tolist() == [3, 3, 3, 0]
    none = simulated.moods_asked(index, favorites[4:], 0, simulated.Protocol(rounds=9))
    assert np.bincount(none, minlength=4).tolist() == [3, 3, 3, 0]


def test_random_tracks_carry_the_mood_and_come_once_while_there_are_others(simulated, stars):
    protocol = simulated.Protocol(rounds=10, places=5, rule="one")
    listener = listener_of(simulated, stars, STAR, protocol)
    rows = simulated.at_random(stars, listener, protocol).rows
    assert set(stars.leading[rows.ravel()].tolist()) == {0}
    assert len(np.unique(rows)) == rows.size == 50


def test_at_best_a_list_has_what_the_mood_leads_and_first_what_was_not_listed(simulated):
    index = index_of([[0.8, 0.2, 0, 0]] * 5 + [[0.2, 0.8, 0, 0]])
    protocol = simulated.Protocol(rounds=3, places=2, rule="one")
    listener = listener_of(simulated, index, np.array([1, 3, 4, 5], np.int32), protocol)
    played = simulated.at_best(index, listener, protocol)
    assert played.rows.tolist() == [[1, 3], [4, 1], [1, 3]]
    assert played.fits == pytest.approx([0.8] * 3)


def test_no_listener_is_both_chosen_by_and_reported(rounds):
    favorites = histories_of_rows([[0]] * 41, 1)
    chosen, reported = (rounds.sample(favorites, 50, half) for half in ("choosing", "reported"))
    assert (len(chosen), len(reported)) == (20, 21)
    assert not set(chosen.tolist()) & set(reported.tolist())


def test_each_figure_is_the_mean_over_its_rounds(rounds):
    hits = np.array([[0, 0, 0, 0, 0, 0, 1, 0, 1, 1]], float)
    new = np.array([[0, 2, 0, 0, 0, 0, 0, 0, 0, 1]], float)
    outcome = rounds.Outcome(hits=hits, new=new, fits=np.linspace(0, 0.9, 10)[None])
    values = {name: float(value[0]) for name, value in outcome.values().items()}
    assert values == {
        rounds.HIT_FIRST: 0,
        rounds.HIT_LAST: 1,
        rounds.RISE: 1,
        rounds.NEW: 3,
        rounds.NEW_LAST: 1,
        rounds.FIT: pytest.approx((0.8 + 0.9) / 2),
    }


@pytest.fixture
def outcomes(rounds, simulated, stars):
    """Two listeners, a star each: what the other likes is none of theirs."""
    favorites = histories_of_rows([STAR.tolist(), OTHER.tolist()], 120)
    protocol = simulated.Protocol(rounds=20, places=5, rule="one")
    return rounds.simulate(stars, favorites, np.arange(2), protocol)


def test_the_bars_are_met_where_feedback_helps_and_missed_where_it_changes_nothing(
    rounds, outcomes
):
    text, met = rounds.report(outcomes)
    assert met
    assert text.count(": met") == 6
    same = dict.fromkeys(rounds.ARMS, outcomes[rounds.WITHOUT])
    text, met = rounds.report(same)
    assert not met
    assert text.count(": missed") == 6


def test_the_figure_draws_each_round_of_each_arm(rounds, benchmark_module, outcomes):
    drawing = benchmark_module("feedback_rounds_figure")
    curves = rounds.curves(outcomes)
    for panel, axes in zip(("hits", "new"), drawing.figure_of(curves, 2).axes, strict=True):
        drawn = {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
        arms = [arm for arm in rounds.ARMS if arm != rounds.BEST]
        assert drawn == {arm: [p.value for p in curves[panel][arm]] for arm in arms}
    assert curves["new"][rounds.WITH][-1].value == outcomes[rounds.WITH].new.sum(axis=1).mean()
    assert BytesIO(drawing.draw(curves, 2)).read(4) == b"\x89PNG"


@pytest.mark.skipif(not DATA.is_dir(), reason="MOODTUNE_DATA names no folder with listening/ in it")
def test_real_peoples_favorites_come_back_with_feedback(rounds, simulated):
    catalog, taxonomy = read_catalog(DATA / "favorites_catalog.csv"), load_taxonomy()
    features = feature_matrix(catalog)
    model = train_song_model(features, taxonomy)
    index = TrackIndex(
        taxonomy=taxonomy,
        song_model=model,
        columns=TrackColumns.of(catalog.tracks),
        scores=model.score(features),
    )
    favorites = read_histories(DATA / "favorites.parquet", catalog.tracks)
    protocol = simulated.Protocol(rounds=12, rule="one")
    outcomes = rounds.simulate(index, favorites, rounds.sample(favorites, 12, "choosing"), protocol)
    last = {arm: outcome.values()[rounds.HIT_LAST].mean() for arm, outcome in outcomes.items()}
    assert last[rounds.WITH] > max(last[rounds.WITHOUT], last[rounds.ANOTHERS]) + 0.15
