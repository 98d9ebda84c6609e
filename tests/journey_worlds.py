"""Tiny worlds to travel in, and the best journey through them by trying all."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np

from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journeys import Terms
from moodtune.ranking.routes import Layers
from moodtune.ranking.waypoints import Ground
from worlds import index_of

START, GOAL = (0.1, 0.2), (0.9, 0.8)


def world_of(
    points: Sequence[tuple[float, float]],
    artists: Sequence[Sequence[str]] | None = None,
    **columns: Sequence[object],
) -> TrackIndex:
    """Return an index whose tracks lie at the given points (valence, arousal)."""
    index = index_of([[0.25, 0.25, 0.25, 0.0]] * len(points), artists, **columns)
    at = np.array(points, np.float32).reshape(-1, 2)
    scores = replace(index.scores, valence=at[:, 0].copy(), arousal=at[:, 1].copy())
    return replace(index, scores=scores)


def is_lawful(tracks: Sequence[int], ground: Ground, terms: Terms, step: float) -> bool:
    """Return whether a journey keeps to everything but its length, from the definitions."""
    points = ground.sound.points[list(tracks)].tolist()
    at = {int(row): float(along) for row, along in zip(ground.rows, ground.along, strict=True)}
    onward = all((at[a], a) < (at[b], b) for a, b in pairwise(tracks))
    near = all(
        np.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) <= step for a, b in pairwise(points)
    )
    return onward and near and keeps_artists(tracks, terms)


def keeps_artists(tracks: Sequence[int], terms: Terms) -> bool:
    """Return whether the cap and the gap hold, each artist of a track counted."""
    places: dict[int, list[int]] = {}
    for place, row in enumerate(tracks):
        for artist in terms.rules.artists.of_row(row):
            places.setdefault(artist, []).append(place)
    return all(
        len(mine) <= terms.rules.cap
        and all(b - a - 1 >= terms.rules.gap for a, b in pairwise(mine))
        for mine in places.values()
    )


def every_journey(ground: Ground, terms: Terms, n: int, step: float) -> list[tuple[int, ...]]:
    """Return every lawful journey of n tracks."""
    rows = ground.rows.tolist()
    return [p for p in permutations(rows, n) if is_lawful(p, ground, terms, step)]


def cost_of(layers: Layers, tracks: Sequence[int]) -> float:
    """Return what a journey costs, each place looked up by its track."""
    return layers.cost(
        [rows.tolist().index(t) for rows, t in zip(layers.rows, tracks, strict=True)]
    )
