import itertools
import re
import subprocess
import sys

import msgspec
import numpy as np
import polars as pl
import pytest

from listener_worlds import listeners_from, survey
from moodtune.errors import BundleError
from moodtune.moods.listener_model import (
    ListenerModel,
    ListenerModelSettings,
    listener_phrases,
    widened,
)
from moodtune.moods.listener_training import train_listener_model
from moodtune.moods.taxonomy import load_taxonomy

SETTINGS = ListenerModelSettings(repeats=1)


@pytest.fixture(scope="module")
def model():
    return train_listener_model(listeners_from(survey()), SETTINGS, seed=0)


def asked(**answers):
    return pl.DataFrame({name: [cell] for name, cell in answers.items()})


def test_several_moods_are_high_at_once_where_the_answers_say_so(model):
    assert model.moods == ("Rest", "Dance", "Cry")
    both = dict(zip(model.moods, model.predict(asked(time="Night", place="Gym, Street"))[0]))  # noqa: B905 -- as many
    assert both["Rest"] > 0.75
    assert both["Dance"] > 0.75
    assert both["Cry"] < 0.1


def test_answers_point_where_the_rule_says(model):
    rest, dance, _ = model.predict(asked(time="Night", place="Home, Street"))[0]
    assert (rest > 0.75, dance < 0.25) == (True, True)
    rest, dance, _ = model.predict(asked(time="Morning", place="Gym"))[0]
    assert (rest < 0.25, dance > 0.75) == (True, True)


def test_of_whom_nothing_is_known_gets_about_the_base_rates_and_is_never_sure(model):
    unknown = pl.DataFrame({"something else": ["x", "y"]})
    predicted = model.predict(unknown)
    assert predicted == pytest.approx(np.tile(model.nothing_known(), (2, 1)))
    assert predicted[0] == pytest.approx(model.base_rates, abs=0.05)
    assert not model.sure(predicted).any()
    assert model.predict(pl.DataFrame({"time": ["Teatime"]})) == pytest.approx(predicted[:1])


def test_knowing_less_of_a_listener_brings_the_probability_nearer_to_the_base_rate(model):
    table = model.weights_table().filter(pl.col("mood") == "Rest").sort("weight", "column")
    best = dict(table.filter(pl.col("weight") > 0.001).select("column", "answer").rows())
    del best["age"]  # its answers are shown as ranges
    assert len(best) > 3
    full = model.predict(asked(**best))
    half = model.predict(asked(time=best["time"]))
    assert model.base_rates[0] < half[0, 0] < full[0, 0]


def test_the_model_is_sure_where_answers_are_clear(model):
    clear = model.predict(asked(time="Night", place="Home, Street"))
    assert model.sure(clear).tolist() == [True]


def test_one_by_one_is_the_same_to_the_bit_as_all_at_once(model):
    answers = survey(40, seed=5).drop("mood")
    together = model.predict(answers)
    alone = np.vstack([model.predict(answers[i]) for i in range(answers.height)])
    assert np.array_equal(together, alone)


def test_no_listeners_get_no_predictions(model):
    assert model.predict(survey().drop("mood").clear()).shape == (0, 3)


def test_a_table_of_ids_alone_gets_what_holds_with_nothing_known(model):
    listeners = listeners_from({"id": ["a", "b"]}, phrases=None)
    assert listeners.ids == ("a", "b")
    assert model.predict(listeners.answers) == pytest.approx(np.tile(model.nothing_known(), (2, 1)))


def test_columns_may_come_in_any_order_and_case(model):
    answers = survey(seed=5).drop("mood")
    turned = answers.select(reversed(answers.columns)).rename(str.upper)
    assert np.array_equal(model.predict(turned), model.predict(answers))


