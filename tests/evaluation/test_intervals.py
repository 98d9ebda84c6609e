import numpy as np
import pytest

from moodtune.evaluation.intervals import figure, resamples


def test_every_sample_has_as_many_as_there_are():
    drawn = resamples(40, 0, "a", draws=300)
    assert drawn.shape == (300, 40)
    assert (drawn.sum(axis=1) == 40).all()


def test_the_same_seed_and_name_draw_the_same():
    assert np.array_equal(resamples(9, 1, "a"), resamples(9, 1, "a"))
    assert not np.array_equal(resamples(9, 1, "a"), resamples(9, 2, "a"))


def test_larger_tables_have_fewer_samples():
    assert len(resamples(10_000, 0, "a")) == 300


def test_the_interval_is_between_the_percentiles():
    made = figure(50.0, np.arange(1001) / 10)
    assert (made.value, made.low, made.high) == (50.0, pytest.approx(2.5), pytest.approx(97.5))


def test_a_figure_that_resampling_inflates_is_shifted_back_and_not_below_its_least():
    made = figure(0.01, np.linspace(0.02, 0.08, 101), recentre=True, least=0.0)
    # The draws' mean is .05, so they move by -.04; their ends were .0215 and .0785.
    assert (made.low, made.high) == (0.0, pytest.approx(0.0385))


def test_ninety_five_of_a_hundred_intervals_of_a_mean_hold_the_truth():
    random = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        sample = random.normal(size=80)
        drawn = resamples(80, trial, "coverage", draws=400) @ sample / 80
        made = figure(float(sample.mean()), drawn)
        held += made.low <= 0 <= made.high
    assert 180 <= held <= 198
