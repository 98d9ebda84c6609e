"""How good the clusters of a catalog are: the figures of docs/decisions/0002-clusters.md.

python benchmarks/clusters.py CATALOG...
"""

import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import TRACK_ID
from moodtune.evaluation.fidelity import hold_out, measure_fidelity
from moodtune.features.matrix import FeatureMatrix, feature_matrix
from moodtune.moods.clustering import Clustering, ClusterSettings, cluster, standardised
from moodtune.moods.naming import cluster_moods, name_clusters
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy
from moodtune.moods.taxonomy_file import OTHER

SEEDS = range(20)
STARTS = 60


def main(path: str) -> None:
    catalog = read_catalog(Path(path))
    features, ids = feature_matrix(catalog), catalog.tracks[TRACK_ID]
    print(f"{path}: {len(features):,} tracks")
    start = time.process_time()
    found = [cluster(features, ids, ClusterSettings(), seed) for seed in SEEDS]
    print(f"  {(time.process_time() - start) / len(found):.2f} s of processor time per clustering")
    agreement(found, features)
    if len(features) <= ClusterSettings().sample:
        excess(found, features)
    auto = cluster(features, ids, ClusterSettings(clusters="auto"), 0)
    print(f"  auto: {len(auto)} clusters")
    names(found[0], features, ids)


def agreement(found: list[Clustering], features: FeatureMatrix) -> None:
    numbers = [clustering.assign(features) for clustering in found]
    pairs = [adjusted_rand_score(a, b) for i, a in enumerate(numbers) for b in numbers[:i]]
    low, middle, mean = min(pairs), np.median(pairs), np.mean(pairs)
    print(f"  ARI between seeds: mean {mean:.3f}, median {middle:.3f}, least {low:.3f}")


def excess(found: list[Clustering], features: FeatureMatrix) -> None:
    z = standardised(features.values, found[0].mean, found[0].scale)
    with threadpool_limits(limits=1):
        full = [KMeans(12, n_init=1, random_state=s).fit(z).inertia_ for s in range(STARTS)]
    single = 100 * (np.array(full) / min(full) - 1)
    ours = 100 * (np.array([c.inertia for c in found]) * len(features) / min(full) - 1)
    print(f"  above the best of {STARTS} fits on all tracks, %:")
    print(f"    a single fit: median {np.median(single):.2f}, most {single.max():.2f}")
    print(f"    ours: median {np.median(ours):.4f}, most {ours.max():.3f}, ", end="")
    print(f"within .02 in {(ours < 0.02).sum()} of {len(ours)}")


def names(clustering: Clustering, features: FeatureMatrix, ids: pl.Series) -> None:
    taxonomy = load_taxonomy()
    model = train_song_model(features, taxonomy)
    scores = model.score(features)
    named = name_clusters(clustering, features, ids, scores, taxonomy)
    for c in named:
        near = min(c.distances.values())
        print(f"    {c.number:2} {c.size:7,} {c.mood} (then {c.runner_up}), nearest at {near:.3f}")
    other = sum(c.size for c in named if c.mood == OTHER) / len(features)
    called = set(cluster_moods(named))
    lacking = [m.name for m in taxonomy.listener_moods if not called & set(m.weights)]
    print(f"  other: {other:.1%}; listener moods without a cluster: {lacking or 'none'}")
    apart = hold_out(features, ids, clusters=ClusterSettings(), seed=0)
    if apart is None:
        return
    f = measure_fidelity(apart, features, model.among(apart.fitted), taxonomy)
    low, high = f.interval
    print(
        f"  fidelity {f.agreement:.3f} ({low:.3f} to {high:.3f}) on {f.n:,} held-out tracks; ",
        end="",
    )
    print(f"baseline ({f.baseline_mood}) {f.baseline:.3f}; kappa {f.kappa:.3f}")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        main(argument)
