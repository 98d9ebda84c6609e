"""A tiny world: four songs, two clusters, two listeners, and the model directory made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest

from moodtune.artifacts import Manifest, ModelBundle, SourceTable, loading, save_bundle
from moodtune.catalog.schema import DTYPES
from moodtune.errors import BundleError
from moodtune.moods.scores import MoodScores
from moodtune.moods.taxonomy import load_taxonomy

FEATURES = ("danceability", "energy", "loudness", "acousticness", "valence", "tempo")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A model that is nothing but its arrays, so that these tests are about files alone."""

    arrays: Mapping[str, np.ndarray]

    @property
    def moods(self):
        return tuple(self.arrays["moods"].tolist())

    @property
    def features(self):
        return FEATURES

    def state(self):
        return dict(self.arrays)

    @classmethod
    def from_state(cls, state):
        if "moods" not in state:
            raise BundleError("the model lacks moods; train it again")
        return cls(arrays=state)


def tracks_of(n):
    """A catalog frame of ``n`` songs with every kind of column, blanks among them."""
    draw = np.random.default_rng(n)
    columns = {
        "track_id": [f"t{i:07d}" for i in range(n)],
        "title": [f"Song {i} of 雨 <b>" for i in range(n)],
        "artists": [[f"Artist {i % 7}"] * (1 + i % 2) for i in range(n)],
        "alternative_ids": [[f"a{i}"] if i % 3 == 0 else [] for i in range(n)],
        **{name: draw.random(n) for name in FEATURES},
        "key": [i % 12 if i % 4 else None for i in range(n)],
        "duration_ms": [200_000 + i for i in range(n)],
        "genres": [["soul", "jazz"] if i % 2 else None for i in range(n)],
        "year": [1960 + i % 60 for i in range(n)],
        "explicit": [bool(i % 2) for i in range(n)],
        "url": [None] * n,
    }
    return pl.DataFrame({k: columns[k] for k in DTYPES if k in columns}, schema_overrides=DTYPES)


def bundle_of(n, *, listeners=True):
    """A bundle of ``n`` tracks, and of two listeners."""
    taxonomy, draw = load_taxonomy(), np.random.default_rng(n)
    names = np.array(taxonomy.names)
    probabilities = draw.random((n, len(names))).astype(np.float32)
    listener_moods = np.array([mood.name for mood in taxonomy.listener_moods])
    profiles = {f"p_{name}": [0.75, 0.25] for name in listener_moods.tolist()}
    return ModelBundle(
        taxonomy=taxonomy,
        song_model=StandIn(arrays={"moods": names, "weights": np.ones((3, 5), "f4")}),
        clustering=StandIn(arrays={"moods": names[:2], "share": np.array(0.5)}),
        listener_model=StandIn(arrays={"moods": listener_moods}) if listeners else None,
        tracks=tracks_of(n),
        scores=MoodScores(
            moods=taxonomy.names,
            probabilities=probabilities,
            valence=draw.random(n).astype(np.float32),
            arousal=draw.random(n).astype(np.float32),
            confidence=draw.random(n).astype(np.float32),
        ),
        clusters=(np.arange(n) % 2).astype(np.int32),
        cluster_moods=("relax", "other"),
        listeners=pl.DataFrame({"id": ["ada", "1"], **profiles, "sure": [True, False]})
        if listeners
        else None,
        manifest=Manifest(
            settings={"clustering": {"clusters": 2, "tolerance": 0.1}},
            seed=7,
            synthetic=True,
            sources=(SourceTable(name="tracks.csv", sha256="0" * 64, rows=n),),
            versions={"moodtune": "0.1.0", "python": "3.11.7"},
        ),
    )


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    for kind in ("SongModel", "Clustering", "ListenerModel"):
        monkeypatch.setattr(loading, kind, StandIn)


@pytest.fixture(scope="session")
def bundle():
    return bundle_of(4)


@pytest.fixture(scope="session")
def saved(bundle, tmp_path_factory):
    """The directory of ``bundle``; tests that change something copy it."""
    path = tmp_path_factory.mktemp("saved") / "model"
    save_bundle(bundle, path)
    return path


@pytest.fixture
def model(saved, tmp_path):
    """A copy of the model directory, to do harm to."""
    path = tmp_path / "model"
    path.mkdir()
    for file in saved.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    return path


@pytest.fixture
def changed(bundle):
    """Returns the bundle with some of its parts replaced."""
    return lambda **parts: replace(bundle, **parts)
