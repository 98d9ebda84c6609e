"""A Query for a journey to Recommendations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np
from msgspec.structs import replace as replace_fields
from numpy.typing import NDArray

from moodtune.catalog.schema import DURATION_MS
from moodtune.errors import QueryError
from moodtune.ranking.additions import Addition, at_each
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journey_length import MS_PER_MINUTE, Length
from moodtune.ranking.journeys import FEWEST, Journey, Terms, Travelled, travel
from moodtune.ranking.query import DEFAULT_N, Query
from moodtune.ranking.routes import ArtistRules
from moodtune.ranking.scoring import SEED_STEP, lots
from moodtune.ranking.transitions import distances, sound_of
from moodtune.ranking.waypoints import (
    NEAREST_ENDS,
    PERSON_WEIGHT,
    End,
    Ground,
    Point,
    ground_of,
    place_of,
)
from moodtune.ranking.work import Work

#: An end of a journey as it is asked for; None is where the listener is.
AskedEnd = str | tuple[float, float] | None

#: The share of each mood [shape=(n_moods,)] that an end stands for which is no bare point.
Mixes = Mapping[str | None, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the person says of tracks.

    ``added``   to each track's fit to a mood; None for nothing
    ``latest``  the rows of the last list
    ``work``    counts what the search weighs
    """

    added: Addition | None = None
    latest: frozenset[int] = frozenset()
    work: Work = field(default_factory=Work)


def journey_of(
    index: TrackIndex,
    query: Query,
    admitted: NDArray[np.bool_],
    mixes: Mixes,
    words: Words | None = None,
) -> Travelled:
    """Return the tracks of the journey that ``query`` asks for, over the admitted ones.

    ``mixes`` has the moods that each end stands for which is no bare point. Kinds of recording that
    no end names stay out. QueryError for ends that are no places or the same one, and for a bound
    on steps that is not above 0.
    """
    words = words or Words()
    journey, ground = ground_for(index, query, admitted, mixes, words)
    most = query.n
    if most is None and query.minutes is None:
        most = DEFAULT_N
    rules = ArtistRules(artists=index.columns.artists, cap=query.artist_cap, gap=query.artist_gap)
    length = None
    if query.minutes is not None:
        length = _length(index.columns.durations_ms, ground.rows, query.minutes)
    terms = Terms(n=most, step=journey.step, rules=rules, length=length, latest=words.latest)
    found = travel(ground, terms)
    return replace(found, report=replace_fields(found.report, minutes=_minutes(index, found.rows)))


def ground_for(
    index: TrackIndex,
    query: Query,
    admitted: NDArray[np.bool_],
    mixes: Mixes,
    words: Words | None = None,
) -> tuple[Journey, Ground]:
    """Return what journey ``query`` asks for, and the tracks it may take; see `journey_of`."""
    journey = query.journey
    if journey is None:
        raise ValueError("the query asks for no journey")
    check(journey, query)
    music = _music(index, mixes.values())
    start, goal = (_end(index, end, mixes) for end in (journey.start, journey.goal))
    _refuse_one_place(journey, start, goal)
    words = words or Words()
    extra = _extra(index, query.seed, words.added)
    taken = admitted & music
    ground = ground_of(
        sound_of(index), index.scores, taken, start, goal, extra=extra, work=words.work
    )
    return journey, ground


def _extra(
    index: TrackIndex, seed: int | None, added: Addition | None
) -> NDArray[np.float64] | None:
    """Return what each track costs more than its fit alone [shape=(n_tracks,)]; None for nothing.

    What is said of a mood counts for the tracks that a journey lists for it: those it leads. A
    seed adds a lot of less than ``SEED_STEP``, so that it draws among tracks that fit about
    equally.
    """
    if added is None and seed is None:
        return None
    rows = np.arange(len(index))
    extra = np.zeros(len(index))
    if added is not None:
        extra -= PERSON_WEIGHT * at_each(added, index.leading, rows)
    if seed is not None:
        extra += SEED_STEP * lots(seed, rows)
    return extra


def _minutes(index: TrackIndex, rows: Sequence[int]) -> float | None:
    """Return how long tracks last together; None where that is not known of all of them."""
    if not index.columns.has(DURATION_MS) or not rows:
        return None
    durations = index.columns.durations_ms[list(rows)]
    return float(durations.sum()) / MS_PER_MINUTE if (durations > 0).all() else None


def check(journey: Journey, query: Query) -> None:
    """Refuse a journey that nobody can make, in a sentence."""
    if journey.step is not None and not (isfinite(journey.step) and journey.step > 0):
        raise QueryError(f"the longest step of a journey must be above 0, got {journey.step:g}")
    if query.n is not None and query.n < FEWEST:
        raise QueryError(f"a journey has at least {FEWEST} tracks, got n = {query.n}")
    for end in (journey.start, journey.goal):
        if isinstance(end, tuple) and not all(0 <= value <= 1 for value in end):
            raise QueryError(
                f"a place is valence,arousal, both from 0 to 1, got {end[0]:g},{end[1]:g}"
            )


def _music(index: TrackIndex, mixes: Iterable[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Return which tracks are no kind of recording that no mix asks for."""
    listed = np.array([mood.offered for mood in index.taxonomy.moods])
    for mix in mixes:
        listed |= mix > 0
    music: NDArray[np.bool_] = listed[index.leading]
    return music


def _end(index: TrackIndex, asked: AskedEnd, mixes: Mixes) -> End:
    if isinstance(asked, tuple):
        return End(point=asked)
    mix = mixes[asked]
    return End(point=place_in(index, mix), mix=mix)


def place_in(index: TrackIndex, mix: NDArray[np.float64]) -> Point:
    """Return where a mix of moods [shape=(n_moods,)] lies in a catalog: (valence, arousal).

    It is the same whatever else a journey names. Where no track tells, it is the taxonomy's place.
    """
    music = _music(index, [mix])
    if music.any():
        return place_of(index.scores, mix, music)
    moods = index.taxonomy.moods
    valence, arousal = mix @ np.array([[mood.valence, mood.arousal] for mood in moods])
    return float(valence), float(arousal)


def _refuse_one_place(journey: Journey, start: End, goal: End) -> None:
    apart = distances(np.array([start.point]), np.array([goal.point]))[0, 0]
    if apart < NEAREST_ENDS:
        raise QueryError(
            f"a journey needs two places, and {_named(journey.start, start)} and "
            f"{_named(journey.goal, goal)} are one; ask for one mood instead"
        )


def _named(asked: AskedEnd, end: End) -> str:
    valence, arousal = end.point
    at = f"{valence:.2f},{arousal:.2f}"
    if isinstance(asked, tuple):
        return at
    return f"{asked or 'the listener'} (here at {at})"


def _length(durations: NDArray[np.int64], candidates: NDArray[np.intp], minutes: float) -> Length:
    """Return a length that a journey may be short of by half the shortest candidate."""
    shortest = int(durations[candidates].min()) if len(candidates) else 0
    return Length(durations=durations, limit=int(minutes * MS_PER_MINUTE), slack=shortest // 2)


def profile_of_journey(index: TrackIndex, rows: Sequence[int]) -> NDArray[np.float64]:
    """Return the share of the tracks that each mood leads [shape=(n_moods,)]; 0s without any."""
    leading = index.leading[list(rows)]
    counts = np.bincount(leading, minlength=len(index.taxonomy.moods))
    return counts / max(len(rows), 1)
