"""How long a query takes after loading, and what diversity costs.

    python benchmarks/queries.py [--data DIR] [--queries 200] [--model DIR]

Each query is another one: a blend of two moods, limits (genres, tempo, popularity) that leave about
1 % of the catalog, cap 1, gap 5, 1,000 exclusions and diversity .3. ``--data`` names the folder of
real tables, by default the environment's ``MOODTUNE_DATA``; without either a synthetic sample of
the same size stands in, and the output says so. ``--model`` takes a model that train wrote instead
of training one. Ends with 1 if the median misses the bar.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
from surroundings import find_tables, machine, versions

from moodtune.artifacts import load_bundle
from moodtune.catalog.schema import POPULARITY, TRACK_ID
from moodtune.pipeline import train, write
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.limits import admission
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.seeding import derive

BAR_MS = 30
SHARE = 0.01
EXCLUDED = 1000
DIVERSITIES = (0.0, 0.1, 0.3, 0.5, 0.7)


def trained(data: Path | None, scratch: Path) -> tuple[Path, str]:
    tables = find_tables(data, scratch)
    write(train(tables.catalog), scratch / "output", figures=False)
    return scratch / "output" / "model", tables.called


def limited_query(index: TrackIndex, ids: list[str], number: int) -> Query:
    """A query that leaves about 1 %: genres are added, then popularity bounds what is too much."""
    rng = derive(number, "benchmark queries")
    moods = rng.choice(index.taxonomy.offered, 2, replace=False).tolist()
    excluded = tuple(ids[i] for i in rng.choice(len(ids), EXCLUDED, replace=False))
    wanted = SHARE * len(index)
    query = Query(
        blend={moods[0]: 0.6, moods[1]: 0.4},
        tempo=(80.0, 160.0),
        artist_cap=1,
        artist_gap=5,
        exclude=excluded,
        diversity=0.3,
    )
    names = rng.permutation(np.array(index.columns.genres.names)).tolist()
    for count in range(1, len(names)):
        query = msgspec.structs.replace(query, genres=tuple(names[:count]))
        admitted = admission(index.columns, len(index), query).admitted
        if np.count_nonzero(admitted) >= wanted:
            break
    popularity = index.columns.numbers(POPULARITY)[admitted]
    limit = float(np.sort(popularity[~np.isnan(popularity)])[round(wanted) - 1])
    return msgspec.structs.replace(query, max_popularity=limit)


def timed(index: TrackIndex, queries: list[Query]) -> list[float]:
    recommend(index, queries[0])  # what is made once, when the first query asks
    taken = []
    for query in queries:
        start = time.perf_counter()
        recommend(index, query)
        taken.append(1000 * (time.perf_counter() - start))
    return taken


def show_price(index: TrackIndex, queries: list[Query]) -> None:
    print("\nThe price of diversity: means over the same queries")
    print("\n| diversity | similarity of the tracks | mean fit |\n|---|---|---|")
    for diversity in DIVERSITIES:
        spreads = [
            recommend(index, msgspec.structs.replace(query, diversity=diversity)).spread
            for query in queries
        ]
        similarity = statistics.fmean(s.similarity for s in spreads if s.similarity is not None)
        fit = statistics.fmean(s.fit for s in spreads if s.fit is not None)
        print(f"| {diversity:g} | {similarity:.3f} | {fit:.3f} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moodtune-bench-") as scratch:
        model, called = options.model, "the model named by --model"
        if model is None:
            model, called = trained(options.data, Path(scratch))
        index = load_bundle(model).index
    ids = index.tracks[TRACK_ID].to_list()
    queries = [limited_query(index, ids, number) for number in range(options.queries)]
    left = [np.count_nonzero(admission(index.columns, len(index), q).admitted) for q in queries]
    taken = timed(index, queries)
    median = statistics.median(taken)
    print(f"{called}; {len(index):,} tracks\n{machine()}\n{versions(('numpy', 'polars'))}\n")
    print(f"{len(queries)} different queries; limits leave a median of {np.median(left):g} tracks")
    print(
        f"median {median:.1f} ms, 95th percentile {np.quantile(taken, 0.95):.1f} ms, "
        f"slowest {max(taken):.1f} ms; bar {BAR_MS} ms: {'met' if median < BAR_MS else 'MISSED'}"
    )
    show_price(index, queries[:50])
    return 0 if median < BAR_MS else 1


if __name__ == "__main__":
    sys.exit(main())
