"""What a query says of the person: likes, feedback and what was shown, as additions to fits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from moodtune.features.rows import ascending
from moodtune.preferences.events import FeedbackEvent, today_of
from moodtune.preferences.feedback import (
    FeedbackSettings,
    Said,
    distinct,
    event_weights,
    feedback_effects,
)
from moodtune.preferences.freshness import Shown, shown_earlier
from moodtune.preferences.shared_artists import SharedArtists
from moodtune.preferences.taste import Taste, TasteSettings
from moodtune.ranking.additions import Addition, ByMood, Weighed, at_each
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query
from moodtune.ranking.track_ids import Found

if TYPE_CHECKING:
    from moodtune.preferences.track_values import TrackValues

TASTE, FEEDBACK, FRESHNESS = "taste", "feedback", "freshness"

#: What is said of a table whose ids are of another kind than the catalog's.
NO_TRACK = "names no track of the catalog: check that both have the same kind of track id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What is added to fits.

    ``additions``   taste, feedback and freshness, each only where the query says something of it
    ``latest``      the rows that were shown on the last earlier day
    ``days_since``  how many days ago each track was last shown that was on any earlier day
    ``banned``      the rows of what is banned
    ``notes``       what a reader should know of it
    """

    additions: Mapping[str, Addition]
    banned: NDArray[np.intp]
    latest: frozenset[int] = frozenset()
    days_since: Mapping[int, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def shown_days_ago(self, row: int) -> int | None:
        """Return how many days ago a track was last shown; None if it was on no earlier day."""
        return self.days_since.get(row)

    def of_places(
        self, moods: NDArray[np.integer], rows: NDArray[np.integer]
    ) -> dict[str, NDArray[np.float32]]:
        """Return what each addition gives to the tracks in some moods' places."""
        return {name: at_each(added, moods, rows) for name, added in self.additions.items()}


def personal(index: TrackIndex, query: Query, profile: NDArray[np.float64]) -> Personal:
    """Return what ``query`` says of the person; QueryError for feedback without a day.

    ``profile`` [shape=(n_moods,)]: of moods without a share feedback is not worked out, and is 0.
    Feedback is in moods of the taxonomy: see ``unknown_moods``.
    """
    additions: dict[str, Addition] = {}
    needs_day = query.feedback or query.shown or query.today is not None
    today = today_of(query.today) if needs_day else None
    if query.likes is None and not (query.feedback or query.shown):
        return Personal(additions=additions, banned=np.empty(0, np.intp))
    said = distinct(query.feedback)
    earlier, days_ago = shown_earlier(query.shown, today) if today is not None else ([], [])
    likes = query.likes or ()
    found = index.columns.ids.find([*likes, *(event.track_id for event in said), *earlier])
    told, of_events, of_shown = found.split([len(likes), len(said), len(earlier)])

    heard = _heard(said, of_events, today, index.taxonomy.names)
    moods = np.flatnonzero(profile).tolist()
    counts = (heard.weights > 0) | (profile[heard.moods] > 0)
    about = np.concatenate([told.rows, heard.rows[counts]])
    named = SharedArtists.find(index.columns.artists, ascending(about))
    taste, notes = _taste(index, query, told.rows, heard, named)
    if taste is not None:
        additions[TASTE] = Weighed(taste, TasteSettings().weight)
    if said:
        additions[FEEDBACK] = _feedback(index, heard, named, moods)
    shown = Shown.of(of_shown.rows, np.array(days_ago, np.intp)[of_shown.asked])
    if query.shown:
        additions[FRESHNESS] = Weighed(shown.values(len(index)))
    return Personal(
        additions=additions,
        banned=heard.banned,
        latest=frozenset(shown.rows[shown.days_ago == min(days_ago, default=0)].tolist()),
        days_since=dict(zip(shown.rows.tolist(), shown.days_ago.tolist(), strict=True)),
        notes=(*notes, *_strange(query, heard, earlier, shown)),
    )


def _strange(query: Query, heard: "_Heard", earlier: list[str], shown: Shown) -> Iterator[str]:
    """Yield which tables name no track of the catalog at all."""
    if query.feedback and not heard.n_known:
        yield f"the feedback {NO_TRACK}"
    if earlier and not len(shown.rows):
        yield f"the table of what was shown {NO_TRACK}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What feedback says today, event by event: the mood, the row, and the weight.

    ``moods``    by number
    ``weights``  above 0 for likes, below for skips; of events that count nothing there is no row
    ``banned``   the rows of what was banned
    ``n_known``  rows that any event is about, be it that it counts or not
    """

    moods: NDArray[np.intp]
    rows: NDArray[np.intp]
    weights: NDArray[np.float64]
    banned: NDArray[np.intp]
    n_known: int


def _heard(
    said: Sequence[FeedbackEvent], found: Found, today: date | None, names: Sequence[str]
) -> _Heard:
    weighed = [] if today is None else event_weights(said, today, FeedbackSettings())
    weights = np.array(weighed, np.float64)[found.asked]
    numbers = {name: number for number, name in enumerate(names)}
    moods = np.array([numbers[event.mood] for event in said], np.intp)[found.asked]
    bans = np.array([event.action == "ban" for event in said], np.bool_)[found.asked]
    counts = weights != 0
    return _Heard(
        moods=moods[counts],
        rows=found.rows[counts],
        weights=weights[counts],
        banned=found.rows[bans],
        n_known=len(found.rows),
    )


def _taste(
    index: TrackIndex, query: Query, told: NDArray[np.intp], heard: _Heard, named: SharedArtists
) -> tuple[Taste | None, tuple[str, ...]]:
    """Return what is liked, be it told or heard in any mood, and a note."""
    weights = np.zeros(len(named.named))
    liked = heard.weights > 0
    if len(heard.banned):
        liked &= ~np.isin(heard.rows, heard.banned)
    np.maximum.at(weights, np.searchsorted(named.named, heard.rows[liked]), heard.weights[liked])
    weights[np.searchsorted(named.named, told)] = 1
    taste = index.taste.of_named(named, weights) if weights.any() else None
    if query.likes is None or len(told):
        return taste, ()
    goes_by = "the mood alone" if taste is None else "the mood and what was liked in feedback"
    why = "no track is liked yet"
    if query.likes:
        why = f"none of the {len(query.likes)} liked tracks is in the catalog"
    return taste, (f"{why}: the list goes by {goes_by}",)


def _feedback(index: TrackIndex, heard: _Heard, named: SharedArtists, moods: list[int]) -> ByMood:
    """Return the effects on ``moods``; on the others they are 0."""
    effects: dict[int, TrackValues] = {}
    for mood in moods:
        here = heard.moods == mood
        if here.any():
            said = Said(rows=heard.rows[here], weights=heard.weights[here])
            effects[mood] = feedback_effects(said, named, index.taste.content.cells)
    return ByMood(effects)


def unknown_moods(index: TrackIndex, query: Query) -> Iterator[str]:
    """Yield the moods of feedback that the taxonomy does not have, each once, in order."""
    known = frozenset(index.taxonomy.names)
    yield from dict.fromkeys(event.mood for event in query.feedback if event.mood not in known)
