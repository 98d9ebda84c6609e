"""Collaborative taste, in worlds where who likes what is known by construction."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from moodtune.errors import BundleError, TooLittleDataError
from moodtune.preferences import co_listening, collaborative_training
from moodtune.preferences.co_listening import ease, item_item
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.preferences.collaborative_training import (
    CollaborativeSettings,
    fit_weights,
    train_collaborative,
)
from preference_worlds import checkerboard, content_of, histories_of_rows
from worlds import FIVE_HUNDRED

METHODS = {"ease": CollaborativeSettings(), "item-item": CollaborativeSettings(max_dense=0)}


#: Learnt once, for what is only asked.
CHECKERED = fit_weights(checkerboard(), METHODS["ease"], strength=2.0)


def likes(*rows):
    return np.array(rows, dtype=np.intp)


def dense(entries, n):
    weights = np.zeros((n, n))
    weights[entries.rows, entries.columns] = entries.weights
    return weights


def listened(seed=0, n_listeners=30, n_tracks=12):
    numbers = np.random.default_rng(seed).random((n_listeners, n_tracks))
    return csr_array((numbers < 0.3).astype(float))


def same_bytes(one, other):
    return all(
        value.tobytes() == other.state()[name].tobytes() for name, value in one.state().items()
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_checkerboard_is_told_apart(method):
    model = fit_weights(checkerboard(), METHODS[method], strength=1.0)
    scores = model.scores(likes(0, 4))
    assert model.method == method
    assert scores[2::2].min() > 0
    assert scores[1::2].max() == 0


def test_ease_is_its_formula():
    x = listened()
    p = np.linalg.inv(x.toarray().T @ x.toarray() + 5 * np.eye(12))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    found = dense(ease(x, ridge=5, count=12), 12)
    assert found == pytest.approx(np.maximum(b, 0), abs=1e-6)


def test_item_item_is_its_formula():
    # Tracks 0 and 1 share two listeners of three and two; track 2 shares one with track 0.
    x = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]], dtype=float))
    found = dense(item_item(x, shrinkage=3, count=3), 3)
    assert found[0, 1] == pytest.approx(2 / np.sqrt(3 * 2) * 2 / (2 + 3))
    assert found[0, 2] == pytest.approx(1 / np.sqrt(3 * 1) * 1 / (1 + 3))
    assert found[1, 2] == 0
    assert found == pytest.approx(found.T)
    assert np.diag(found).tolist() == [0, 0, 0]


def test_blocks_make_no_difference(monkeypatch):
    x = listened()
    whole = ease(x, ridge=5, count=4), item_item(x, shrinkage=3, count=4)
    monkeypatch.setattr(co_listening, "BLOCK_CELLS", 36)
    parts = ease(x, ridge=5, count=4), item_item(x, shrinkage=3, count=4)
    for one, other in zip(whole, parts, strict=True):
        assert dense(other, 12) == pytest.approx(dense(one, 12), abs=1e-7)


def test_the_largest_entries_of_a_row_are_kept_and_of_equal_ones_the_first():
    x = csr_array(np.array([[1, 1, 1, 1, 0], [1, 0, 0, 1, 1], [1, 0, 0, 1, 0]], dtype=float))
    found = item_item(x, shrinkage=0, count=2)
    row = {
        int(c): float(w)
        for r, c, w in zip(found.rows, found.columns, found.weights, strict=True)
        if r == 0
    }
    # Track 3 has all three listeners of track 0; tracks 1, 2 and 4 tie with one of one each.
    assert list(row) == [1, 3]
    assert row[3] == pytest.approx(1)


def test_no_track_keeps_more_neighbors_than_the_bound(monkeypatch):
    monkeypatch.setattr(collaborative_training, "MAX_NEIGHBORS", 3)
    for chosen in METHODS.values():
        model = fit_weights(checkerboard(), chosen, strength=1.0)
        assert np.diff(model.starts).max() == 3
    monkeypatch.setattr(collaborative_training, "MAX_ENTRIES", 20)
    assert len(fit_weights(checkerboard(), METHODS["ease"], strength=1.0).weights) <= 20


def test_beyond_the_stated_number_of_tracks_it_is_item_item():
    few = CollaborativeSettings(max_dense=20)
    many = CollaborativeSettings(max_dense=19)
    assert fit_weights(checkerboard(n_tracks=20), few, strength=1.0).method == "ease"
    assert fit_weights(checkerboard(n_tracks=20), many, strength=1.0).method == "item-item"


def test_of_a_very_long_history_a_part_is_learnt_from(monkeypatch):
    monkeypatch.setattr(co_listening, "MAX_TRACKS_EACH", 3)
    tracks, x = co_listening.matrix(histories_of_rows([range(7), [1, 9]], 12))
    assert tracks.tolist() == [0, 1, 3, 6, 9]
    assert x.toarray().tolist() == [[1, 0, 1, 1, 0], [0, 1, 0, 0, 1]]


def test_tracks_that_few_share_weigh_less():
    # Both pairs are always together, the first for 20 listeners and the second for two.
    histories = histories_of_rows([[0, 1]] * 20 + [[2, 3]] * 2, 4)
    for chosen in METHODS.values():
        model = fit_weights(histories, chosen, strength=1.0)
        assert model.scores(likes(0))[1] > 2 * model.scores(likes(2))[3] > 0


def test_histories_that_tell_more_than_the_columns_get_weight():
    # Every artist has an even and an odd track, and nobody likes both.
    content = content_of(20, [[f"Artist {i // 2}"] for i in range(20)])
    model = train_collaborative(checkerboard(200), content, seed=1)
    assert model.strength >= 10
    both = content.scores(likes(0, 4, 8)).total() + model.scores(likes(0, 4, 8))
    order = [row for row in np.argsort(-both) if row not in {0, 4, 8}]
    assert {row % 2 for row in order[:7]} == {0}


def test_histories_that_tell_nothing_new_get_no_weight():
    # Each listener has an artist of their own: what is hidden of it nobody else has.
    rows = [list(range(6 * i, 6 * i + 6)) for i in range(12)]
    content = content_of(72, [[f"Artist {i // 6}"] for i in range(72)])
    model = train_collaborative(histories_of_rows(rows, 72), content, seed=1)
    assert model.strength == 0
    assert not model.scores(likes(0)).any()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads(method):
    content, histories = content_of(20), checkerboard(200)
    with threadpool_limits(limits=1):
        one = train_collaborative(histories, content, METHODS[method], seed=3)
    with threadpool_limits(limits=2):
        other = train_collaborative(histories, content, METHODS[method], seed=3)
    assert same_bytes(one, other)


@FIVE_HUNDRED
@given(st.lists(st.integers(0, 19), min_size=1, max_size=8, unique=True))
def test_the_order_of_likes_makes_no_difference(rows):
    scores = CHECKERED.scores(likes(*rows))
    assert scores.tobytes() == CHECKERED.scores(likes(*sorted(rows))).tobytes()
    assert scores.shape == (20,)
    assert scores.dtype == np.float32


def test_no_likes_and_unheard_likes_say_nothing():
    model = fit_weights(histories_of_rows([[0, 1], [0, 1]], 4), METHODS["ease"], strength=1.0)
    assert not model.scores(likes()).any()
    assert not model.scores(likes(3)).any()


def test_listeners_with_one_track_each_teach_nothing():
    message = (
        "histories teach nothing with 1 listeners of two tracks or more, of 3; "
        "give those of more listeners, or leave --histories out"
    )
    with pytest.raises(TooLittleDataError, match=f"^{re.escape(message)}$"):
        train_collaborative(histories_of_rows([[0], [1], [1, 2]], 4), content_of(4), seed=0)


def test_two_listeners_with_two_tracks_are_enough():
    model = train_collaborative(histories_of_rows([[0, 1], [1, 2]], 4), content_of(4), seed=0)
    assert model.n_histories == 2


def test_a_model_is_the_same_out_of_its_arrays():
    model = fit_weights(checkerboard(), METHODS["ease"], strength=2.0)
    again = CollaborativeModel.from_state(model.state())
    assert again.method == "ease"
    assert same_bytes(model, again)
    assert again.scores(likes(2)).tobytes() == model.scores(likes(2)).tobytes()


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("weights", None, "the taste model lacks weights; train it again"),
        ("strength", np.array(np.nan, np.float32), "the taste model's strength must be finite float32 with 0 axes, got float32 (); train it again"),
        ("starts", np.array([0, 1], np.int64), "the taste model's rows do not add up: 2 neighbors and 2 weights; train it again"),
        ("starts", np.array([0, 3, 1, 2], np.int64), "the taste model's rows do not add up: 2 neighbors and 2 weights; train it again"),
        ("weights", np.zeros(1, np.float32), "the taste model's rows do not add up: 2 neighbors and 1 weights; train it again"),
        ("neighbors", np.array([0, 3], np.int32), "the taste model names tracks outside its 3; train it again"),
        ("neighbors", np.array([0, -1], np.int32), "the taste model names tracks outside its 3; train it again"),
        ("method", np.array("magic"), "the taste model was learnt by 'magic', which is neither ease nor item-item; train it again"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_agree_are_refused(name, array, message):
    state = {
        "starts": np.array([0, 1, 2, 2], np.int64),
        "neighbors": np.array([1, 0], np.int32),
        "weights": np.ones(2, np.float32),
        "strength": np.array(1, np.float32),
        "n_histories": np.array(2, np.int64),
        "method": np.array("ease"),
    }
    assert len(CollaborativeModel.from_state(state)) == 3
    broken = {k: v for k, v in (state | {name: array}).items() if v is not None}
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        CollaborativeModel.from_state(broken)


def test_what_answers_loads_no_scipy():
    code = (
        "import sys, moodtune.preferences.taste, moodtune.preferences.histories, "
        "moodtune.preferences.collaborative_training; "
        "print([m for m in ('scipy', 'sklearn', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
