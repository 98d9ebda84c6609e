"""Bodies for ``POST /v1/recommendations``: half valid and extreme, half broken; drawn by a seed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from service_queries import Words

from moodtune.seeding import derive

#: A request has no larger body.
MOST_BYTES = 64 * 1024
#: The most that a request may ask for, name by name.
_MOST_PLACES, _MOST_MINUTES = 500, 1440
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzed:
    """A body, what it is sent as, and whether it is one that the service takes."""

    valid: bool
    body: bytes
    content_type: str = _JSON


def fuzzed_bodies(words: Words, ids: Sequence[str], count: int, *, seed: int) -> Iterator[Fuzzed]:
    """Yield ``count`` bodies for a model; ``ids`` are tracks of its catalog."""
    rng = derive(seed, "fuzzed bodies")
    for number in range(count):
        query = extreme_query(words, ids, rng)
        yield _written(query) if number % 2 == 0 else _broken(query, words, rng)


def _written(query: Mapping[str, Any]) -> Fuzzed:
    """Write a query that is valid; exclusions go as far as a body may."""
    body = json.dumps(query, ensure_ascii=False).encode()
    while len(body) > MOST_BYTES:
        query = {**query, "exclude": query["exclude"][: len(query["exclude"]) * 4 // 5]}
        body = json.dumps(query, ensure_ascii=False).encode()
    return Fuzzed(valid=True, body=body)


def extreme_query(words: Words, ids: Sequence[str], rng: np.random.Generator) -> dict[str, Any]:
    """Return a query that is valid and asks for much."""
    query = _wish(words, rng)
    limits = _journey_limits(rng) if "journey" in query else _list_limits(rng)
    shared = _shared_limits(words, ids, rng)
    for name, value in {**limits, **shared}.items():
        if rng.random() < 0.5:
            query[name] = value
    return query


def _wish(words: Words, rng: np.random.Generator) -> dict[str, Any]:
    kind = rng.integers(4)
    if kind == 0:
        return {"mood": _one(words.moods, rng)}
    if kind == 1:
        return {"blend": {mood: float(rng.uniform(0.001, 1e6)) for mood in words.moods}}
    if kind == 2:
        shares = rng.dirichlet(np.ones(len(words.moods))).tolist()
        return {"blend": dict(zip(words.moods, shares, strict=True))}
    journey = {"start": _end(words, rng), "goal": _end(words, rng)}
    if rng.random() < 0.3:
        journey["step"] = float(rng.choice([1e-9, 0.01, 0.2, 2.0]))
    return {"journey": journey}


def _end(words: Words, rng: np.random.Generator) -> Any:
    if rng.random() < 0.5:
        return _one(words.moods, rng)
    return [float(x) for x in rng.choice([0.0, 1.0, 0.5, 0.123], 2)]


def _journey_limits(rng: np.random.Generator) -> dict[str, Any]:
    return _long(rng) | {"artist_gap": int(rng.choice([0, 1, 5, 500]))}


def _list_limits(rng: np.random.Generator) -> dict[str, Any]:
    gap, diversity = rng.choice([0, 1, 20, 500]), rng.choice([0.0, 1e-9, 0.5, 0.999, 1.0])
    return _long(rng) | {"artist_gap": int(gap), "diversity": float(diversity)}


def _long(rng: np.random.Generator) -> dict[str, Any]:
    places = {"n": int(rng.choice([1, 100, _MOST_PLACES, _MOST_PLACES]))}
    minutes = {"minutes": float(rng.choice([0.001, 45, 600, _MOST_MINUTES, _MOST_MINUTES]))}
    return (places, minutes, {**places, **minutes})[rng.integers(3)]


def _shared_limits(words: Words, ids: Sequence[str], rng: np.random.Generator) -> dict[str, Any]:
    """Return a value for every limit that lists and journeys have in common."""
    excluded = rng.choice(len(ids), min(1000, len(ids)), replace=False).tolist()
    low = float(rng.choice([0, 60, 119.9]))
    return {
        "artist_cap": int(rng.choice([1, 1, 2, 500])),
        "genres": [_one(words.genres or ("none",), rng) for _ in range(rng.integers(1, 100))],
        "not_genres": [_one(words.genres or ("none",), rng) for _ in range(rng.integers(1, 100))],
        "year": [int(rng.choice([0, 1990])), int(rng.choice([1990, 9999]))],
        "tempo": [low, float(rng.choice([120, 1000]))],
        "max_popularity": float(rng.choice([0, 1, 50, 100])),
        "no_explicit": bool(rng.integers(2)),
        "exclude": [ids[i] for i in excluded],
        "exclude_songs": [[_text(rng), _text(rng)] for _ in range(rng.integers(1, 40))],
        "likes": [_one(ids, rng) for _ in range(rng.integers(1, 300))],
        "seed": int(rng.choice([0, 2**53, -(2**53)])),
        "today": str(rng.choice(["0001-01-01", "9999-12-31", "2024-02-29"])),
    }


def _one(values: Sequence[str], rng: np.random.Generator) -> str:
    return values[rng.integers(len(values))]


_TEXTS = (
    "", " ", "\t\n", "a" * 500, "Ω≈ç√∫", "🎵" * 100, "\u202eright to left", "e\u0301" * 50,
    "ß", "İ", "%s%n{}", "'; DROP TABLE shown; --", "<script>alert(1)</script>",
    "../../etc/passwd", "NaN", "nul",
)  # fmt: skip


def _text(rng: np.random.Generator) -> str:
    return _one(_TEXTS, rng)


# --- broken --------------------------------------------------------------------------------------


def _broken(query: dict[str, Any], words: Words, rng: np.random.Generator) -> Fuzzed:
    kinds = list(BROKEN.values())
    return kinds[rng.integers(len(kinds))](query, words, rng)


def _broken_as(body: bytes | str, content_type: str = _JSON) -> Fuzzed:
    raw = body if isinstance(body, bytes) else body.encode()
    return Fuzzed(valid=False, body=raw, content_type=content_type)


def _truncated(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    body = json.dumps(query).encode()
    return _broken_as(body[: rng.integers(len(body))])


def _wrong_type(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    wrong = (None, True, -1, 1e308, "text", [], {}, [[]], [{}], {"a": {}}, 0.5, [None] * 10)
    name = _one([*query, "n", "minutes", "genres", "seed", "profile", "answers"], rng)
    return _broken_as(json.dumps({**query, name: wrong[rng.integers(len(wrong))]}))


def _beyond(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    """A number that is too large, too small, or none."""
    numbers = (
        "1e999",
        "-1e999",
        "9" * 400,
        "1e-400",
        "-0",
        "NaN",
        "Infinity",
        "0x10",
        "501",
        "2.5",
    )
    name = _one(["n", "minutes", "diversity", "artist_cap", "seed", "max_popularity"], rng)
    kept = json.dumps({k: v for k, v in query.items() if k != name})
    return _broken_as(f'{kept[:-1]}, "{name}": {_one(numbers, rng)}}}')


def _unknown_key(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    key = _one(["moood", "listener", "feedback", "shown", "path", "__class__", "N", *_TEXTS], rng)
    return _broken_as(json.dumps({**query, key: 1}))


def _twice(query: dict[str, Any], _: Words, __: np.random.Generator) -> Fuzzed:
    """Each key twice: RFC 8259 leaves open what that means."""
    body = json.dumps(query)
    return _broken_as(f"{body[:-1]}, {body[1:]}")


def _deep(_: dict[str, Any], __: Words, rng: np.random.Generator) -> Fuzzed:
    depth = int(rng.choice([10, 1000, 30_000]))
    opened, closed = (("[", "]"), ('{"a":', "1}"))[rng.integers(2)]
    depth = min(depth, MOST_BYTES // (len(opened) + len(closed)) - 20)
    return _broken_as('{"mood": ' + opened * depth + closed * depth + "}")


def _surrogate(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    half = _one(["\\ud800", "\\udfff", "\\ud800\\ud800", "\\u0000", "\\ufffe"], rng)
    name = _one(["mood", "exclude", "genres", "key"], rng)
    value = f'"{half}"' if name in {"mood", "key"} else f'["{half}"]'
    kept = json.dumps({k: v for k, v in query.items() if k != name})
    return _broken_as(f'{kept[:-1]}, "{name}": {value}}}')


def _no_text(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    """Bytes that are no UTF-8, another encoding, or a mark before the first byte."""
    body = json.dumps(query)
    noise = rng.integers(0, 256, int(rng.integers(0, 3000)), dtype=np.uint8).tobytes()
    chosen = (noise, body.encode("utf-16"), b"\xef\xbb\xbf" + body.encode(), b"\xff" + noise)
    return _broken_as(chosen[rng.integers(len(chosen))])


def _other_type(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    kinds = (
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/json; charset=utf-16", "application/xml", "", "application/", "*/*",
    )  # fmt: skip
    return _broken_as(json.dumps(query), _one(kinds, rng))


def _contrary(query: dict[str, Any], words: Words, rng: np.random.Generator) -> Fuzzed:
    """Well typed, but nothing that can be asked."""
    wrong = (
        {**query, "mood": "relax", "blend": {"calm": 1}},
        {k: v for k, v in query.items() if k not in {"mood", "blend", "journey"}},
        {"blend": dict.fromkeys(words.moods, 0)},
        {"mood": _text(rng)},
        {"mood": words.moods[0], "tempo": [200, 100], "year": [2000, 1990]},
        {"mood": words.moods[0], "today": "2023-02-30"},
        {"profile": {"nobody's": 0.5}},
        {"answers": {_text(rng): _text(rng)}},
        {"journey": {"goal": words.moods[0]}},
        {"journey": {"start": "nowhere", "goal": words.moods[0]}},
        {"mood": words.moods[0], "exclude": [_text(rng) for _ in range(1000)]},
    )
    return _broken_as(json.dumps(wrong[rng.integers(len(wrong))]))


def _too_large(query: dict[str, Any], _: Words, rng: np.random.Generator) -> Fuzzed:
    body = json.dumps(query).encode()
    return _broken_as(body.ljust(MOST_BYTES + int(rng.choice([1, 1000, 500_000]))))


_Kind = Callable[[dict[str, Any], Words, np.random.Generator], Fuzzed]

#: Ways to break a body. Some of what they give is valid after all: it must be answered as well.
BROKEN: Mapping[str, _Kind] = MappingProxyType(
    {
        "truncated": _truncated,
        "wrong type": _wrong_type,
        "beyond": _beyond,
        "unknown key": _unknown_key,
        "keys twice": _twice,
        "deep": _deep,
        "surrogates": _surrogate,
        "no text": _no_text,
        "another content type": _other_type,
        "contrary": _contrary,
        "too large": _too_large,
    }
)
