import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from moodtune.evaluation.metrics import (
    auc,
    bin_numbers,
    calibration_error,
    likeliest_is_ticked,
    log_losses,
    mean,
)

TICKS = np.array([True, False, True, False, False])
# Few distinct values, so that many are equal.
SCORES = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])),
    min_size=2,
    max_size=40,
)


def test_log_loss_is_minus_the_log_of_what_was_given_to_the_truth():
    losses = log_losses(np.array([True, False]), np.array([0.8, 0.25]))
    assert losses == pytest.approx([-math.log(0.8), -math.log(0.75)])


def test_a_certain_error_is_very_bad_and_not_infinite():
    assert log_losses(np.array([True]), np.array([0.0])) == pytest.approx([-math.log(1e-12)])


def test_auc_is_the_share_of_pairs_in_the_right_order():
    # With: .9, .4. Without: .5, .4, .1. Pairs won: .9 all 3; .4 one, and half of the equal one.
    scores = np.array([0.9, 0.5, 0.4, 0.4, 0.1])
    assert auc(TICKS, scores) == pytest.approx((3 + 1.5) / 6)


def test_auc_is_not_defined_with_one_class():
    assert np.isnan(auc(np.array([True, True]), np.array([0.1, 0.2])))


@given(SCORES)
def test_auc_and_log_loss_agree_with_scikit_learn(pairs):
    ticks = np.array([tick for tick, _ in pairs])
    scores = np.array([score for _, score in pairs])
    if ticks.all() or not ticks.any():
        assert np.isnan(auc(ticks, scores))
        return
    assert auc(ticks, scores) == pytest.approx(roc_auc_score(ticks, scores))
    inner = np.clip(scores, 0.01, 0.99)
    assert mean(log_losses(ticks, inner)) == pytest.approx(log_loss(ticks, inner))


@given(SCORES, st.integers(0, 99))
def test_to_count_someone_twice_is_to_have_them_twice(pairs, seed):
    ticks = np.array([tick for tick, _ in pairs])
    scores = np.array([score for _, score in pairs])
    counts = np.random.default_rng(seed).integers(0, 3, (4, len(pairs))) + (seed == 0)
    counts[:, 0] = 1
    for metric in (auc, calibration_error, lambda t, s, w=None: mean(log_losses(t, s), w)):
        together = metric(ticks, scores, counts.astype(float))
        one_by_one = [metric(np.repeat(ticks, c), np.repeat(scores, c)) for c in counts]
        assert together == pytest.approx(np.array(one_by_one), nan_ok=True)


def test_the_likeliest_mood_is_a_hit_if_it_is_one_of_those_ticked():
    ticks = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 0]], dtype=bool)
    given_to = np.array([[0.2, 0.9, 0.3], [0.6, 0.5, 0.1], [0.4, 0.4, 0.4]])
    # The third ties, and ties go to the first.
    assert likeliest_is_ticked(ticks, given_to).tolist() == [True, False, True]


def test_bins_are_of_equal_width_and_one_is_in_the_last():
    assert bin_numbers(np.array([0.0, 0.0999, 0.1, 0.95, 1.0]), 10).tolist() == [0, 0, 1, 9, 9]


def test_calibration_error_is_the_mean_gap_weighted_by_bin():
    given_to = np.array([0.15, 0.15, 0.85, 0.85, 0.85])
    ticks = np.array([True, False, True, True, False])
    # Bin 2: two, half ticked, .15 said. Bin 9: three, two thirds ticked, .85 said.
    expected = 2 / 5 * abs(1 / 2 - 0.15) + 3 / 5 * abs(2 / 3 - 0.85)
    assert calibration_error(ticks, given_to) == pytest.approx(expected)


def test_probabilities_that_come_true_have_no_calibration_error():
    given_to = np.repeat([0.25, 0.75], 4)
    ticks = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=bool)
    assert calibration_error(ticks, given_to) == pytest.approx(0)
