import json
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from listener_worlds import DATA, listeners_from, needs_data, survey
from moodtune.evaluation.listener_validation import (
    ListenerValidation,
    measure,
    validate_listener_model,
)
from moodtune.listeners.readers import read_listeners
from moodtune.moods.listener_model import ListenerModelSettings, listener_phrases
from moodtune.moods.listener_training import OutOfFold
from moodtune.moods.taxonomy import load_taxonomy

SETTINGS = ListenerModelSettings(repeats=2)


@pytest.fixture(scope="module")
def validation():
    return validate_listener_model(listeners_from(survey(600)), SETTINGS, seed=0)


def two_moods(probabilities, ticks, constants=None):
    given = np.array([probabilities], dtype=float)
    return OutOfFold(
        moods=("a", "b"),
        rows=np.arange(len(ticks)),
        ticks=np.array(ticks, dtype=bool),
        probabilities=given,
        constants=np.full_like(given, 0.5) if constants is None else constants,
        folds=np.array([np.arange(len(ticks)) % 2]),
    )


#: Four listeners: the first three hit, the last misses.
FOUR = two_moods([[0.9, 0.2], [0.8, 0.3], [0.1, 0.7], [0.6, 0.4]], [[1, 0], [1, 1], [0, 1], [0, 1]])


def test_figures_are_those_worked_by_hand():
    made = measure(FOUR, sure_from=0.75, seed=0)
    first = -np.log([0.9, 0.8, 0.9, 0.4]).mean()
    second = -np.log([0.8, 0.3, 0.7, 0.4]).mean()
    assert [c.model.value for c in made.log_loss_by_mood] == pytest.approx([first, second])
    assert made.log_loss.model.value == pytest.approx((first + second) / 2)
    assert made.log_loss.constant.value == pytest.approx(np.log(2))
    assert made.log_loss.gain.value == pytest.approx(np.log(2) - (first + second) / 2)
    # a: .9 and .8 above .1 and .6. b: of .3 .7 .4 against .2, all above.
    assert [c.model.value for c in made.auc_by_mood] == [1.0, 1.0]
    assert made.auc.constant.value == 0.5
    assert made.hit_rate.model.value == 3 / 4
    # The constant's ties go to the first mood, which two of four ticked.
    assert made.hit_rate.constant.value == 2 / 4
    # Every listener is alone in their bin.
    first, second = np.mean([0.1, 0.2, 0.1, 0.6]), np.mean([0.2, 0.7, 0.3, 0.6])
    assert made.calibration_error.model.value == pytest.approx((first + second) / 2)
    assert made.confusion == ((2, 0), (2, 1))
    assert made.ticked == (2, 3)


def test_each_fold_is_beside_its_constant():
    made = measure(FOUR, sure_from=0.75, seed=0)
    assert [(f.repeat, f.fold) for f in made.fold_losses] == [(0, 0), (0, 1)]
    # Listeners 0 and 2, then 1 and 3.
    assert [f.model for f in made.fold_losses] == pytest.approx(
        [-np.log([0.9, 0.8, 0.9, 0.7]).mean(), -np.log([0.8, 0.3, 0.4, 0.4]).mean()]
    )
    assert [f.constant for f in made.fold_losses] == pytest.approx([np.log(2)] * 2)
    assert made.folds_won == 1


def test_the_surest_are_answered_first():
    curve = measure(FOUR, sure_from=0.75, seed=0).risk_coverage
    rates = dict(zip(curve.coverage, (f.value for f in curve.hit_rate), strict=True))
    assert (rates[0.25], rates[0.5], rates[0.7], rates[1.0]) == (1, 1, 1, 3 / 4)
    assert curve.gain_at_70.value == pytest.approx(1 / 4)
    assert (curve.sure_coverage, curve.sure_hit_rate) == (2 / 4, 1)


def test_a_model_that_is_never_sure_has_no_hit_rate_of_its_own():
    curve = measure(FOUR, sure_from=2.0, seed=0).risk_coverage
    assert (curve.sure_coverage, curve.sure_hit_rate) == (0, None)


