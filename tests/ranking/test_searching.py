"""Searches that read few blocks find what a scan of every track finds, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.ranking import blocks as blocks_module
from moodtune.ranking.additions import Given, Sum
from moodtune.ranking.bounds import Bounds
from moodtune.ranking.limits import Admission, Limit
from moodtune.ranking.scoring import by_steps, fit, lots
from moodtune.ranking.searching import Ranked
from moodtune.ranking.supply import Supply
from worlds import TAXONOMY, index_of

MOODS = len(TAXONOMY.moods)
KIND = TAXONOMY.names.index("spoken")


class Marked:
    """An addition with a few tracks that have their own, which may be more than all others may."""

    def __init__(self, values, marked):
        self.values, self.rows = values, marked

    def at(self, mood, rows):
        return self.values[mood, rows]

    def own(self, mood):
        return self.values[mood, self.rows]

    def shared(self, mood, rows):
        return np.where(np.isin(rows, self.rows), np.float32(np.nan), self.values[mood, rows])

    def most(self, mood):
        others = np.delete(self.values[mood], self.rows)
        return float(others.max(initial=-1))


def world(rng, n, steps):
    """Return an index of ``n`` tracks whose probabilities tie often where ``steps`` are few."""
    weights = rng.integers(0, steps, (n, MOODS)) + 1.0 / (2 * steps)
    return index_of(weights / weights.sum(axis=1, keepdims=True))


def scanned(index, profile, admitted, addition, seed, mood, which):
    """Return the rows of one kind, best first, by looking at every track."""
    p = index.scores.probabilities
    rows = np.arange(len(index))
    moods = [m for m in range(MOODS) if profile[m] > 0]
    kind = (p.argmax(axis=1) == KIND) & (profile[KIND] == 0)
    carries = {m: p[:, m] >= np.float32(0.5) * p[:, :KIND].max(axis=1) for m in moods}
    some = np.logical_or.reduce([carries[m] for m in moods])
    one = len(moods) == 1
    members = {
        "own": admitted & ~kind & (carries[mood] | one),
        "rest": admitted & ~kind & ~some & (not one),
        "strangers": admitted & kind,
    }[which]
    keys = fit(p.T, mood, profile)
    if addition is not None:
        keys = keys + addition.at(mood, rows)
    if seed is not None:
        keys = by_steps(keys, lots(seed, rows))
    found = rows[members]
    return found[np.lexsort((found, -keys[found]))].tolist()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of four tracks: tiny worlds then have many."""
    monkeypatch.setattr(blocks_module, "SIZE", 4)


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["own", "rest", "strangers"]), st.integers(1, 30))
def test_a_search_gives_the_order_of_a_scan_whatever_is_asked(seed, which, look):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 70))
    index = world(rng, n, int(rng.integers(1, 6)))
    profile = rng.integers(0, 3, MOODS) * (rng.random(MOODS) < 0.6)
    profile[rng.integers(MOODS)] += 1
    profile = profile / profile.sum()
    admitted = rng.random(n) < rng.choice([0, 0.1, 0.7, 1])
    only = np.flatnonzero(admitted) if rng.random() < 0.5 else None
    limit = Limit(name="some", passes=lambda rows: admitted[rows], only=only)
    values = (rng.integers(-2, 3, (MOODS, n)) / 8).astype(np.float32)
    marked = np.sort(rng.choice(n, int(rng.integers(0, min(n, 5) + 1)), replace=False))
    addition = [None, Marked(values, marked), Sum([Given(values[0]), Marked(values, marked)])][
        rng.integers(3)
    ]
    drawn = [None, int(rng.integers(9))][rng.integers(2)]
    admission = Admission(n_tracks=n, limits=(limit,))
    supply = Supply(index, profile, admission, addition=addition, seed=drawn)
    for mood in supply.moods:
        expected = scanned(index, profile, admitted, addition, drawn, mood, which)
        ranked = getattr(supply, which)(mood)
        assert ranked.first(look) == expected[:look]
        assert ranked.all() == expected
        assert list(ranked) == expected


def test_no_more_blocks_are_read_than_the_bounds_ask_for():
    """Ten blocks whose bounds say truly what is in them: the best five rows are in the first."""
    read = []

    def reader(some):
        read.extend(some.tolist())
        rows = np.concatenate([np.arange(8 * block, 8 * block + 8) for block in some])
        return rows, (1 - rows / 100).astype(np.float32)

    bounds = (1 - 8 * np.arange(1000) / 100).astype(np.float32)
    ranked = Ranked(Bounds(np.arange(1000), bounds, 0), reader)
    assert ranked.first(5) == [0, 1, 2, 3, 4]
    assert read == [0, 1]
    assert ranked.first(30) == list(range(30))
    assert len(read) == len(set(read)) <= 8


def test_a_block_whose_bound_ties_with_a_row_is_read_before_the_row_stands():
    """Row 9 is found first, and row 3, in a later block, is as good: ties go to the lower row."""
    rows = {block: np.array([9 - block]) for block in range(9)}

    def reader(some):
        found = np.concatenate([rows[block] for block in some.tolist()])
        return found, np.full(len(found), 0.5, np.float32)

    ranked = Ranked(Bounds(np.arange(9), np.full(9, 0.5, np.float32), 0), reader)
    assert ranked.first(1) == [1]
    assert ranked.all() == list(range(1, 10))


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32))
def test_no_fit_is_above_its_blocks_bound_to_the_bit(seed):
    rng = np.random.default_rng(seed)
    index = index_of(rng.dirichlet(np.full(MOODS, 0.3), 40))
    blocks = index.blocks
    profile = rng.dirichlet(np.full(MOODS, 0.5))
    for mood in range(MOODS):
        bounds = fit(blocks.highest, mood, profile)
        fits = fit(blocks.probabilities, mood, profile)
        of_block = np.repeat(np.arange(len(blocks)), np.diff(blocks.starts))
        assert (fits <= bounds[of_block]).all()
        assert np.array_equal(fits, fit(index.scores.probabilities.T, mood, profile)[blocks.rows])


def test_every_track_is_in_one_block_and_blocks_mix_no_leading_moods():
    index = world(np.random.default_rng(1), 300, 5)
    blocks = index.blocks
    assert sorted(blocks.rows.tolist()) == list(range(300))
    assert blocks.starts[0] == 0
    assert blocks.starts[-1] == 300
    assert (np.diff(blocks.starts) > 0).all()
    for block, mood in enumerate(blocks.leading.tolist()):
        rows = blocks.rows[blocks.starts[block] : blocks.starts[block + 1]]
        assert (index.leading[rows] == mood).all()


def test_lots_are_even_and_depend_on_seed_and_row_alone():
    rows = np.arange(100_000)
    drawn = lots(3, rows)
    assert (drawn >= 0).all()
    assert (drawn < 1).all()
    # The mean of 100,000 even draws has a standard error of 1 / sqrt(12 * 100,000) = .0009.
    assert abs(float(drawn.mean()) - 0.5) < 5 / np.sqrt(12 * 100_000)
    assert np.array_equal(lots(3, rows[::-1]), drawn[::-1])
    assert abs(float(np.corrcoef(drawn, lots(4, rows))[0, 1])) < 5 / np.sqrt(100_000)
