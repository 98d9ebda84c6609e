"""What kinds of queries look at, of a hundred thousand tracks: counts, never times.

Whoever makes a search read more finds it here. Where a change is meant to read otherwise, the
counts are written anew with it, and its message says why.
"""

import numpy as np
import pytest

from moodtune.ranking.query import Query
from moodtune.ranking.recommending import listed
from moodtune.ranking.work import Work
from worlds import index_of

N = 100_000

EXCLUDED = tuple(f"t{i:02}" for i in range(0, N, 100))

#: Blocks read, tracks looked at in them or in lists of rows, and all units of work.
COUNTS = {
    "one mood": (Query(mood="still"), (2, 512, 12488)),
    "a mix": (Query(blend={"still": 0.5, "wild": 0.3, "glad": 0.2}), (6, 1536, 16984)),
    "an exclusion": (Query(mood="still", exclude=EXCLUDED), (2, 512, 12488)),
    "years of which few are left": (Query(mood="wild", year=(1990, 1991)), (64, 16384, 76976)),
    "a genre of one in a hundred": (Query(mood="glad", genres=("genre 7",)), (0, 1018, 14512)),
    "many at once": (
        Query(mood="glad", not_genres=("genre 7",), year=(1980, 2020), n=60),
        (2, 512, 12488),
    ),
    "a length": (Query(mood="still", minutes=30), (2, 512, 109648)),
    "a seed": (Query(mood="still", seed=3), (2, 512, 12488)),
}


@pytest.fixture(scope="module")
def index():
    rng = np.random.default_rng(5)
    return index_of(
        rng.dirichlet(np.full(4, 0.3), N),
        artists=[[f"A{a}"] for a in (rng.zipf(1.4, N) % 30_000).tolist()],
        genres=[[f"genre {g}"] for g in rng.integers(0, 100, N).tolist()],
        year=rng.integers(1960, 2024, N).tolist(),
        duration_ms=rng.integers(60_000, 400_000, N).tolist(),
    )


@pytest.mark.parametrize("kind", COUNTS)
def test_a_query_looks_at_as_much_as_it_did(index, kind):
    query, expected = COUNTS[kind]
    work = Work()
    listed(index, query, work=work)
    assert (work.blocks, work.tracks, work.spent) == expected
