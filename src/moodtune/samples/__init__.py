"""Synthetic tables of tracks and listeners, plainly called synthetic, drawn from aggregates."""

from moodtune.samples.invented import SAMPLE_ANSWER_PREFIX, SAMPLE_ID_PREFIX, is_sample
from moodtune.samples.listeners import sample_listeners
from moodtune.samples.tracks import iter_sample_tracks, sample_tracks
from moodtune.samples.writing import SampleSettings, WrittenSamples, write_samples

__all__ = [
    "SAMPLE_ANSWER_PREFIX",
    "SAMPLE_ID_PREFIX",
    "SampleSettings",
    "WrittenSamples",
    "is_sample",
    "iter_sample_tracks",
    "sample_listeners",
    "sample_tracks",
    "write_samples",
]
