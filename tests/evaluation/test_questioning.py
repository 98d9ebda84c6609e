"""Chosen questions beside random ones, where it is known which of them tell."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from listener_worlds import DATA, listeners_from, needs_data
from moodtune.evaluation.questioning import chosen_paths, compare_questions, only
from moodtune.listeners.readers import read_listeners
from moodtune.moods.listener_model import ListenerModelSettings, listener_phrases
from moodtune.moods.listener_training import train_listener_model
from moodtune.moods.taxonomy import load_taxonomy

SETTINGS = ListenerModelSettings(repeats=1, folds=3)


def mostly_noise(n=300, seed=0):
    """Return a table of ten questions, of which three tell."""
    random = np.random.default_rng(seed)
    telling = random.random((n, 3)) < 0.5
    rest = random.random(n) < 1 / (1 + np.exp(-1.5 * (2 * telling - 1).sum(axis=1)))
    columns = {f"tells{i}": np.where(telling[:, i], "yes", "no") for i in range(3)}
    noise = {f"noise{i}": random.choice(["a", "b", "c"], n) for i in range(7)}
    return pl.DataFrame({**noise, **columns, "mood": np.where(rest, "Rest", "Dance")})


def test_three_chosen_questions_beat_three_random_ones_where_three_tell():
    found = compare_questions(listeners_from(mostly_noise()), SETTINGS, [0, 1])
    assert found.gain.low > 0.05
    assert found.gain.value == pytest.approx(found.random.value - found.chosen.value)
    assert found.chosen.value == pytest.approx(found.everything.value, abs=0.02)
    assert found.random.value < found.nothing.value
    assert found.nothing.value == pytest.approx(np.log(2), abs=0.02)
    assert 0.2 < found.commonest <= 1


def test_where_no_question_tells_choosing_gains_nothing():
    shuffled = mostly_noise().with_columns(pl.col("mood").shuffle(seed=1))
    found = compare_questions(listeners_from(shuffled), SETTINGS, [0])
    assert found.gain.low < 0 < found.gain.high or abs(found.gain.value) < 0.01


def test_the_same_seeds_give_the_same_figures_whatever_the_order_of_rows():
    table = mostly_noise(120)
    first = compare_questions(listeners_from(table), SETTINGS, [0])
    turned = listeners_from(table.sample(fraction=1, shuffle=True, seed=2))
    assert compare_questions(turned, SETTINGS, [0]) == first


def test_all_columns_known_is_the_same_as_not_hiding_any():
    listeners = listeners_from(mostly_noise(120))
    model = train_listener_model(listeners, SETTINGS, seed=0)
    encoded = model.encoder.encode_frame(listeners.answers)
    shown = only(encoded, model.encoder, np.ones_like(encoded.known))
    assert np.array_equal(shown.values, encoded.values)
    hidden = only(encoded, model.encoder, np.zeros_like(encoded.known))
    assert not hidden.values.any()
    assert not hidden.known.any()
    paths = chosen_paths(replace(model, together=np.zeros((0, 0))), encoded, 3)
    assert all(len(set(path)) == 3 for path in paths.tolist())


@needs_data
def test_on_the_survey_three_chosen_questions_beat_three_random_ones():
    phrases = listener_phrases(load_taxonomy())
    listeners = read_listeners(Path(DATA) / "behavior" / "spotify_data.csv", phrases)
    found = compare_questions(listeners, ListenerModelSettings(), [0])
    assert found.gain.low > 0.02
    # The answers so far decide what comes next: no three questions are asked of everyone.
    assert found.commonest < 0.95
