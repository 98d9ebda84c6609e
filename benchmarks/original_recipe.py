"""The original recipe, written afresh, to have something to compare with.

    python benchmarks/original_recipe.py --catalog tracks.csv --out DIR

pandas reads the table; seaborn draws every row in a correlation heat map, a pair plot and seven
histograms with their densities; KMeans(12) clusters ten standardised features; thresholds at the
quartiles of the twelve centroids, the first match wins, name the clusters; a forest learns the
names from three quarters of the tracks and gives probabilities for all. Nothing in it is tuned,
for speed or otherwise: it is what such a notebook does. Ends with the seconds of each step.
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

FEATURES = [
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
    "duration_ms",
]
PICTURED = ["duration_ms", "key", "tempo", "valence", "liveness", "energy", "loudness"]
N_CLUSTERS = 12

#: A mood, and where a centroid must lie: (feature, above or below, quartile of the centroids).
RULES = [
    ("talkative", [("speechiness", ">", 0.75)]),
    ("live", [("liveness", ">", 0.75)]),
    ("happy", [("valence", ">", 0.75), ("energy", ">", 0.5)]),
    ("uplifting", [("valence", ">", 0.75), ("tempo", ">", 0.75), ("energy", ">", 0.75)]),
    ("party", [("danceability", ">", 0.75), ("energy", ">", 0.75), ("valence", ">", 0.5)]),
    ("motivating", [("energy", ">", 0.75), ("tempo", ">", 0.5)]),
    ("fun", [("danceability", ">", 0.75), ("valence", ">", 0.75)]),
    ("relax", [("acousticness", ">", 0.75), ("energy", "<", 0.25), ("valence", ">", 0.5)]),
    ("calm", [("acousticness", ">", 0.75), ("loudness", "<", 0.25), ("valence", ">", 0.25)]),
    ("deep", [("instrumentalness", ">", 0.75), ("energy", "<", 0.5)]),
    ("melancholy", [("valence", "<", 0.25), ("energy", "<", 0.5)]),
]

SECONDS: dict[str, float] = {}


@contextmanager
def timed(step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    SECONDS[step] = round(time.perf_counter() - start, 2)


def save(name: str, out: Path) -> None:
    plt.savefig(out / name)
    plt.close("all")


def draw_table(tracks: pd.DataFrame, out: Path) -> None:
    with timed("heat map"):
        plt.figure(figsize=(12, 10))
        sns.heatmap(tracks.corr(numeric_only=True), annot=True, fmt=".2f", cmap="coolwarm")
        save("correlation_heatmap.png", out)
    with timed("pair plot"):
        sns.pairplot(tracks[PICTURED])
        save("pairplot.png", out)
    with timed("histograms"):
        for feature in PICTURED:
            plt.figure(figsize=(8, 6))
            sns.histplot(tracks[feature], kde=True)
            save(f"{feature}_distribution.png", out)


def mood_of(centroid: pd.Series, centroids: pd.DataFrame) -> str:
    for mood, conditions in RULES:
        met = (
            centroid[feature] > centroids[feature].quantile(level)
            if side == ">"
            else centroid[feature] < centroids[feature].quantile(level)
            for feature, side, level in conditions
        )
        if all(met):
            return mood
    return "other"


def cluster(scaled: np.ndarray, tracks: pd.DataFrame) -> np.ndarray:
    with timed("KMeans"):
        kmeans = KMeans(n_clusters=N_CLUSTERS, n_init=10, random_state=42).fit(scaled)
    with timed("thresholds"):
        centroids = tracks[FEATURES].groupby(kmeans.labels_).mean()
        moods = {i: mood_of(centroid, centroids) for i, centroid in centroids.iterrows()}
        tracks["mood_cluster"] = kmeans.labels_
        tracks["mood_label"] = tracks["mood_cluster"].map(moods)
    return kmeans.labels_


def draw_clusters(scaled: np.ndarray, labels: np.ndarray, out: Path) -> None:
    with timed("PCA scatter"):
        points = PCA(n_components=2).fit_transform(scaled)
        plt.figure(figsize=(10, 8))
        plt.scatter(points[:, 0], points[:, 1], c=labels, cmap="tab20", s=10)
        save("kmeans_cluster_scatter.png", out)


def learn(scaled: np.ndarray, moods: pd.Series) -> tuple[float, np.ndarray]:
    train_x, test_x, train_y, test_y = train_test_split(
        scaled, moods, test_size=0.25, random_state=42
    )
    with timed("forest"):
        forest = RandomForestClassifier(n_estimators=100, random_state=42).fit(train_x, train_y)
        fidelity = float((forest.predict(test_x) == test_y).mean())
    with timed("predict_proba"):
        probabilities = forest.predict_proba(scaled)
    return fidelity, probabilities


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with timed("read_csv"):
        tracks = pd.read_csv(options.catalog)
    draw_table(tracks, options.out)
    with timed("StandardScaler"):
        scaled = StandardScaler().fit_transform(tracks[FEATURES])
    labels = cluster(scaled, tracks)
    draw_clusters(scaled, labels, options.out)
    fidelity, probabilities = learn(scaled, tracks["mood_label"])
    shares = tracks["mood_label"].value_counts(normalize=True).round(3).to_dict()
    ties = int((probabilities.max(axis=1) == 1.0).sum())
    summary = {
        "seconds": SECONDS,
        "fidelity": round(fidelity, 4),
        "moods": shares,
        "tracks that tie at probability 1": ties,
    }
    text = json.dumps(summary, indent=2)
    (options.out / "original_recipe.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
