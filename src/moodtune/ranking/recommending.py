"""A Query to Recommendations."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.errors import QueryError
from moodtune.moods.taxonomy import Taxonomy
from moodtune.ranking import mix
from moodtune.ranking.additions import Addition, Given, Sum
from moodtune.ranking.explanations import traits
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journey_answers import Mixes, Words, journey_of, profile_of_journey
from moodtune.ranking.journey_parts import stops_as_places
from moodtune.ranking.journeys import Journey
from moodtune.ranking.limits import Admission
from moodtune.ranking.limits import admission as admit
from moodtune.ranking.listing import Why, recommendations, spread_of
from moodtune.ranking.notes import notes, unknown_values
from moodtune.ranking.personal import Personal, personal, unknown_moods
from moodtune.ranking.query import Listed, Mix, Query, Recommendations
from moodtune.ranking.renewal import renewed, repeats
from moodtune.ranking.score_parts import parts_of, price, rounded
from moodtune.ranking.selection import MAX_N, Place, select
from moodtune.ranking.stops import stops
from moodtune.ranking.supply import Supply
from moodtune.ranking.variety import similarities
from moodtune.ranking.work import Work

#: Named once: a function within a function is made, annotations and all, at every call.
_Rows: TypeAlias = NDArray[np.intp]

#: A day: no list is longer.
MAX_MINUTES = 24 * 60


def recommend(
    index: TrackIndex,
    query: Query,
    *,
    adjustments: NDArray[np.float32] | None = None,
    budget: int | None = None,
) -> Recommendations:
    """Return the tracks that fit ``query``; QueryError where it asks for what cannot be.

    The list keeps the profile's mix in every prefix, never names a song twice, and keeps every
    limit of the query; it is shorter, and says why, where they leave no more tracks.
    ``adjustments``  are added to the tracks' fits, for all moods alike [shape=(n_tracks,)] or for
                     each [shape=(n_moods, n_tracks)]
    ``budget``       units of work that may be spent (`moodtune.ranking.work`); BudgetError beyond.
                     None for any number
    """
    work, given = Work(budget), None if adjustments is None else Given(adjustments)
    if query.journey is not None:
        return _travel(index, query, query.journey, given, work)
    found = _found(index, query, given, work)
    profile, places, person = found.supply.profile, found.places, found.person

    def filled(asked: Query) -> list[Place]:
        return select(found.supply, asked)

    plain = filled(msgspec.structs.replace(query, diversity=0)) if query.diversity else None
    alike = similarities(index, [place.row for place in places])
    fits = parts_of(index, profile, places, person, given)
    prices = [price(query.diversity, p.score, near) for p, near in zip(places, alike, strict=True)]
    whys = [
        Why(parts=fit | less, traits=heard, shown_days_ago=person.shown_days_ago(place.row))
        for place, fit, less, heard in zip(places, fits, prices, traits(index, places), strict=True)
    ]
    return Recommendations(
        query=query,
        listener_profile=query.listener_profile,
        profile=_by_mood(index, profile),
        recommendations=recommendations(index, places, whys, alike),
        notes=(
            *notes(index, query, found.admission, places, filled),
            *person.notes,
            *found.repeated,
        ),
        mix=_mix(index, profile, places),
        spread=spread_of(index, places, alike, plain),
    )


def listed(index: TrackIndex, query: Query, *, work: Work | None = None) -> tuple[Listed, ...]:
    """Return the places of the list that ``recommend`` gives, without reasons; not of a journey.

    For who wants many lists and no sentences: it takes a third of the time. ``work`` counts.
    """
    if query.journey is not None or query.diversity:
        raise QueryError("a journey, or a list with diversity, is given with its reasons only")
    found = _found(index, query, None, work or Work())
    ids, names = index.columns.track_ids, index.taxonomy.names
    return tuple(
        Listed(ids[place.row] or "", names[place.mood], rounded(place.score))
        for place in found.places
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The places of a list, and what they were chosen from."""

    places: list[Place]
    supply: Supply
    admission: Admission
    person: Personal
    repeated: tuple[str, ...]


def _found(index: TrackIndex, query: Query, given: Addition | None, work: Work) -> _Found:
    profile = wanted_profile(index.taxonomy, query)
    _check_numbers(query)
    _check_moods(index, query)
    person = personal(index, query, profile)
    admission = admit(index.columns, len(index), query, person.banned)
    addition = _sum(person, given)

    def supply(admitted: Admission) -> Supply:
        return Supply(index, profile, admitted, addition=addition, seed=query.seed, work=work)

    def without(rows: _Rows) -> list[Place]:
        return select(supply(admission.but(rows)), query)

    whole = supply(admission)
    places, repeated = renewed(select(whole, query), person.latest, without)
    return _Found(
        places=places, supply=whole, admission=admission, person=person, repeated=repeated
    )


def _mix(index: TrackIndex, profile: NDArray[np.float64], places: list[Place]) -> Mix:
    given = mix.shares([place.mood for place in places], len(profile))
    return Mix(
        given=_by_mood(index, given),
        l1=round(mix.l1(profile, given), 6),
        kl=round(mix.kl(profile, given), 6),
    )


def _sum(person: Personal, given: Addition | None) -> Addition | None:
    parts = [*person.additions.values(), *([given] if given else [])]
    return Sum(parts) if parts else None


