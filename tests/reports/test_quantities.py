import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.catalog.schema import AUDIO_FEATURES, CARRIED_NUMBERS
from moodtune.reports.quantities import (
    DISTRIBUTED,
    WORDINGS,
    cells_of,
    drawn_tracks,
    sample_rows,
)
from report_worlds import catalog_of


@given(n=st.integers(0, 5000), limit=st.integers(1, 500), seed=st.integers(0, 9))
def test_a_sample_has_as_many_different_rows_as_asked_for(n, limit, seed):
    rows = sample_rows(n, limit, seed=seed)
    assert len(rows) == min(n, limit)
    assert (np.diff(rows) > 0).all()
    assert n == 0 or (rows.min() >= 0 and rows.max() < n)


def test_a_sample_comes_from_the_whole_table_and_from_its_seed():
    rows = sample_rows(10_000_000, 1000, seed=3)
    assert np.bincount(rows // 1_000_000).tolist() == [100] * 10
    assert (rows == sample_rows(10_000_000, 1000, seed=3)).all()
    assert (rows != sample_rows(10_000_000, 1000, seed=4)).any()


def test_every_numeric_column_has_its_words():
    assert set(WORDINGS) == set(AUDIO_FEATURES) | set(CARRIED_NUMBERS)
    assert set(DISTRIBUTED) <= set(WORDINGS)


def test_durations_are_drawn_in_minutes_and_blanks_are_no_numbers():
    catalog = catalog_of(3, duration_ms=[60_000, None, 90_000])
    assert np.array_equal(
        drawn_tracks(catalog, seed=0).columns["duration_ms"],
        np.array([1, np.nan, 1.5], np.float32),
        equal_nan=True,
    )


def test_what_is_drawn_is_said():
    catalog = catalog_of(2000)
    assert drawn_tracks(catalog, seed=0).said == "All 2,000 tracks."
    few = drawn_tracks(catalog, seed=0, limit=1500)
    assert few.said == "A random sample of 1,500 of 2,000 tracks."
    assert len(few.columns["tempo"]) == 1500


def test_only_the_drawn_rows_are_taken():
    catalog = catalog_of(100, tempo=range(100))
    few = drawn_tracks(catalog, seed=0, limit=10)
    assert few.columns["tempo"].tolist() == few.rows.tolist()


def test_a_feature_from_0_to_1_is_shown_whole():
    cells = cells_of("energy", np.array([0.4, 0.6], np.float32), n_cells=10)
    assert np.allclose(cells.edges, np.linspace(0, 1, 11))


@pytest.mark.parametrize(("least", "first"), [(0, -0.5), (-1, -1.5)])
def test_a_key_has_one_cell_per_pitch_and_one_for_unknown_if_needed(least, first):
    cells = cells_of("key", np.array([least, 11], np.float32), n_cells=60)
    assert (cells.edges[0], cells.edges[-1], len(cells)) == (first, 11.5, 12 - least)


def test_the_rarest_values_are_counted_in_the_outermost_cells():
    tempo = np.concatenate([np.linspace(60, 180, 998), [0, 290]]).astype(np.float32)
    cells = cells_of("tempo", tempo, n_cells=30)
    assert cells.edges[0] > 0
    assert cells.edges[-1] < 290
    assert (cells.n_below, cells.n_above) == (1, 1)
    assert cells.counts(tempo).sum() == 1000


@given(
    st.lists(st.floats(-60, 5, width=32), min_size=1, max_size=200),
    st.integers(1, 40),
)
def test_no_value_is_lost_in_counting(values, n_cells):
    loudness = np.array([*values, np.nan], np.float32)
    cells = cells_of("loudness", loudness, n_cells=n_cells)
    assert (np.diff(cells.edges) > 0).all()
    assert cells.counts(loudness).sum() == len(values)


def test_counts_in_cells_are_those_of_numpy():
    energy = np.random.default_rng(0).random(5000).astype(np.float32)
    cells = cells_of("energy", energy, n_cells=44)
    assert cells.counts(energy).tolist() == np.histogram(energy, cells.edges)[0].tolist()
