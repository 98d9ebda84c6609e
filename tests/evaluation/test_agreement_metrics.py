"""Figures of a ranking and of a naming: by hand, against scikit-learn, and sample by sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from moodtune.evaluation.agreement_metrics import (
    RankedList,
    confusion,
    macro_f1,
    mid_ranks,
    spearman,
)


def ranked(ticks, scores, weights=None):
    ticks, scores = np.array(ticks, bool), np.array(scores, float)
    weights = np.ones((1, len(ticks))) if weights is None else np.array(weights, float)
    return RankedList.of(ticks, scores, weights)


def test_figures_of_a_ranking_by_hand():
    # From the top: yes, no, yes, no, no.
    found = ranked([0, 1, 0, 1, 0], [0.1, 0.9, 0.8, 0.7, 0.2])
    assert found.auc()[0] == pytest.approx((3 + 2) / 6)
    assert found.average_precision()[0] == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert found.precision_at(1)[0] == 1
    assert found.precision_at(2)[0] == 1 / 2
    assert found.precision_at(3)[0] == pytest.approx(2 / 3)


def test_precision_takes_all_where_there_are_fewer():
    assert ranked([1, 0, 0], [3, 2, 1]).precision_at(50)[0] == pytest.approx(1 / 3)


def test_equal_scores_keep_the_order_in_which_units_came():
    found = ranked([0, 1, 1, 0], [0.5, 0.5, 0.5, 0.5])
    assert found.precision_at(1)[0] == 0
    assert found.precision_at(2)[0] == 1 / 2
    # But a ranking that says nothing gains nothing by that order.
    assert found.auc()[0] == 1 / 2
    assert found.average_precision()[0] == 2 / 4


def test_with_one_class_alone_there_is_no_auc():
    assert np.isnan(ranked([1, 1], [1, 2]).auc()[0])
    assert np.isnan(ranked([0, 0], [1, 2]).average_precision()[0])


cases = st.lists(
    st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=30
)


@given(cases)
def test_a_weighted_sample_is_the_sample_with_its_units_repeated(units):
    ticks, scores, weights = (np.array(column) for column in zip(*units, strict=True))
    drawn_ticks, drawn_scores = np.repeat(ticks, weights), np.repeat(scores, weights)
    if len(set(drawn_ticks.tolist())) < 2:
        return
    found = ranked(ticks, scores, [weights, weights])
    assert found.auc() == pytest.approx([roc_auc_score(drawn_ticks, drawn_scores)] * 2)
    expected = average_precision_score(drawn_ticks, drawn_scores)
    assert found.average_precision() == pytest.approx([expected] * 2)
    first = drawn_ticks[np.argsort(-drawn_scores, kind="stable")][:5]
    assert found.precision_at(5) == pytest.approx([first.mean()] * 2)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=30
    )
)
def test_naming_figures_are_scikit_learns_on_the_repeated_units(units):
    truth, named, weights = (np.array(column) for column in zip(*units, strict=True))
    counts = confusion(truth, named, 3, weights[None].astype(float))
    assert counts.sum() == weights.sum()
    if weights.sum():
        repeated = np.repeat(truth, weights), np.repeat(named, weights)
        expected = f1_score(*repeated, labels=[0, 1, 2], average="macro", zero_division=0)
        assert macro_f1(counts)[0] == pytest.approx(expected)


def test_macro_f1_by_hand():
    # Label 0: 2 of 3 found, 1 wrongly named; label 1: 1 of 2 found, 1 wrongly named.
    counts = confusion(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0]), 2, np.ones((1, 5)))
    assert counts.tolist() == [[[2, 1], [1, 1]]]
    assert macro_f1(counts)[0] == pytest.approx((4 / (4 + 1 + 1) + 2 / (2 + 1 + 1)) / 2)


def test_spearman_by_hand():
    # Ranks 1 2 3 4 and 2 1 4 3: 1 - 6 * 4 / (4 * 15).
    even = np.ones((1, 4))
    assert spearman(np.arange(4.0), np.array([5.0, 1, 9, 7]), even)[0] == pytest.approx(0.6)
    assert mid_ranks(np.array([7.0, 1, 7, 9]), even).tolist() == [[2.5, 1, 2.5, 4]]


def test_what_is_all_the_same_orders_nothing():
    assert spearman(np.zeros(5), np.arange(5.0), np.ones((1, 5)))[0] == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3)), min_size=3, max_size=30
    )
)
def test_spearman_of_a_weighted_sample_is_scipys_of_the_repeated_units(units):
    x, y, weights = (np.array(column, float) for column in zip(*units, strict=True))
    counts = weights.astype(int)
    drawn = np.repeat(x, counts), np.repeat(y, counts)
    if min(len(set(side.tolist())) for side in drawn) < 2:
        return
    assert spearman(x, y, weights[None])[0] == pytest.approx(spearmanr(*drawn).statistic, abs=1e-9)
