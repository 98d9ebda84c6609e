"""What a query says of the person: likes, feedback and what was shown, as additions to fits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from moodtune.preferences.events import FeedbackEvent, today_of
from moodtune.preferences.feedback import (
    FeedbackSettings,
    Said,
    distinct,
    event_weight,
    feedback_effects,
)
from moodtune.preferences.freshness import held_back, ids_by_age
from moodtune.preferences.taste import TasteSettings
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query

TASTE, FEEDBACK, FRESHNESS = "taste", "feedback", "freshness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What is added to fits: for all moods alike [shape=(n_tracks,)], or for each mood a row.

    ``additions``  taste, feedback and freshness, each only where the query says something of it
    ``latest``     the rows that were shown on the last earlier day
    ``notes``      what a reader should know of it
    """

    additions: Mapping[str, NDArray[np.float32]]
    latest: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def adjustments(self) -> NDArray[np.float32] | None:
        """Return the sum of the additions, or None without any."""
        total: NDArray[np.float32] | None = None
        for addition in self.additions.values():
            total = addition if total is None else total + addition
        return total

    def of_place(self, mood: int, row: int) -> dict[str, float]:
        """Return what each addition gives to a track in a mood's place."""
        return {
            name: float(values[row] if values.ndim == 1 else values[mood, row])
            for name, values in self.additions.items()
        }


def personal(index: TrackIndex, query: Query) -> Personal:
    """Return what ``query`` says of the person; QueryError for feedback without a day."""
    additions: dict[str, NDArray[np.float32]] = {}
    notes: list[str] = []
    if query.likes is not None:
        likes = index.columns.rows_of(query.likes)
        if (taste := index.taste.of(likes)) is None:
            notes.append(
                f"none of the {len(query.likes)} liked tracks is in the catalog: the list goes by "
                "the mood alone"
            )
        else:
            additions[TASTE] = np.float32(TasteSettings().weight) * taste.scores()
    needs_day = query.feedback or query.shown or query.today is not None
    today = today_of(query.today) if needs_day else None
    if query.feedback and today is not None:
        additions[FEEDBACK] = _feedback(index, query.feedback, today)
    latest: frozenset[int] = frozenset()
    if query.shown and today is not None:
        days = [
            (age, index.columns.rows_of(ids)) for age, ids in ids_by_age(query.shown, today).items()
        ]
        additions[FRESHNESS] = held_back(days, len(index))
        latest = frozenset(days[0][1].tolist()) if days else frozenset()
    return Personal(additions=additions, latest=latest, notes=tuple(notes))


def _feedback(
    index: TrackIndex, events: tuple[FeedbackEvent, ...], today: date
) -> NDArray[np.float32]:
    """Return each mood's effects [shape=(n_moods, n_tracks)]."""
    names, settings = index.taxonomy.names, FeedbackSettings()
    effects = np.zeros((len(names), len(index)), np.float32)
    by_mood: dict[str, list[tuple[int, float]]] = {}
    for event in distinct(events):
        weight = event_weight(event, today, settings)
        rows = index.columns.rows_of((event.track_id,)) if weight else np.empty(0, np.intp)
        by_mood.setdefault(event.mood, []).extend((int(row), weight) for row in rows)
    for mood, name in enumerate(names):
        if pairs := by_mood.get(name):
            said = Said(
                rows=np.array([row for row, _ in pairs], np.intp),
                weights=np.array([weight for _, weight in pairs]),
            )
            effects[mood] = feedback_effects(
                said, index.columns.artists, index.taste.content.cells, settings
            )
    return effects


def unknown_moods(index: TrackIndex, query: Query) -> Iterator[str]:
    """Yield the moods of feedback that the taxonomy does not have, each once, in order."""
    yield from dict.fromkeys(
        event.mood for event in query.feedback if event.mood not in index.taxonomy.names
    )
