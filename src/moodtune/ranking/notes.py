"""What a reader of a list should know of it, in sentences."""

import difflib
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.index import TrackIndex
from moodtune.ranking.limits import Admission
from moodtune.ranking.personal import NO_TRACK
from moodtune.ranking.query import Query
from moodtune.ranking.selection import MAX_N, Place, places_at_most
from moodtune.tables.text import literal, quoted

#: Places of a list that are named one by one.
_NAMED = 12

#: Fills the places of another query over the same tracks.
Again = Callable[[Query], list[Place]]


def notes(
    index: TrackIndex, query: Query, admission: Admission, places: list[Place], again: Again
) -> Iterator[str]:
    """Yield the sentences, the most telling first; ``again`` answers what relaxing would give."""
    if (unfilled := _unfilled(index, query, admission, places)) is not None:
        yield f"{unfilled}: {_why(index, query, admission)}"
        yield from _relaxed(query, admission, places, again)
    yield from unknown_values(index, query, admission)
    yield from _length(index, query, admission, places)
    yield from _taken(index, places)
    if strangers := sum(place.of_a_kind for place in places):
        yield (
            f"{strangers} of {len(places)} tracks are spoken or live recordings: the catalog has "
            f"too few others"
        )
    if far := sum(not place.carries and not place.of_a_kind for place in places):
        yield (
            f"{far} of {len(places)} tracks carry none of the moods asked for: they are the "
            f"nearest that are left"
        )
    yield from _hardly(index, places)


def _unfilled(
    index: TrackIndex, query: Query, admission: Admission, places: list[Place]
) -> str | None:
    """Return how far the tracks reach where a list could go on; None where it could not."""
    wanted = places_at_most(query)
    if not places:
        return "no place is filled"
    if query.n is None and query.minutes is not None:
        gap, shortest = _gap_and_shortest(index, query.minutes, admission, places)
        return f"the tracks end after {_counted(len(places), 'place')}" if gap >= shortest else None
    return f"{len(places)} of {wanted} places are filled" if len(places) < wanted else None


def _gap_and_shortest(
    index: TrackIndex, minutes: float, admission: Admission, places: list[Place]
) -> tuple[int, int]:
    """Return how much shorter a list is than it may be, and the shortest track it may have, ms."""
    durations = index.columns.durations_ms
    gap = int(minutes * 60_000) - int(sum(durations[place.row] for place in places))
    return gap, int(durations[admission.rows].min())


def _why(index: TrackIndex, query: Query, admission: Admission) -> str:
    cap = f"at most {query.artist_cap} of one artist are listed"
    if query.artist_gap:
        cap += f", with at least {_counted(query.artist_gap, 'place')} between two"
    if query.minutes is not None:
        cap += f", {query.minutes:g} minutes in all"
    if not admission.limits:
        return f"the catalog has {len(index)} tracks, and {cap}"
    passed = len(admission.rows)
    return f"of the catalog's {len(index)} tracks {passed} pass the limits, and {cap}"


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _relaxed(
    query: Query, admission: Admission, places: list[Place], again: Again
) -> Iterator[str]:
    """Yield what each limit leaves, and what lifting it would give.

    Of limits that would give nothing by being lifted only where all are such.
    """
    passed, n_tracks = len(admission.rows), admission.n_tracks
    lifted = [(limit, admission.without(limit)) for limit in admission.limits]
    helps = any(without > passed for _, without in lifted)
    for limit, without in lifted:
        alone = admission.alone(limit)
        if without > passed or (not helps and alone < n_tracks):
            yield f"{limit.name} alone leaves {alone} tracks; without it {without} would pass"
    if len(places) >= passed:
        return
    for name, relaxed in (
        ("the artist cap", {"artist_cap": MAX_N}),
        ("the artist gap", {"artist_gap": 0}),
        ("the length", {"minutes": None}),
    ):
        other = msgspec.structs.replace(query, n=places_at_most(query), **relaxed)
        if other != query and (filled := len(again(other))) > len(places):
            yield f"without {name} {filled} places would be filled"


def unknown_values(index: TrackIndex, query: Query, admission: Admission) -> Iterator[str]:
    """Yield how many tracks each limit left out unknown, and what no track of the catalog has."""
    for limit in admission.limits:
        if limit.idle:
            yield f"{limit.name} {NO_TRACK}"
        if blank := limit.blank():
            yield f"{limit.name}: of {blank} tracks it is not known, and they are left out"
    if not query.genres and not query.not_genres:
        return
    known = index.columns.genres.names
    for genre in (*query.genres, *query.not_genres):
        if genre.lower() not in known:
            near = difflib.get_close_matches(genre.lower(), known, n=1)
            hint = f"; did you mean {literal(near[0])}?" if near else ""
            yield f"no track of the catalog has the genre {quoted(genre)}{hint}"


def _length(
    index: TrackIndex, query: Query, admission: Admission, places: list[Place]
) -> Iterator[str]:
    if query.minutes is None or not len(admission.rows):
        return
    gap, shortest = _gap_and_shortest(index, query.minutes, admission, places)
    if 2 * gap > shortest:
        full = f": all {query.n} places are taken" if len(places) == query.n else ""
        yield (
            f"the list is {gap / 60_000:.1f} minutes shorter than the {query.minutes:g} asked "
            f"for{full}"
        )


def _taken(index: TrackIndex, places: list[Place]) -> Iterator[str]:
    """Yield which places another mood took."""
    names = index.taxonomy.names
    pairs = sorted({(p.instead_of, p.mood) for p in places if p.instead_of is not None})
    for lacking, taker in pairs:
        ranks = [
            rank
            for rank, place in enumerate(places, start=1)
            if (place.instead_of, place.mood) == (lacking, taker)
        ]
        named = ", ".join(map(str, ranks[:_NAMED])) + (
            f" and {len(ranks) - _NAMED} more" if len(ranks) > _NAMED else ""
        )
        yield (
            f"{names[taker]} took {_counted(len(ranks), 'place')} of {names[lacking]} (rank "
            f"{named}): too few tracks that carry {names[lacking]} are left"
        )


def _hardly(index: TrackIndex, places: list[Place]) -> Iterator[str]:
    """Yield the moods that the catalog hardly has, by music at large.

    At large each offered mood is as common as another. So where half of a list fits its mood less
    well than so large a share of music at large does, that half would not carry it there: on a
    catalog of all kinds the median track of ten fits better than 95 %, calm metal than 81 %.
    """
    if not places:
        return
    model, share = index.song_model, 1 / max(len(index.taxonomy.offered), 1)
    rows = np.array([place.row for place in places], dtype=np.intp)
    moods = np.array([place.mood for place in places], dtype=np.intp)
    fits = model.fit_each(index.features[rows], moods)
    for mood in np.unique(moods).tolist():
        if _middle(fits[moods == mood]) < 1 - share:
            name = index.taxonomy.names[mood]
            yield (
                f"what is listed for {name} is the nearest this catalog has: half of it fits "
                f"{name} less well than {share:.0%} of music at large"
            )


def _middle(values: NDArray[np.float32]) -> float:
    """Return the median, of few values in a fifth of the time that `numpy.median` takes."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
