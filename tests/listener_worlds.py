"""Small worlds of listeners whose moods follow from their answers by construction."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from moodtune.listeners.readers import listeners_of
from moodtune.listeners.settings import ListenerSettings
from moodtune.tables.table import Table

DATA = os.environ.get("MOODTUNE_DATA")
needs_data = pytest.mark.skipif(
    not DATA or not Path(DATA).is_dir(), reason="MOODTUNE_DATA names no folder of real tables"
)
PHRASES = {"Rest": "Rest", "to unwind": "Rest", "Dance": "Dance", "Cry, alone": "Cry"}
SETTINGS = ListenerSettings(mood_column="mood")


def listeners_from(columns, phrases=PHRASES, settings=SETTINGS):
    """Return the listeners of a table given as a mapping or a frame."""
    frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns)
    table = Table(name="people.csv", sha256="0" * 64, frame=frame, kind="csv")
    return listeners_of(table, phrases, settings)


def survey(n=240, seed=0, noise_columns=6):
    """Return a table in which "night" answers tick Rest, "gym" ticks Dance, and both may be.

    Nine in ten follow the rule; what the ``noise`` columns say has nothing to do with it.
    """
    random = np.random.default_rng(seed)
    night, gym = random.random((2, n)) < np.array([[0.6], [0.4]])
    rest = night ^ (random.random(n) < 0.1)
    dance = gym ^ (random.random(n) < 0.1)
    mood = [
        ", ".join(m for m, is_ticked in (("Rest", r), ("Dance", d)) if is_ticked) or "Cry, alone"
        for r, d in zip(rest, dance, strict=True)
    ]
    # Whole columns are made of few answers, so that nothing but the rule can be learnt.
    noise = {
        f"noise{i}": random.choice(["a", "b", "c", "d"], n).tolist() for i in range(noise_columns)
    }
    return pl.DataFrame(
        {
            "time": np.where(night, "Night", "Morning").tolist(),
            "place": np.where(gym, "Gym, Street,", "Home,Street").tolist(),
            "age": random.integers(12, 80, n).astype(str).tolist(),
            **noise,
            "mood": mood,
        }
    )