def _travel(
    index: TrackIndex, query: Query, journey: Journey, given: Addition | None, work: Work
) -> Recommendations:
    """Return the tracks of a journey; its profile and mix are what they carry most."""
    _check_numbers(query)
    ends = journey_ends(index.taxonomy, query, journey)
    _check_moods(index, query)
    person = personal(index, query, np.ones(len(index.taxonomy.moods)))  # any mood may lead a track
    admission = admit(index.columns, len(index), query, person.banned)
    words = Words(added=_sum(person, given), latest=person.latest, work=work)
    found = journey_of(index, query, admission.admitted, ends, words)
    places, parts = stops_as_places(index, found, person, given)
    alike = similarities(index, list(found.rows))
    whys = [
        Why(parts=fit, stop=stop, shown_days_ago=person.shown_days_ago(place.row))
        for place, fit, stop in zip(places, parts, stops(index, found), strict=True)
    ]
    profile = _by_mood(index, profile_of_journey(index, found.rows))
    return Recommendations(
        query=query,
        listener_profile=query.listener_profile,
        profile=profile,
        recommendations=recommendations(index, places, whys, alike),
        notes=(
            *found.notes,
            *unknown_values(index, query, admission),
            *person.notes,
            *repeats(found.rows, person.latest),
        ),
        mix=Mix(given=profile, l1=0, kl=0),
        spread=spread_of(index, places, alike),
        journey=found.report,
    )


def journey_ends(taxonomy: Taxonomy, query: Query, journey: Journey) -> Mixes:
    """Return the moods that the ends of a journey stand for which are no bare points."""
    if query.mood is not None or query.blend is not None:
        raise QueryError("a journey says itself where it leads: leave mood and blend out")
    if (journey.start is None) != (query.listener_profile is not None):
        raise QueryError("a journey begins at its start or where a listener is: give one of both")
    if query.diversity:
        raise QueryError("a journey has no diversity: it goes from waypoint to waypoint")
    mixes: dict[str | None, NDArray[np.float64]] = {
        end: _of_phrase(taxonomy, end)
        for end in (journey.start, journey.goal)
        if isinstance(end, str)
    }
    if query.listener_profile is not None:
        mixes[None] = _of_listener(taxonomy, query.listener_profile)
    return mixes


def _check_numbers(query: Query) -> None:
    for name, value, least, most in (
        ("n", query.n, 1, MAX_N),
        ("artist_cap", query.artist_cap, 1, MAX_N),
        ("artist_gap", query.artist_gap, 0, MAX_N),
        ("diversity", query.diversity, 0, 1),
        ("max_popularity", query.max_popularity, 0, 100),
    ):
        if value is not None and not least <= value <= most:
            raise QueryError(f"{name} must be from {least} to {most}, got {value}")
    if query.minutes is not None and not 0 < query.minutes <= MAX_MINUTES:
        raise QueryError(
            f"minutes must be more than 0 and at most {MAX_MINUTES}, got {query.minutes:g}"
        )


def _check_moods(index: TrackIndex, query: Query) -> None:
    for name in unknown_moods(index, query):
        raise QueryError(f"feedback: {unknown_mood(index.taxonomy, name)}")


def _by_mood(index: TrackIndex, values: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(index.taxonomy.names, values.tolist(), strict=True))


def wanted_profile(taxonomy: Taxonomy, query: Query) -> NDArray[np.float64]:
    """Return the share of each song mood that ``query`` asks for [shape=(n_moods,)], sum 1."""
    asked = [a for a in (query.mood, query.blend, query.listener_profile) if a is not None]
    if len(asked) != 1:
        raise QueryError(
            f"a query names exactly one of mood, blend and listener_profile, got {len(asked)}"
        )
    if query.mood is not None:
        return _of_phrase(taxonomy, query.mood)
    if query.blend is not None:
        return _of_blend(taxonomy, query.blend)
    return _of_listener(taxonomy, query.listener_profile or {})


def _of_listener(taxonomy: Taxonomy, profile: Mapping[str, float]) -> NDArray[np.float64]:
    for name, probability in profile.items():
        if taxonomy.listener_mood(name) is None:
            moods = ", ".join(mood.name for mood in taxonomy.listener_moods)
            raise QueryError(f"no listener mood is called {name!r}. They are {moods}")
        if not 0 <= probability <= 1:
            raise QueryError(f"the probability of {name} must be from 0 to 1, got {probability}")
    return taxonomy.song_mix(profile)


def _of_phrase(taxonomy: Taxonomy, phrase: str) -> NDArray[np.float64]:
    # A song mood's own name goes first, should a listener phrase be called the same.
    if phrase in taxonomy.names:
        return np.array([float(name == phrase) for name in taxonomy.names])
    listener_mood = taxonomy.listener_mood(phrase)
    if listener_mood is None:
        raise QueryError(unknown_mood(taxonomy, phrase))
    return taxonomy.song_mix({listener_mood.name: 1.0})


def _of_blend(taxonomy: Taxonomy, blend: Mapping[str, float]) -> NDArray[np.float64]:
    for name, share in blend.items():
        if name not in taxonomy.names:
            raise QueryError(unknown_mood(taxonomy, name))
        if not (np.isfinite(share) and share >= 0):
            raise QueryError(f"the share of {name} must be a number of at least 0, got {share}")
    shares = np.array([float(blend.get(name, 0)) for name in taxonomy.names])
    if not shares.any():
        raise QueryError("a blend needs at least one mood with a share above 0")
    # By a power of two, which changes no ratio: else the largest numbers have no sum.
    shares = np.ldexp(shares, -np.frexp(shares.max())[1])
    total: NDArray[np.float64] = shares / shares.sum()
    return total


def unknown_mood(taxonomy: Taxonomy, name: str) -> str:
    """Return the sentence that says there is no such mood, and which there are."""
    near = difflib.get_close_matches(name, taxonomy.names, n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return f"no mood is called {name!r}{hint} The moods are {', '.join(taxonomy.names)}"
