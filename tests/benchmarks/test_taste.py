"""The benchmark of taste hides, holds out and averages what it says."""

import importlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from preference_worlds import checkerboard, content_of

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def taste(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("taste")


def test_five_of_each_are_hidden_and_a_tenth_is_in_no_history(taste):
    favorites = checkerboard(40, n_tracks=60, each=20)
    parts = taste.split(favorites, seed=3)
    assert set(parts.hidden.lengths) == {5}
    assert set(parts.known.lengths) == {15}
    for listener in range(40):
        both = np.union1d(parts.known.of(listener), parts.hidden.of(listener))
        assert both.tolist() == favorites.of(listener).tolist()
    assert parts.cold.sum() == 4
    assert not parts.histories(1.0).lengths[parts.cold].any()


def test_a_smaller_share_of_histories_is_a_part_of_a_larger_one(taste):
    parts = taste.split(checkerboard(40, n_tracks=60, each=20), seed=3)
    quarter, half = (parts.histories(share).lengths > 0 for share in (0.25, 0.5))
    assert (quarter.sum(), half.sum()) == (9, 18)
    assert not (quarter & ~half).any()


def test_what_knows_the_hidden_ones_is_perfect_and_known_ones_are_left_out(taste):
    parts = taste.split(checkerboard(20, n_tracks=60, each=20), seed=0)
    answers = {parts.known.of(i).tobytes(): parts.hidden.of(i) for i in range(20)}

    def oracle(likes):
        scores = np.zeros(60, dtype=np.float32)
        scores[answers[likes.tobytes()]] = 1
        scores[likes] = 2
        return scores

    values = taste.measured(parts, {"oracle": oracle})["oracle"]
    assert values.tolist() == [[1.0, 1.0]] * 20


def test_histories_weigh_what_the_model_says(taste):
    parts = taste.split(checkerboard(40, n_tracks=60, each=20), seed=0)
    content = content_of(60)
    model = taste.train_collaborative(parts.histories(1.0), content, seed=0)
    scorers = taste.ours(content, model)
    likes = parts.known.of(0)
    expected = content.scores(likes).total() + model.scores(likes)
    assert scorers["both"](likes) == pytest.approx(expected, rel=1e-5)
    assert scorers["content"](likes).tolist() == content.scores(likes).total().tolist()


def test_a_mean_counts_each_listener_as_often_as_they_were_measured(taste):
    values = np.array([[1.0, 0.0, 0.5], [0.0, 0.0, 0.5]])
    counted = np.array([[True, True, False], [False, True, True]])
    found = taste.mean_of(values, counted)
    assert found.value == pytest.approx((1 + 0 + 0 + 0.5) / 4)
    assert found.low <= found.value <= found.high


def test_the_figure_draws_each_value(taste):
    taste_figure = importlib.import_module("taste_figure")
    each = taste.Figure(value=0.1, low=0.09, high=0.11)
    curve = {name: [each] * 6 for name in ("content", "histories", "both")}
    axes = taste_figure.figure_of(curve).axes[0]
    lengths = {
        name: len(line.get_xdata())
        for name, line in zip(("both", "histories", "content"), axes.lines, strict=True)
    }
    assert lengths == {"both": 7, "histories": 6, "content": 7}
    assert axes.get_ylabel() == "nDCG@10"
    assert BytesIO(taste_figure.draw(curve)).read(4) == b"\x89PNG"