def test_bins_hold_what_was_said_and_what_came_true():
    first = measure(FOUR, sure_from=0.75, seed=0).reliability[0]
    assert first.mood == "a"
    assert first.predicted == pytest.approx((0.1, 0.6, 0.8, 0.9))
    assert first.observed == (0, 0, 1, 1)
    assert first.counts == (1, 1, 1, 1)


def test_a_mood_that_everyone_ticked_has_nothing_to_tell_apart():
    everyone = two_moods([[0.9, 0.2], [0.8, 0.3]], [[1, 0], [1, 1]])
    made = measure(everyone, sure_from=0.75, seed=0)
    assert made.auc_by_mood[0].model.value == 0.5
    assert made.auc_by_mood[1].model.value == 1.0


def test_on_answers_that_follow_a_rule_the_model_beats_the_constant_in_every_fold(validation):
    assert validation.folds_won == len(validation.fold_losses) == 10
    for figures in (validation.log_loss, validation.auc, validation.hit_rate):
        assert figures.gain.low > 0
    for figures in validation.log_loss_by_mood:
        assert figures.model.value < figures.constant.value
    assert validation.calibration_error.model.value < 0.05
    assert validation.notes == ()


def test_it_abstains_where_listeners_left_out_the_answers_that_tell():
    table = survey(600)
    silent = pl.Series(np.random.default_rng(1).random(600) < 0.4)
    told = ["time", "place"]
    table = table.with_columns(pl.when(~silent).then(pl.col(told)))
    curve = validate_listener_model(listeners_from(table), SETTINGS, seed=0).risk_coverage
    assert curve.gain_at_70.low > 0
    # Sure of those who told, give or take, and of them nine in ten follow the rule.
    assert 0.4 < curve.sure_coverage < 0.75
    assert curve.sure_hit_rate >= 0.85


def test_on_answers_without_any_tie_to_the_moods_it_does_not():
    table = survey()
    chance = listeners_from(table.with_columns(table["mood"].shuffle(seed=1)))
    made = validate_listener_model(chance, SETTINGS, seed=0)
    assert made.auc.model.low < 0.5 < made.auc.model.high + 0.05
    assert abs(made.log_loss.gain.value) < 0.02
    assert made.folds_won < 10


def test_intervals_hold_their_value(validation):
    for compared in (
        validation.log_loss,
        validation.auc,
        validation.hit_rate,
        validation.calibration_error,
    ):
        for made in (compared.model, compared.constant, compared.gain):
            assert made.low <= made.value <= made.high


def test_a_column_made_from_the_moods_is_noticed():
    table = survey()
    leak = table["mood"].replace_strict(
        {mood: f"code {i}" for i, mood in enumerate(table["mood"].unique().sort())}
    )
    made = validate_listener_model(
        listeners_from(table.with_columns(leak.alias("leak"))), SETTINGS, seed=0
    )
    (note,) = made.notes
    assert note.endswith("made from the moods, and leave it out with ignore_columns.")


def test_row_order_changes_no_figure():
    table = survey()
    a, b = (
        validate_listener_model(listeners_from(t), SETTINGS, seed=0)
        for t in (table, table.reverse())
    )
    assert a.to_json() == b.to_json()


def test_it_is_plain_json_and_comes_back(validation):
    text = validation.to_json()
    assert json.loads(text)["moods"] == ["Rest", "Dance", "Cry"]
    assert msgspec.json.decode(text, type=ListenerValidation) == validation


@needs_data
def test_the_public_survey_reaches_its_bars():
    path = Path(DATA) / "behavior" / "spotify_data.csv"
    listeners = read_listeners(path, listener_phrases(load_taxonomy()))
    made = validate_listener_model(listeners, ListenerModelSettings(), seed=0)
    assert (made.n_listeners, made.n_folds, made.n_repeats) == (519, 5, 5)
    assert made.auc.model.value >= 0.73
    assert made.hit_rate.model.value >= 0.78
    assert made.hit_rate.constant.value == pytest.approx(0.70, abs=0.005)
    assert made.log_loss.model.value <= 0.50
    assert all(c.model.value < c.constant.value for c in made.log_loss_by_mood)
    assert made.calibration_error.model.value <= 0.05
    assert made.folds_won == 25
    assert made.risk_coverage.gain_at_70.low > 0
