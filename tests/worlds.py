"""Tiny worlds whose right answers are known by construction."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from hypothesis import settings

from moodtune.catalog import schema
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import N_CELLS
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import N_FITS, SongModel
from moodtune.moods.taxonomy import Cue, ListenerMood, Mood, Taxonomy
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex

#: What holds of every list is tried on so many generated cases, however busy the machine is.
FIVE_HUNDRED = settings(max_examples=500, deadline=None)

FEATURES = tuple(schema.AUDIO_FEATURES)
NEUTRAL = dict.fromkeys(FEATURES, 0.5) | {"loudness": -8.0, "tempo": 120.0}

#: Three moods and a kind; the first two at the ends of energy, the third at the top of valence.
TAXONOMY = Taxonomy(
    moods=(
        Mood(name="still", valence=0.5, arousal=0.1, cues=(Cue(feature="energy", rank=0.1, weight=1),)),
        Mood(name="wild", valence=0.5, arousal=0.9, cues=(Cue(feature="energy", rank=0.9, weight=1),)),
        Mood(name="glad", valence=0.9, arousal=0.5, cues=(Cue(feature="valence", rank=0.9, weight=1),)),
        Mood(name="spoken", valence=0.5, arousal=0.5, cues=(Cue(feature="speechiness", rank=1, weight=1),), offered=False),
    ),
    listener_moods=(
        ListenerMood(name="Rest", phrases=("Rest", "unwind"), weights={"still": 0.75, "glad": 0.25}),
        ListenerMood(name="Dance", phrases=("Dance",), weights={"wild": 1.0}),
    ),
)  # fmt: skip


def tracks_frame(
    n: int, artists: Sequence[Sequence[str]] | None = None, **columns: Sequence[object]
) -> pl.DataFrame:
    """Return a catalog's frame of ``n`` tracks t00, t01, ..., each by an artist of its own."""
    ids = [f"t{i:02}" for i in range(n)]
    values: dict[str, Sequence[object]] = {
        schema.TRACK_ID: ids,
        schema.TITLE: [f"Song {i}" for i in range(n)],
        schema.ARTISTS: artists or [[f"Artist {i}"] for i in range(n)],
        schema.ALTERNATIVE_IDS: [[] for _ in range(n)],
        **{name: [value] * n for name, value in NEUTRAL.items()},
        **columns,
    }
    return pl.DataFrame(values, schema={c: t for c, t in schema.DTYPES.items() if c in values})


def flat_song_model(taxonomy: Taxonomy = TAXONOMY) -> SongModel:
    """Return a song model to which all tracks are alike: for tests that bring their own scores."""
    m, k = len(taxonomy.moods), len(FEATURES)
    ranks = np.tile(np.linspace(0, 1, N_CELLS, dtype=np.float32), (k, 1))
    return SongModel(
        moods=taxonomy.names,
        features=FEATURES,
        offered=np.array([mood.offered for mood in taxonomy.moods], np.float32),
        catalog=ranks,
        reference=ranks,
        catalog_share=np.array(0.5, np.float32),
        prototypes=np.full((m, k), 0.5, np.float32),
        weights=np.ones((m, k), np.float32),
        offsets=np.zeros(m, np.float32),
        background=np.array(-1, np.float32),
        plane=np.zeros((2, k), np.float32),
        fit_range=np.tile(np.array([-1, 0], np.float32), (m, 1)),
        fits=np.tile(np.linspace(0, 1, N_FITS, dtype=np.float32), (m, 1)),
    )


#: One for all worlds: what it looks up is made once.
FLAT = flat_song_model()


def index_of(
    probabilities: Sequence[Sequence[float]],
    artists: Sequence[Sequence[str]] | None = None,
    **columns: Sequence[object],
) -> TrackIndex:
    """Return an index whose tracks have the given mood profiles (still, wild, glad, spoken)."""
    scores = np.array(probabilities, np.float32).reshape(-1, len(TAXONOMY.moods))
    n = len(scores)
    half = np.full(n, 0.5, np.float32)
    return TrackIndex(
        taxonomy=TAXONOMY,
        song_model=FLAT,
        columns=TrackColumns.of(tracks_frame(n, artists, **columns)),
        scores=MoodScores(
            moods=TAXONOMY.names, probabilities=scores, valence=half, arousal=half, confidence=half
        ),
    )


def feature_matrix_of(n: int, **columns: Sequence[float]) -> FeatureMatrix:
    """Return the features of ``n`` neutral tracks, but for the given columns."""
    values = np.tile(np.array([NEUTRAL[name] for name in FEATURES], np.float32), (n, 1))
    for name, column in columns.items():
        values[:, FEATURES.index(name)] = column
    return FeatureMatrix(names=FEATURES, values=values)
