import dataclasses
import re

import numpy as np
import polars as pl
import pytest
from threadpoolctl import threadpool_limits

from listener_worlds import SETTINGS as TABLE_SETTINGS
from listener_worlds import listeners_from, survey
from moodtune.errors import TooLittleDataError
from moodtune.listeners.answers import read_answers
from moodtune.moods import listener_training
from moodtune.moods.listener_model import NEVER_SURE, ListenerModelSettings
from moodtune.moods.listener_training import (
    OutOfFold,
    deal_folds,
    out_of_fold_predictions,
    sure_threshold,
    train_listener_model,
    training_set,
)

ONCE = ListenerModelSettings(repeats=1)
#: Thirty listeners, no two of them alike.
FEW = {f"q{i}": [f"{row * (i + 1) % 31}x" for row in range(30)] for i in range(4)}


def bytes_of(model):
    return {name: array.tobytes() for name, array in model.state().items()}


def test_row_order_changes_not_a_byte_of_the_model():
    table = survey()
    turned = table.reverse()
    a, b = (train_listener_model(listeners_from(t), ONCE, seed=3) for t in (table, turned))
    assert bytes_of(a) == bytes_of(b)


def test_the_number_of_threads_changes_not_a_byte_of_the_model():
    listeners = listeners_from(survey())
    with threadpool_limits(1):
        one = train_listener_model(listeners, ONCE, seed=3)
    with threadpool_limits(2):
        two = train_listener_model(listeners, ONCE, seed=3)
    assert bytes_of(one) == bytes_of(two)


def test_a_repeated_row_changes_not_a_byte_of_the_model():
    table = survey()
    once, twice = (listeners_from(t) for t in (table, pl.concat([table, table[:3]])))
    assert twice.n_repeats == 3
    a, b = (train_listener_model(t, ONCE, seed=3) for t in (once, twice))
    assert bytes_of(a) == bytes_of(b)


def test_a_repeated_row_never_stands_in_two_folds():
    table = survey()
    predictions = out_of_fold_predictions(listeners_from(pl.concat([table, table])), ONCE, seed=0)
    assert sorted(predictions.rows.tolist()) == list(range(240))


def test_another_seed_deals_other_folds_and_so_does_another_repeat():
    ticks = np.random.default_rng(0).random((100, 3)) < 0.5
    first = deal_folds(ticks, 5, seed=0, repeat=0)
    assert (first != deal_folds(ticks, 5, seed=1, repeat=0)).any()
    assert (first != deal_folds(ticks, 5, seed=0, repeat=1)).any()
    assert (first == deal_folds(ticks, 5, seed=0, repeat=0)).all()


def test_folds_spread_every_mood_evenly_though_combinations_are_rare():
    # Sixteen combinations, some of one listener: to stratify on the raw text fails.
    random = np.random.default_rng(0)
    ticks = random.random((203, 4)) < np.array([0.7, 0.4, 0.3, 0.05])
    folds = deal_folds(ticks, 5, seed=0, repeat=0)
    assert np.bincount(folds).tolist() == [41, 41, 41, 40, 40]
    for ticked in ticks.T:
        per_fold = np.bincount(folds[ticked], minlength=5)
        assert per_fold.max() - per_fold.min() <= 4


def test_what_a_listener_ticked_has_no_part_in_their_own_prediction():
    table = survey()
    predictions = out_of_fold_predictions(listeners_from(table), ONCE, seed=0)
    # Answers without any tie to the moods tell nothing out of fold, however they were fitted.
    shuffled = table.with_columns(table["mood"].shuffle(seed=1))
    chance = out_of_fold_predictions(listeners_from(shuffled), ONCE, seed=0)

    def loss(p, given):
        return -np.log(np.where(p.ticks, given, 1 - given)).mean()

    assert loss(predictions, predictions.probabilities) < 0.75 * loss(
        predictions, predictions.constants
    )
    assert loss(chance, chance.probabilities) > 0.97 * loss(chance, chance.constants)


def test_every_fitted_step_stays_inside_the_fold():
    training = training_set(listeners_from(survey()), ONCE)
    folds = deal_folds(training.ticks, 5, seed=0, repeat=0)
    held_out = folds == 0
    only_there = pl.DataFrame({"c": np.where(held_out, "yes", "no").tolist()})
    training = dataclasses.replace(training, answers=read_answers(only_there, ["c"]))
    everyone = np.ones(len(training), dtype=np.bool_)
    assert listener_training._fit(training, ONCE, everyone).columns == ("c",)
    # An answer that only the held-out listeners gave is not known to their model.
    assert listener_training._fit(training, ONCE, ~held_out).columns == ()


def test_out_of_fold_predictions_are_those_of_models_trained_without_the_fold():
    listeners = listeners_from(survey())
    training = training_set(listeners, ONCE)
    predictions = out_of_fold_predictions(listeners, ONCE, seed=0)
    answers = listeners.answers
    for fold in range(5):
        held_out = predictions.folds[0] == fold
        model = listener_training._fit(training, ONCE, ~held_out)
        rows = predictions.rows[held_out]
        assert np.array_equal(predictions.probabilities[0, held_out], model.predict(answers[rows]))
        rates = (training.ticks[~held_out].sum(axis=0) + 0.5) / ((~held_out).sum() + 1)
        assert predictions.constants[0, held_out] == pytest.approx(
            np.tile(rates, (held_out.sum(), 1))
        )


