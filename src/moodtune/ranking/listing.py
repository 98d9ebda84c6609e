"""Places to what is said of them: tracks with their scores and reasons, and the list as a whole."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.moods.scores import MoodScores
from moodtune.ranking.explanations import beside
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Recommendation, Spread, Trait
from moodtune.ranking.score_parts import DECIMALS, rounded, score_of
from moodtune.ranking.selection import Place
from moodtune.ranking.sentences import sentence
from moodtune.ranking.stops import Stop
from moodtune.ranking.variety import list_similarity, mean_similarity

_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The numbers that say why a place has its track, but for what it stands beside.

    The fields are those of ``Recommendation``.
    """

    parts: Mapping[str, float]
    traits: tuple[Trait, ...] = ()
    shown_days_ago: int | None = None
    stop: Stop | None = None


def recommendations(
    index: TrackIndex,
    places: Sequence[Place],
    whys: Sequence[Why],
    to_earlier: Sequence[NDArray[np.float32]],
) -> tuple[Recommendation, ...]:
    """Return the places as they are answered, each with its numbers and the sentence of them.

    ``to_earlier`` is what ``variety.similarities`` gives of the same places.
    """
    points = _on_plane(index.scores, [place.row for place in places])
    listed = [
        _recommendation(index, place, rank, why, point)
        for rank, (place, why, point) in enumerate(zip(places, whys, points, strict=True), start=1)
    ]
    neighbors = beside([told.track_id for told in listed], to_earlier)
    whole = [
        msgspec.structs.replace(told, beside=neighbor)
        for told, neighbor in zip(listed, neighbors, strict=True)
    ]
    return tuple(msgspec.structs.replace(told, why=sentence(told)) for told in whole)


def _on_plane(scores: MoodScores, rows: Sequence[int]) -> list[list[float]]:
    """Return the valence and the arousal of each row, rounded."""
    listed = np.array(rows, dtype=np.intp)
    points = np.array([scores.valence[listed], scores.arousal[listed]], dtype=np.float64)
    found: list[list[float]] = np.round(points.T, DECIMALS).tolist()
    return found


def _recommendation(
    index: TrackIndex, place: Place, rank: int, why: Why, point: Sequence[float]
) -> Recommendation:
    columns, row = index.columns, place.row
    track_id = columns.track_ids[row] or ""
    return Recommendation(
        rank=rank,
        track_id=track_id,
        title=columns.titles[row] or "",
        artist=columns.artist_names[row] or "",
        mood=index.taxonomy.names[place.mood],
        valence=point[0],
        arousal=point[1],
        score=score_of(place.score, why.parts),
        why="",
        instead_of=None if place.instead_of is None else index.taxonomy.names[place.instead_of],
        url=link(columns.urls[row] if columns.urls else None, track_id),
        parts=why.parts,
        traits=why.traits,
        shown_days_ago=why.shown_days_ago,
        stop=why.stop,
    )


def link(url: str | None, track_id: str) -> str | None:
    """Return where to listen: the catalog's own http(s) link, or Spotify's for a Spotify id."""
    if url is not None and url.startswith(("https://", "http://")):
        return url
    if _SPOTIFY_ID.fullmatch(track_id):
        return f"https://open.spotify.com/track/{track_id}"
    return None


def spread_of(
    index: TrackIndex,
    places: Sequence[Place],
    to_earlier: Sequence[NDArray[np.float32]],
    plain: Sequence[Place] | None = None,
) -> Spread:
    """Return how alike the tracks are and how well they fit, beside the list without diversity.

    ``to_earlier`` is what ``variety.similarities`` gives of the same places.
    """
    similarity, fit = _rounded(mean_similarity(to_earlier)), _mean_fit(places)
    if plain is None:
        return Spread(similarity=similarity, fit=fit)
    return Spread(
        similarity=similarity,
        fit=fit,
        similarity_without=_rounded(list_similarity(index, [place.row for place in plain])),
        fit_without=_mean_fit(plain),
    )


def _mean_fit(places: Sequence[Place]) -> float | None:
    return rounded(sum(place.score for place in places) / len(places)) if places else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else rounded(value)
