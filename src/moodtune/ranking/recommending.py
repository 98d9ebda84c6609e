"""A Query to Recommendations."""

import difflib
import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog import schema
from moodtune.errors import QueryError
from moodtune.moods.taxonomy import Taxonomy
from moodtune.ranking.explanations import reasons
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query, Recommendation, Recommendations
from moodtune.ranking.selection import Place, select

MAX_N = 500
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")


def recommend(index: TrackIndex, query: Query) -> Recommendations:
    """Return the tracks that fit ``query``; QueryError where it asks for what cannot be.

    The list keeps the profile's mix in every prefix, never names a song twice, and has at most
    ``query.artist_cap`` tracks of one artist; it is shorter where the catalog has no more.
    """
    profile = wanted_profile(index.taxonomy, query)
    for name, value, most in (("n", query.n, MAX_N), ("artist_cap", query.artist_cap, MAX_N)):
        if not 1 <= value <= most:
            raise QueryError(f"{name} must be from 1 to {most}, got {value}")
    places = select(index, profile, n=query.n, artist_cap=query.artist_cap)
    whys = reasons(index, places)
    return Recommendations(
        query=query,
        listener_profile=query.listener_profile,
        profile=dict(zip(index.taxonomy.names, profile.tolist(), strict=True)),
        recommendations=tuple(
            _recommendation(index, place, rank, why)
            for rank, (place, why) in enumerate(zip(places, whys, strict=True), start=1)
        ),
        notes=tuple(_notes(index, query, places)),
    )


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
    return taxonomy.song_mix(query.listener_profile or {})


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
    if not 0 < shares.sum() < np.inf:
        raise QueryError("a blend needs at least one mood with a share above 0")
    total: NDArray[np.float64] = shares / shares.sum()
    return total


def unknown_mood(taxonomy: Taxonomy, name: str) -> str:
    """Return the sentence that says there is no such mood, and which there are."""
    near = difflib.get_close_matches(name, taxonomy.names, n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return f"no mood is called {name!r}{hint} The moods are {', '.join(taxonomy.names)}"


def _recommendation(index: TrackIndex, place: Place, rank: int, why: str) -> Recommendation:
    track = index.tracks.row(place.row, named=True)
    return Recommendation(
        rank=rank,
        track_id=track[schema.TRACK_ID],
        title=track[schema.TITLE] or "",
        artist=", ".join(track[schema.ARTISTS] or []),
        mood=index.taxonomy.names[place.mood],
        score=round(place.score, 6),
        why=why,
        url=link(track.get(schema.URL), track[schema.TRACK_ID]),
    )


def link(url: str | None, track_id: str) -> str | None:
    """Return where to listen: the catalog's own http(s) link, or Spotify's for a Spotify id."""
    if url is not None and url.startswith(("https://", "http://")):
        return url
    if _SPOTIFY_ID.fullmatch(track_id):
        return f"https://open.spotify.com/track/{track_id}"
    return None


def _notes(index: TrackIndex, query: Query, places: list[Place]) -> list[str]:
    notes = []
    if len(places) < query.n:
        notes.append(
            f"{len(places)} of {query.n} places are filled: the catalog has {len(index)} tracks, "
            f"and at most {query.artist_cap} of one artist are listed"
        )
    if strangers := sum(place.of_a_kind for place in places):
        notes.append(
            f"{strangers} of {len(places)} tracks are spoken or live recordings: the catalog has "
            f"too few others"
        )
    return notes
