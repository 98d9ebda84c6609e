"""Which columns get room, where it is known which of them tell."""

import numpy as np
import pytest

from moodtune.moods.listener_prior import choose_spread, feature_scales, relevance

SPANS = (slice(0, 1), slice(1, 3), slice(3, 4))


def world(n=200, seed=0):
    """Return three columns of one, two and one features; the first is the mood, nearly."""
    random = np.random.default_rng(seed)
    ticks = random.random((n, 1)) < 0.5
    first = ticks ^ (random.random((n, 1)) < 0.1)
    second = np.eye(3)[random.integers(0, 3, n)][:, :2]
    return np.hstack([first, second, np.zeros((n, 1))]).astype(float), ticks


def test_relevance_is_r_squared_beyond_chance():
    values, ticks = world()
    told = relevance(values, ticks, SPANS)
    r = np.corrcoef(values[:, 0], ticks[:, 0])[0, 1]
    assert told[0] == pytest.approx(r**2 - 1 / 199, abs=2e-3)
    assert told[1] < 0.04
    assert told[2] == 0


def test_a_mood_that_all_or_none_ticked_explains_nothing():
    values, ticks = world()
    everyone = np.ones_like(ticks)
    assert not relevance(values, everyone, SPANS).any()
    both = relevance(values, np.hstack([ticks, everyone]), SPANS)
    assert both == pytest.approx(relevance(values, ticks, SPANS) / 2)


def test_scaled_columns_have_the_variance_of_their_relevance():
    values, ticks = world()
    scaled = values * feature_scales(values, ticks, SPANS)
    variances = np.array([scaled[:, span].var(axis=0).sum() for span in SPANS])
    told = relevance(values, ticks, SPANS)
    assert variances == pytest.approx(told / told.sum())


def test_where_no_column_is_relevant_all_keep_their_part():
    values, ticks = world()
    scaled = values * feature_scales(values, np.ones_like(ticks), SPANS)
    assert scaled.var(axis=0).sum() == pytest.approx(1)
    assert scaled[:, 1].std() / values[:, 1].std() == pytest.approx(
        scaled[:, 0].std() / values[:, 0].std()
    )


@pytest.mark.parametrize("n_noise", [3, 400])
def test_the_spread_is_wide_where_answers_tell_and_narrow_where_they_do_not(n_noise):
    random = np.random.default_rng(1)
    values, ticks = world(120)
    noise = random.normal(size=(120, n_noise))
    spans = tuple(slice(i, i + 1) for i in range(1 + n_noise))
    order = np.argsort(ticks[:, 0], kind="stable")
    table, sorted_ticks = np.hstack([values[:, :1], noise])[order], ticks[order]
    spreads = (0.01, 0.3, 10.0)
    assert choose_spread(table, sorted_ticks, spans, spreads) == 10.0
    assert choose_spread(table[:, 1:], sorted_ticks, spans[:-1], spreads) == 0.01
