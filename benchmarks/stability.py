"""How stable moods and clusters are over seeds, and over parts of a catalog.

    python benchmarks/stability.py --data DIR

A track's leading mood by models of 20 seeds, and by models of 20 parts of 80 % of the catalog,
each asked about every track; agreement is the adjusted Rand index of each pair. Cluster numbers are
given with their own index, and no bar: KMeans has many optima that are nearly as good.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score
from surroundings import Tables, find_tables

from moodtune.catalog.readers import read_catalog
from moodtune.catalog.sampling import keyed_hashes, smallest
from moodtune.catalog.schema import TRACK_ID, Catalog
from moodtune.features.matrix import feature_matrix
from moodtune.moods.clustering import ClusterSettings, cluster
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy

TITLE = "Stability of moods and clusters"
SEEDS = 20
PART = 0.8
BAR = 0.95

Labels = NDArray[np.integer]


def run(tables: Tables, scratch: Path, *, times: int, seeds: int = SEEDS) -> tuple[str, bool]:
    """Return a table as markdown, and whether moods agree as they must."""
    del scratch, times
    catalog = read_catalog(tables.catalog)
    over_seeds, over_parts = moods_over_seeds(catalog, seeds), moods_over_parts(catalog, seeds)
    numbers = clusters_over_seeds(catalog, seeds)
    met = min(lowest(over_seeds), lowest(over_parts)) >= BAR
    rows = [
        f"{len(catalog):,} tracks; adjusted Rand index of each pair: median, and the middle 95 %.",
        "",
        "| what | models | agreement | at least | |",
        "|---|---|---|---|---|",
        row("leading mood over seeds", over_seeds, BAR),
        row(f"leading mood over parts of {PART:.0%}", over_parts, BAR),
        row("cluster number over seeds", numbers, None),
    ]
    return "\n".join(rows), met


def moods_over_seeds(catalog: Catalog, n: int) -> list[Labels]:
    """Return the tracks' leading moods by ``n`` models; nothing of a song model is drawn."""
    features, taxonomy = feature_matrix(catalog), load_taxonomy()
    return [train_song_model(features, taxonomy).score(features).leading for _ in range(n)]


def moods_over_parts(catalog: Catalog, n: int) -> list[Labels]:
    features, taxonomy, ids = feature_matrix(catalog), load_taxonomy(), catalog.tracks[TRACK_ID]
    found = []
    for seed in range(n):
        part = smallest(keyed_hashes(ids, seed, "stability"), round(PART * len(ids)))
        found.append(train_song_model(features.take(part), taxonomy).score(features).leading)
    return found


def clusters_over_seeds(catalog: Catalog, n: int) -> list[Labels]:
    features, ids = feature_matrix(catalog), catalog.tracks[TRACK_ID]
    return [cluster(features, ids, ClusterSettings(), seed).assign(features) for seed in range(n)]


def agreements(found: Sequence[Labels]) -> NDArray[np.float64]:
    return np.array([adjusted_rand_score(a, b) for a, b in combinations(found, 2)])


def lowest(found: Sequence[Labels]) -> float:
    return float(np.quantile(agreements(found), 0.025))


def row(name: str, found: Sequence[Labels], bar: float | None) -> str:
    low, middle, high = np.quantile(agreements(found), (0.025, 0.5, 0.975))
    verdict = "no bar |" if bar is None else f"{bar} | {'met' if low >= bar else 'missed'}"
    return f"| {name} | {len(found)} | {middle:.3f} [{low:.3f}, {high:.3f}] | {verdict} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moodtune-bench-") as scratch:
        tables = find_tables(options.data, Path(scratch))
        text, met = run(tables, Path(scratch), times=1, seeds=options.seeds)
    print(f"Measured on {tables.called}.\n\n{text}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
