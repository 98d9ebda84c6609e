"""A model whose answers are known, and tables of labels for it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from moodtune.artifacts import Manifest, ModelBundle
from moodtune.moods.scores import MoodScores
from worlds import FEATURES, NEUTRAL, TAXONOMY, tracks_frame

MATCH = "still=Quiet;wild=Loud;glad=Bright"


@dataclass(frozen=True)
class KnownModel:
    """glad by valence; of the rest wild by energy and still by its lack; spoken never."""

    moods: tuple[str, ...] = TAXONOMY.names
    features: tuple[str, ...] = FEATURES

    def score(self, features):
        energy, valence = features.column("energy"), features.column("valence")
        rest = 1 - valence
        shares = [rest * (1 - energy), rest * energy, valence, np.zeros_like(valence)]
        return MoodScores(
            moods=self.moods,
            probabilities=np.ascontiguousarray(np.stack(shares, axis=1)),
            valence=valence,
            arousal=energy,
            confidence=np.full_like(valence, 0.5),
        )


def bundle_of(n=300, *, seed=0, **columns):
    """A bundle of ``n`` tracks t00, t01, ... spread over all features, scored by the model."""
    random = np.random.default_rng(seed)
    spread = {name: random.random(n).round(4) for name in FEATURES}
    spread |= {"loudness": -30 * spread["loudness"], "tempo": 60 + 120 * spread["tempo"]}
    tracks = tracks_frame(n, **{name: list(v) for name, v in spread.items()} | columns)
    tracks = tracks.sort("track_id")
    return bundle_with(tracks)


def bundle_with(tracks):
    from moodtune.features.matrix import FeatureMatrix

    values = np.ascontiguousarray(tracks.select(FEATURES).to_numpy().astype(np.float32))
    model = KnownModel()
    return ModelBundle(
        taxonomy=TAXONOMY,
        song_model=model,
        clustering=None,
        listener_model=None,
        tracks=tracks,
        scores=model.score(FeatureMatrix(names=FEATURES, values=values)),
        clusters=np.zeros(tracks.height, np.int32),
        cluster_moods=("other",),
        listeners=None,
        manifest=Manifest(settings={}, seed=7, synthetic=False, sources=(), versions={}),
    )


def labelled(n, *, seed=1, noise=0.0, **columns):
    """A frame of ``n`` tracks with features and the label that the model finds likeliest.

    ``noise`` is the share of labels drawn at random instead; groups g0 ... g4 per label.
    """
    random = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {"track_id": [f"x{k:05}" for k in range(n)]}
        | {name: np.full(n, NEUTRAL[name]) for name in FEATURES}
        | {name: random.random(n) for name in ("energy", "valence", "acousticness")}
    )
    valence, energy = frame["valence"].to_numpy(), frame["energy"].to_numpy()
    shares = np.stack([(1 - valence) * (1 - energy), (1 - valence) * energy, valence], axis=1)
    label = shares.argmax(axis=1)
    other = random.random(n) < noise
    label[other] = random.integers(3, size=int(other.sum()))
    names = np.array(["Quiet", "Loud", "Bright"])[label]
    group = [f"{name} {k}" for name, k in zip(names, random.integers(5, size=n), strict=True)]
    frame = frame.with_columns(mood=pl.Series(names), playlist=pl.Series(group))
    return frame.with_columns(**{name: pl.Series(v) for name, v in columns.items()})


def written(frame, tmp_path, name="labels.csv"):
    path = tmp_path / name
    frame.write_csv(path)
    return path
