"""What a query says of the person: likes, feedback and what was shown, as additions to fits."""

from collections.abc import Iterator, Mapping, Sequence
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

    ``additions``   taste, feedback and freshness, each only where the query says something of it
    ``latest``      the rows that were shown on the last earlier day
    ``days_since``  how many days ago each track was last shown, 0 for not on any earlier day; None
                    where the query does not say what was shown
    ``notes``       what a reader should know of it
    """

    additions: Mapping[str, NDArray[np.float32]]
    latest: frozenset[int] = frozenset()
    days_since: NDArray[np.int32] | None = None
    notes: tuple[str, ...] = ()

    def adjustments(self) -> NDArray[np.float32] | None:
        """Return the sum of the additions, or None without any."""
        total: NDArray[np.float32] | None = None
        for addition in self.additions.values():
            total = addition if total is None else total + addition
        return total

    def shown_days_ago(self, row: int) -> int | None:
        """Return how many days ago a track was last shown; None if it was on no earlier day."""
        return None if self.days_since is None else int(self.days_since[row]) or None

    def of_place(self, mood: int, row: int) -> dict[str, float]:
        """Return what each addition gives to a track in a mood's place."""
        return {
            name: float(values[row] if values.ndim == 1 else values[mood, row])
            for name, values in self.additions.items()
        }


def personal(index: TrackIndex, query: Query, profile: NDArray[np.float64]) -> Personal:
    """Return what ``query`` says of the person; QueryError for feedback without a day.

    ``profile`` [shape=(n_moods,)]: of moods without a share feedback is not worked out, and is 0.
    """
    additions: dict[str, NDArray[np.float32]] = {}
    today = today_of(query.today) if query.feedback or query.shown or query.today else None
    heard = _heard(index, query.feedback, today)
    taste, notes = _taste(index, query, heard)
    if taste is not None:
        additions[TASTE] = taste
    if query.feedback:
        additions[FEEDBACK] = _feedback(index, heard, np.flatnonzero(profile).tolist())
    latest: frozenset[int] = frozenset()
    days_since = None
    if query.shown and today is not None:
        days = _rows_by_age(index, ids_by_age(query.shown, today))
        additions[FRESHNESS] = held_back(days, len(index))
        latest = frozenset(days[0][1].tolist()) if days else frozenset()
        days_since = _days_since(days, len(index))
    return Personal(additions=additions, latest=latest, days_since=days_since, notes=notes)


def _days_since(days: Sequence[tuple[int, NDArray[np.intp]]], n_tracks: int) -> NDArray[np.int32]:
    since = np.zeros(n_tracks, np.int32)
    for age, rows in reversed(days):  # the latest day last: it is the one that stays
        since[rows] = age
    return since


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What feedback says today, event by event: the mood, the row, and the weight.

    ``weights``  above 0 for likes, below for skips; of events that count nothing there is no row
    ``banned``   the rows of what was banned
    """

    moods: NDArray[np.str_]
    rows: NDArray[np.intp]
    weights: NDArray[np.float64]
    banned: NDArray[np.intp]


def _heard(index: TrackIndex, events: tuple[FeedbackEvent, ...], today: date | None) -> _Heard:
    once = distinct(events)
    places, rows = index.columns.rows_of_each([event.track_id for event in once])
    settings = FeedbackSettings()
    weighed = [0.0 if today is None else event_weight(each, today, settings) for each in once]
    weights = np.array(weighed, np.float64)[places]
    moods = np.array([event.mood for event in once], np.str_)[places]
    bans = np.array([event.action == "ban" for event in once], np.bool_)[places]
    counts = weights != 0
    return _Heard(
        moods=moods[counts], rows=rows[counts], weights=weights[counts], banned=rows[bans]
    )


def _taste(
    index: TrackIndex, query: Query, heard: _Heard
) -> tuple[NDArray[np.float32] | None, tuple[str, ...]]:
    """Return what likes add to each track's fit, be they told or heard in any mood, and a note."""
    told = index.columns.rows_of(query.likes or ())
    liked = (heard.weights > 0) & ~np.isin(heard.rows, heard.banned)
    rows = np.concatenate([told, heard.rows[liked]])
    weights = np.concatenate([np.ones(len(told)), heard.weights[liked]])
    taste = index.taste.of(rows, weights) if len(rows) else None
    notes: list[str] = []
    if query.likes is not None and not len(told):
        rest = "the mood alone" if taste is None else "the mood and what was liked in feedback"
        notes.append(
            f"none of the {len(query.likes)} liked tracks is in the catalog: the list goes by "
            f"{rest}"
        )
    if taste is None:
        return None, tuple(notes)
    return np.float32(TasteSettings().weight) * taste.scores(), tuple(notes)


def _feedback(index: TrackIndex, heard: _Heard, moods: list[int]) -> NDArray[np.float32]:
    """Return the effects on ``moods`` [shape=(n_moods, n_tracks)]; on the others they are 0."""
    names = index.taxonomy.names
    effects = np.zeros((len(names), len(index)), np.float32)
    for mood in moods:
        here = heard.moods == names[mood]
        if here.any():
            said = Said(rows=heard.rows[here], weights=heard.weights[here])
            effects[mood] = feedback_effects(said, index.columns.artists, index.taste.content.cells)
    return effects


def _rows_by_age(
    index: TrackIndex, ids: Mapping[int, tuple[str, ...]]
) -> list[tuple[int, NDArray[np.intp]]]:
    """Return the rows that were shown, by how many days ago; all looked up at once."""
    places, rows = index.columns.rows_of_each([each for of_day in ids.values() for each in of_day])
    days = np.repeat(np.arange(len(ids)), [len(of_day) for of_day in ids.values()])[places]
    return [(age, np.unique(rows[days == day])) for day, age in enumerate(ids)]


def unknown_moods(index: TrackIndex, query: Query) -> Iterator[str]:
    """Yield the moods of feedback that the taxonomy does not have, each once, in order."""
    known = frozenset(index.taxonomy.names)
    yield from dict.fromkeys(event.mood for event in query.feedback if event.mood not in known)
