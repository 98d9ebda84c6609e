"""Tracks of music at large whose labels follow a rule that is known."""

import numpy as np
import polars as pl

from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.reference import music_at_large
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
MATCH = "melancholy,deep=Down;calm,relax=Rest;happy,fun=Glad;party,motivating,uplifting=Up"
NAMES = np.array(["Down", "Rest", "Glad", "Up"])


def music(n, seed=0) -> FeatureMatrix:
    """``n`` made-up tracks spread like music at large."""
    return music_at_large().sample(n, seed)


def song_model(features):
    return train_song_model(features, TAXONOMY)


def quarters(features, *, up, glad, noise=0.0, seed=0):
    """Number the label of each track by the halves of two features, some at random instead."""
    random = np.random.default_rng(seed)
    excited = features.column(up) > np.median(features.column(up))
    pleasant = features.column(glad) > np.median(features.column(glad))
    label = np.where(excited, np.where(pleasant, 2, 3), np.where(pleasant, 1, 0))
    other = random.random(len(label)) < noise
    label[other] = random.integers(4, size=int(other.sum()))
    return label


def frame(features, label, *, seed=0, groups=4):
    """A label table: ids, features, ``mood`` and ``playlist``, some playlists per label."""
    random = np.random.default_rng(seed)
    names = NAMES[label]
    numbers = random.integers(groups, size=len(label))
    return pl.DataFrame(
        {
            "track_id": [f"s{seed}x{k:05}" for k in range(len(label))],
            **{n: features.column(n) for n in features.names},
            "mood": names,
            "playlist": [f"{name} {k}" for name, k in zip(names, numbers, strict=True)],
        }
    )
