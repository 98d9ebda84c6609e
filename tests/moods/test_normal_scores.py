"""Normal scores against the exact normal distribution."""

from statistics import NormalDist

import numpy as np
import pytest

from moodtune.moods.normal_scores import FARTHEST, normal_scores, ranks_of

EXACT = NormalDist()


@pytest.mark.parametrize("score", [-2.5, -1.0, -0.3, 0.0, 0.7, 1.96])
def test_the_rank_of_a_score_is_the_normal_distributions_within_two_in_ten_thousand(score):
    assert ranks_of(np.array([score]))[0] == pytest.approx(EXACT.cdf(score), abs=2e-4)


@pytest.mark.parametrize("rank", [0.02, 0.16, 0.5, 0.84, 0.975])
def test_the_score_of_a_rank_is_the_normal_distributions_within_a_hundredth(rank):
    assert normal_scores(np.array([rank]))[0] == pytest.approx(EXACT.inv_cdf(rank), abs=1e-2)


def test_scores_and_ranks_are_each_others_inverse_and_keep_their_order():
    ranks = np.linspace(0.002, 0.998, 500)
    scores = normal_scores(ranks)
    np.testing.assert_allclose(ranks_of(scores), ranks, atol=1e-6)
    assert (np.diff(scores) > 0).all()


def test_no_rank_is_further_than_the_farthest():
    np.testing.assert_array_equal(normal_scores(np.array([0.0, 1.0])), [-FARTHEST, FARTHEST])


def test_scores_of_single_precision_give_ranks_of_single_precision():
    assert ranks_of(np.zeros(2, np.float32)).dtype == np.float32