def test_the_weights_name_the_answers_that_speak_for_and_against(model):
    table = model.weights_table()
    assert table.columns == ["column", "answer", "share", "mood", "weight"]
    rest = table.filter(pl.col("mood") == "Rest").sort("weight")
    assert rest.row(0)[:2] == ("time", "Morning")
    assert rest.row(-1)[:2] == ("time", "Night")
    dance = table.filter(pl.col("mood") == "Dance").sort("weight")
    assert dance.row(-1)[:2] == ("place", "Gym")
    # A scale is shown by a low and a high value, in the table's own units.
    ages = table.filter((pl.col("column") == "age") & (pl.col("mood") == "Cry"))["answer"].to_list()
    assert [re.sub(r"\d+", "N", answer) for answer in ages] == ["N or less", "N or more"]


def test_a_weight_is_how_far_the_answer_moves_the_log_odds_from_those_of_an_unknown_one(model):
    (night,) = model.weights_table().filter(answer="Night", mood="Rest")["weight"]
    encoded = model.encoder.encode_frame(asked(time="Night"))
    assert night == pytest.approx(float((encoded.values @ model.weights)[0, 0]))


def test_saved_as_arrays_and_loaded_it_answers_the_same_bits(model):
    state = model.state()
    assert {a.dtype.kind for a in state.values()} <= set("fuU")
    answers = survey(seed=5).drop("mood")
    loaded = ListenerModel.from_state(state)
    assert np.array_equal(loaded.predict(answers), model.predict(answers))
    assert loaded.sure_from == model.sure_from


def damaged(**changes):
    return lambda state: {**state, **changes}


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda s: {k: v for k, v in s.items() if k != "weights"}, "expected the arrays"),
        (damaged(weights=np.zeros((1, 3))), "weights: expected finite float64"),
        (damaged(intercepts=np.full(3, np.nan)), "intercepts: expected finite float64"),
        (damaged(base_rates=np.array([0.5, 0.5, 1.0])), "a variance below 0, or a base rate"),
        (damaged(moods=np.arange(3)), "expected a row of mood names, got int64"),
        (damaged(encoder=np.frombuffer(b"[]", np.uint8)), "its encoder is not readable"),
        (damaged(sure_from=np.array([np.nan])), "expected a probability to be sure from"),
        (damaged(sure_from=np.array([])), "sure_from is"),
    ],
)
def test_a_damaged_state_is_refused(model, damage, reason):
    assert ListenerModel.from_state(model.state())
    with pytest.raises(BundleError, match=f"^the listener model is damaged: {reason}"):
        ListenerModel.from_state(damage(model.state()))


def test_no_answer_that_fewer_than_five_gave_is_kept_in_the_model():
    table = survey().with_columns(pl.Series("secret", ["my phone is 12345"] * 4 + ["none"] * 236))
    state = train_listener_model(listeners_from(table), SETTINGS, seed=0).state()
    assert b"12345" not in b"".join(a.tobytes() for a in state.values())
    assert b'"none"' in state["encoder"].tobytes()


def test_widened_probabilities_are_the_mean_of_the_logistic_over_normal_log_odds():
    draws = np.random.default_rng(0).normal(size=200_000)
    for logit, variance in itertools.product((-2.0, 0.0, 1.0), (0.0, 0.5, 2.0)):
        expected = (1 / (1 + np.exp(-(logit + draws * variance**0.5)))).mean()
        got = widened(np.array([logit]), np.array([variance]))[0]
        assert got == pytest.approx(expected, abs=0.01)


def test_phrases_lead_where_the_taxonomy_says():
    taxonomy = load_taxonomy()
    phrases = listener_phrases(taxonomy)
    assert {p: taxonomy.listener_mood(p).name for p in phrases} == phrases
    assert set(taxonomy.names) <= set(phrases)


def test_settings_out_of_their_range_are_refused():
    for change in ({"folds": 1}, {"prior_spreads": []}, {"prior_spreads": [0.0]}, {"nope": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(change, ListenerModelSettings)
    assert msgspec.convert({"folds": 2}, ListenerModelSettings).folds == 2


def test_predicting_needs_neither_scikit_learn_nor_pandas():
    code = (
        "import sys, moodtune.moods.listener_model\n"
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
