"""The figures of the song model beside the clusters, from its fidelity."""

import numpy as np
from matplotlib.figure import Figure

from moodtune.evaluation.fidelity import Fidelity, wilson
from moodtune.reports.contents import ReportContents
from moodtune.reports.mood_figures import (
    Framing,
    MoodShare,
    confusion_figure,
    misclassification_figure,
)
from moodtune.reports.style import mood_colors, number

_CONFIDENCE = 0.95


def song_confusion(contents: ReportContents, fidelity: Fidelity) -> Figure:
    """Return cluster moods against the song model's moods, on held-out tracks."""
    rows, columns = (_named_by(fidelity, axis=axis, always=contents) for axis in (1, 0))
    return confusion_figure(
        fidelity.confusion[np.ix_(rows, columns)],
        rows=[fidelity.moods[k] for k in rows],
        columns=[fidelity.moods[k] for k in columns],
        row_axis="Mood of the track's cluster",
        column_axis="Most probable mood by the song model",
        framing=Framing(
            title="The song model beside the clusters",
            subtitle="Of the tracks whose cluster has the row's mood, the share (%) to which the "
            "song model gives the column's.",
            caption=f"{_held_out(fidelity)} An empty row: no cluster is called so.",
            synthetic=contents.synthetic,
        ),
    )


def _named_by(fidelity: Fidelity, *, axis: int, always: ReportContents) -> list[int]:
    """Return the moods of one side of the confusion: the taxonomy's, and others that occur."""
    occurs = fidelity.confusion.sum(axis=axis) > 0
    names = always.taxonomy.names
    return [k for k, mood in enumerate(fidelity.moods) if mood in names or occurs[k]]


def _held_out(fidelity: Fidelity) -> str:
    return (
        f"{fidelity.n:,} tracks that neither the clusters nor the song model had seen. This is "
        "fidelity to the clusters, and not agreement with people."
    )


def disagreements(fidelity: Fidelity) -> list[MoodShare]:
    """Return for each cluster mood how many of its tracks the song model gives another mood."""
    totals, agreed = fidelity.confusion.sum(axis=1), np.diagonal(fidelity.confusion)
    return [
        share_of(mood, int(n - hits), int(n))
        for mood, n, hits in zip(fidelity.moods, totals, agreed, strict=True)
        if n > 0
    ]


def song_disagreements(contents: ReportContents, fidelity: Fidelity) -> Figure:
    """Return how often the song model gives another mood, per cluster mood."""
    overall = 1 - fidelity.agreement
    return misclassification_figure(
        disagreements(fidelity),
        colors=mood_colors(contents.taxonomy.names),
        axis="Tracks to which the song model gives another mood (%)",
        reference=(overall, f"all tracks: {number(100 * overall, 1)} %"),
        framing=Framing(
            title="Where the song model leaves the clusters",
            subtitle="One bar per cluster mood, with the number of its tracks and the 95 % "
            "interval. A track need not be like its cluster.",
            caption=_held_out(fidelity),
            synthetic=contents.synthetic,
        ),
    )


def share_of(mood: str, n_hits: int, n: int) -> MoodShare:
    """Return the share ``n_hits / n`` of a mood with its interval."""
    if n == 0:
        return MoodShare(mood=mood, share=0, low=0, high=1, n=0)
    low, high = wilson(n_hits, n, _CONFIDENCE)
    return MoodShare(mood=mood, share=n_hits / n, low=low, high=high, n=n)