def test_the_moods_are_no_answer_even_where_another_column_is_named_alike():
    listeners = listeners_from(survey().rename({"mood": "MOOD"}))
    model = train_listener_model(listeners, ONCE, seed=0)
    assert "MOOD" not in model.columns


def test_a_mood_that_few_ticked_keeps_its_base_rate():
    table = survey()
    moods = table["mood"].to_list()
    ticked = ["Rest" if "Cry" in m else m for m in moods]
    ticked[:4] = ["Cry, alone"] * 4
    model = train_listener_model(
        listeners_from(table.with_columns(pl.Series("mood", ticked))), ONCE, seed=0
    )
    rate = (4 + 0.5) / (240 + 1)
    assert model.base_rates[2] == pytest.approx(rate)
    assert model.predict(table.drop("mood"))[:, 2] == pytest.approx(np.full(240, rate))


@pytest.mark.parametrize("n_moods", [3, 8])
def test_a_table_of_any_number_of_moods_one_per_listener_is_learnt(n_moods):
    random = np.random.default_rng(0)
    true = random.integers(0, n_moods, 400)
    said = np.where(random.random(400) < 0.9, true, random.integers(0, n_moods, 400))
    phrases = {f"mood {m}": f"mood {m}" for m in range(n_moods)}
    table = {
        "what": [f"answer {s}" for s in said],
        "minutes": [
            f"{m * 10 + e:.2f}" for m, e in zip(true, random.normal(size=400), strict=True)
        ],
        "id": [str(person) for person in range(1000, 1400)],
        "since": [f"2020-01-{day:02}" for day in random.integers(1, 29, 400)],
        "mood": [f"mood {t}" for t in true],
    }
    listeners = listeners_from(table, phrases)
    predictions = out_of_fold_predictions(listeners, ONCE, seed=0)
    likeliest = predictions.mean().argmax(axis=1)
    assert predictions.ticks[np.arange(400), likeliest].mean() > 0.8


def test_answers_that_say_nothing_leave_the_base_rates():
    table = {"text": [f"my own words {i}" for i in range(40)], "mood": ["Rest", "Dance"] * 20}
    model = train_listener_model(listeners_from(table), ONCE, seed=0)
    assert model.columns == ()
    assert model.predict(pl.DataFrame({"text": ["x"]})) == pytest.approx(np.full((1, 2), 0.5))
    assert model.sure_from == NEVER_SURE


def test_fewer_than_thirty_labelled_listeners_are_refused_with_their_number():
    moods = ["Rest", "Dance"] * 14 + ["Rest"]
    match = re.escape(
        "people.csv: expected at least 30 listeners with a mood, got 29 of 30 rows; collect more "
        "answers, or train without a behavior table"
    )
    with pytest.raises(TooLittleDataError, match=f"^{match}$"):
        training_set(listeners_from({**FEW, "mood": [*moods, None]}), ONCE)
    assert len(training_set(listeners_from({**FEW, "mood": [*moods, "Rest"]}), ONCE)) == 30


def test_fewer_than_two_moods_are_refused_with_their_number():
    match = re.escape(
        "people.csv: expected at least 2 moods among the listeners', got 1 (Rest); with one mood "
        "there is nothing to tell apart"
    )
    with pytest.raises(TooLittleDataError, match=f"^{match}$"):
        training_set(listeners_from({**FEW, "mood": ["Rest"] * 30}), ONCE)


def test_large_tables_are_cross_validated_once():
    listeners = listeners_from(survey())
    settings = ListenerModelSettings(repeats=3, repeats_up_to=239)
    assert len(out_of_fold_predictions(listeners, settings, seed=0).folds) == 1


def predictions_of(surest, hits):
    """Return predictions whose likeliest mood has these probabilities, and is these hits."""
    given = np.column_stack([surest, np.full(len(surest), 0.01)])
    ticks = np.column_stack([hits, ~np.array(hits)])
    return OutOfFold(
        moods=("a", "b"),
        rows=np.arange(len(surest)),
        ticks=ticks,
        probabilities=given[None],
        constants=given[None],
        folds=np.zeros((1, len(surest)), dtype=np.int64),
    )


def test_the_model_is_sure_from_the_least_probability_that_was_right_often_enough():
    surest = np.linspace(0.99, 0.5, 50)
    hits = np.arange(50) < 40
    # The first 47 have 40 hits, .851; the first 48 have .833.
    assert sure_threshold(predictions_of(surest, hits), 0.85) == surest[46]


def test_a_threshold_takes_in_all_listeners_of_one_probability_or_none():
    surest = np.array([0.9] * 35 + [0.6] * 20)
    hits = np.array([True] * 35 + [True] * 6 + [False] * 14)
    assert sure_threshold(predictions_of(surest, hits), 0.9) == 0.9


def test_too_few_listeners_are_no_reason_to_be_sure():
    surest = np.linspace(0.99, 0.5, 100)
    hits = np.arange(100) < 29
    assert sure_threshold(predictions_of(surest, hits), 0.99) == NEVER_SURE
    assert sure_threshold(predictions_of(surest, hits), 0.95) == surest[29]


def test_settings_of_the_table_name_its_mood_column():
    assert TABLE_SETTINGS.mood_column == "mood"
