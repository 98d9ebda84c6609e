"""Queries as people send them to a service, no two alike: moods, blends, limits, lengths."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from moodtune.artifacts import ModelBundle
from moodtune.seeding import derive

#: How often a query says a thing, beside what every one says: a mood or a blend, and how many.
OFTEN = {
    "genres": 0.25,
    "not_genres": 0.15,
    "tempo": 0.2,
    "max_popularity": 0.15,
    "no_explicit": 0.2,
    "artist_cap": 0.3,
    "artist_gap": 0.2,
    "minutes": 0.05,
    "diversity": 0.1,
    "seed": 0.5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the queries for a model are made of."""

    moods: tuple[str, ...]
    genres: tuple[str, ...]


def words_of(bundle: ModelBundle) -> Words:
    """Return what can be asked of a model."""
    names = np.array(bundle.index.columns.genres.names).tolist()
    return Words(moods=tuple(bundle.taxonomy.offered), genres=tuple(map(str, names)))


def query_bodies(words: Words, count: int, *, seed: int) -> Iterator[bytes]:
    """Yield ``count`` bodies of requests, each of them another one."""
    rng = derive(seed, "service queries")
    seen: set[bytes] = set()
    while len(seen) < count:
        body = msgspec.json.encode(_drawn(words, rng))
        if body not in seen:
            seen.add(body)
            yield body


def plain_bodies(words: Words, count: int, *, seed: int) -> Iterator[bytes]:
    """Yield ``count`` bodies of requests for ten tracks of one mood; a seed tells them apart."""
    rng = derive(seed, "plain service queries")
    for drawn in rng.choice(2**31, count, replace=False).tolist():
        mood = words.moods[rng.integers(len(words.moods))]
        yield msgspec.json.encode({"mood": mood, "n": 10, "seed": drawn})


def _drawn(words: Words, rng: np.random.Generator) -> dict[str, Any]:
    query: dict[str, Any] = {"n": int(rng.integers(5, 31))}
    if rng.random() < 0.5:
        query["mood"] = words.moods[rng.integers(len(words.moods))]
    else:
        parts = rng.choice(len(words.moods), int(rng.integers(2, 4)), replace=False).tolist()
        shares = np.round(rng.dirichlet(np.ones(len(parts))) + 0.01, 3).tolist()
        query["blend"] = {words.moods[i]: share for i, share in zip(parts, shares, strict=True)}
    said = rng.random(len(OFTEN)) < list(OFTEN.values())
    for name, says in zip(OFTEN, said.tolist(), strict=True):
        if says and (name not in {"genres", "not_genres"} or words.genres):
            query[name] = _value(name, words, rng)
    return query


def _value(name: str, words: Words, rng: np.random.Generator) -> Any:
    if name in {"genres", "not_genres"}:
        count = min(int(rng.integers(1, 5)), len(words.genres))
        return [words.genres[i] for i in rng.choice(len(words.genres), count, replace=False)]
    slow = float(np.round(rng.uniform(60, 120), 1))
    return {
        "tempo": [slow, slow + 60],
        "max_popularity": int(rng.integers(20, 90)),
        "no_explicit": True,
        "artist_cap": int(rng.integers(1, 4)),
        "artist_gap": int(rng.integers(1, 6)),
        "minutes": int(rng.integers(20, 121)),
        "diversity": float(np.round(rng.uniform(0.1, 0.6), 2)),
        "seed": int(rng.integers(2**31)),
    }[name]
