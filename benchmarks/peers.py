"""The best ten of one mood, by what others would take: one table of ratios, with recall.

    python benchmarks/peers.py [--model NAME=DIR ...] [--size 1000000]

The same queries in the same process, on one thread (polars takes its own number, so start with
POLARS_MAX_THREADS=1): NumPy's argpartition over a mood's column,
polars' top_k, DuckDB's SQL, faiss' flat and inverted-file indexes over the vectors of all moods,
and Moodtune without a cap on artists, which none of the others has. What is not installed is left
out and named: they belong to the extra ``peers``, and to nothing else. Recall is the share of the
ten best probabilities that were found, ties counted as found.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import catalogs
import numpy as np
import polars as pl
from answering import best
from numpy.typing import NDArray
from surroundings import Tables, machine, versions
from threadpoolctl import threadpool_limits

from moodtune.artifacts import open_index
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import listed
from moodtune.ranking.selection import MAX_N
from moodtune.seeding import derive

TITLE = "One mood, top 10, beside others"
LIBRARIES = ("moodtune", "numpy", "polars")

ROUNDS, QUERIES, TOP = 5, 60, 10
#: Cells of the inverted file, and how many of them are looked into.
CELLS, PROBES = 1024, 8

#: A mood's number to its best ten: rows, or what ``rows_in`` makes rows of when time has stopped.
Answer = Callable[[int], Any]
#: Makes a peer of the probabilities [shape=(n_tracks, n_moods)]; ImportError where it lacks.
Peer = Callable[[NDArray[np.float32], TrackIndex], Answer]


def moodtune(_: NDArray[np.float32], index: TrackIndex) -> Answer:
    names = index.taxonomy.names
    return lambda mood: listed(index, Query(mood=names[mood], artist_cap=MAX_N))


def rows_in(found: Any, index: TrackIndex) -> NDArray[np.integer]:
    if isinstance(found, tuple):
        return index.columns.rows_of([place.track_id for place in found])
    return np.unique(found[found >= 0])


def argpartition(probabilities: NDArray[np.float32], _: TrackIndex) -> Answer:
    columns = np.ascontiguousarray(probabilities.T)
    return lambda mood: best(columns[mood])


def top_k(probabilities: NDArray[np.float32], _: TrackIndex) -> Answer:
    frame = pl.DataFrame(probabilities, schema=_names(probabilities)).with_row_index("row")

    def answer(mood: int) -> NDArray[np.integer]:
        found: NDArray[np.integer] = frame.top_k(TOP, by=f"m{mood}")["row"].to_numpy()
        return found

    return answer


def duckdb_sql(probabilities: NDArray[np.float32], _: TrackIndex) -> Answer:
    import duckdb

    database = duckdb.connect(config={"threads": 1})
    columns = {f"m{mood}": np.ascontiguousarray(c) for mood, c in enumerate(probabilities.T)}
    columns["row"] = np.arange(len(probabilities))
    database.register("given", columns)
    database.execute("create table tracks as select * from given")

    def answer(mood: int) -> NDArray[np.integer]:
        found: Any = database.execute(
            f"select row from tracks order by m{mood} desc limit {TOP}"  # noqa: S608 -- a number
        ).fetchnumpy()["row"]
        rows: NDArray[np.integer] = np.asarray(found)
        return rows

    return answer


def faiss_flat(probabilities: NDArray[np.float32], _: TrackIndex) -> Answer:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(probabilities.shape[1])
    index.add(np.ascontiguousarray(probabilities))
    return _by_vector(index, probabilities.shape[1])


def faiss_ivf(probabilities: NDArray[np.float32], _: TrackIndex) -> Answer:
    import faiss

    faiss.omp_set_num_threads(1)
    width = probabilities.shape[1]
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, CELLS, faiss.METRIC_INNER_PRODUCT)
    rows = derive(0, "faiss learns from").choice(
        len(probabilities), min(len(probabilities), 50 * CELLS), replace=False
    )
    index.train(np.ascontiguousarray(probabilities[rows]))
    index.add(np.ascontiguousarray(probabilities))
    index.nprobe = PROBES
    return _by_vector(index, width)


def _by_vector(index: Any, width: int) -> Answer:
    moods = np.eye(width, dtype=np.float32)

    def answer(mood: int) -> NDArray[np.integer]:
        found: NDArray[np.integer] = index.search(moods[mood : mood + 1], TOP)[1][0]
        return found

    return answer


def _names(probabilities: NDArray[np.float32]) -> list[str]:
    return [f"m{mood}" for mood in range(probabilities.shape[1])]


PEERS: Mapping[str, Peer] = {
    "Moodtune": moodtune,
    "NumPy, argpartition": argpartition,
    "polars, top_k": top_k,
    "DuckDB, SQL": duckdb_sql,
    "faiss, flat": faiss_flat,
    f"faiss, IVF ({CELLS} cells, {PROBES} looked into)": faiss_ivf,
}


def timed(answer: Answer, moods: list[int]) -> float:
    """Return the median over the rounds of the median ms of a query."""
    rounds = []
    for mood in moods[:TOP]:
        answer(mood)
    for _ in range(ROUNDS):
        took = []
        for mood in moods:
            began = time.perf_counter_ns()
            answer(mood)
            took.append((time.perf_counter_ns() - began) / 1e6)
        rounds.append(median(took))
    return median(rounds)


def recall(
    answer: Answer, probabilities: NDArray[np.float32], index: TrackIndex, moods: list[int]
) -> float:
    """Return the share of the ten highest probabilities that are found."""
    shares = []
    for mood in moods:
        column = probabilities[:, mood]
        least = np.partition(column, -TOP)[-TOP]
        shares.append(np.count_nonzero(column[rows_in(answer(mood), index)] >= least) / TOP)
    return float(np.mean(shares))


def rows_of(name: str, model: Path) -> Iterator[str]:
    """Yield a line for every peer."""
    index = open_index(model)
    offered = [i for i, mood in enumerate(index.taxonomy.moods) if mood.offered]
    # Kinds of recording are never listed for a mood: nobody need find them.
    kinds = np.flatnonzero([not mood.offered for mood in index.taxonomy.moods])
    probabilities = np.array(index.scores.probabilities)
    probabilities[np.isin(index.leading, kinds)] = 0
    moods = derive(1, "moods to ask").choice(offered, QUERIES).tolist()
    ours: float | None = None
    for called, peer in PEERS.items():
        began = time.perf_counter()
        try:
            answer = peer(probabilities, index)
        except ImportError as error:
            yield f"| {name} | {called} | not installed: {error.name} | | | |"
            continue
        made = time.perf_counter() - began
        took = timed(answer, moods)
        ours = took if ours is None else ours
        found = recall(answer, probabilities, index, sorted(set(moods)))
        yield f"| {name} | {called} | {took:.2f} | {took / ours:.1f} | {found:.3f} | {made:.1f} |"


_HEAD = ("tracks", "by", "p50 ms", "of Moodtune's", "recall of 10", "made in s")


def table(models: Mapping[str, Path]) -> str:
    """Return the table as markdown."""
    lines = [line for name, model in models.items() for line in rows_of(name, model)]
    return "\n".join([f"| {' | '.join(_HEAD)} |", "|---" * len(_HEAD) + "|", *lines])


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    """Print the table for ``make bench``: there is no bar, a peer may be quicker."""
    del tables, times
    size = max(catalogs.SIZES)
    with threadpool_limits(1):
        return table({f"{size:,}": catalogs.made(catalogs.SAMPLE, size, None, scratch)}), True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=max(catalogs.SIZES))
    parser.add_argument("--model", action="append", default=[], metavar="NAME=DIR")
    options = parser.parse_args()
    print(f"{machine()}\n{versions(LIBRARIES)}\n")
    with threadpool_limits(1), tempfile.TemporaryDirectory(prefix="moodtune-peers-") as folder:
        models = {name: Path(path) for name, path in (each.split("=") for each in options.model)}
        if not models:
            made = catalogs.made(catalogs.SAMPLE, options.size, None, Path(folder))
            models = {f"{options.size:,}": made}
        print(table(models))
    return 0


if __name__ == "__main__":
    sys.exit(main())
