"""Options that say which tracks and how many: what each must make of a list."""

import numpy as np

from moodtune.ranking.query import Query
from moodtune.ranking.variety import Likeness
from option_worlds import Case, ids, is_list


def limited(typed, values, *, n=10, **predicted):
    """Return the case of a limit on a list of calm tracks."""

    def case(world):
        asked = () if n == 10 else ("-n", n)
        places = {} if n == 10 else {"n": n}
        return Case(
            typed=("--mood", "calm", *asked, *typed),
            query=Query(mood="calm", **places, **values),
            holds=is_list(world.predicted(n=n, **predicted)),
            beside=Query(mood="calm", **places),
        )

    return case


def has_genre(track, *names):
    return any(genre.lower() in names for genre in track["genres"])


def between(low, value, high):
    return value is not None and low <= value <= high


def number(world):
    return Case(
        typed=("--mood", "calm", "-n", 25),
        query=Query(mood="calm", n=25),
        holds=is_list(world.predicted(n=25)),
    )


def excluded(kind):
    """Return the case of a table of the first five of the plain list, said in one way."""

    def case(world):
        gone = world.predicted(n=5)
        tracks = [world.tracks[i] for i in gone]
        songs = [(t["title"], ";".join(t["artists"])) for t in tracks]
        lines, values = {
            "id": (["track_id", *gone], {"exclude": tuple(gone)}),
            "address": (
                ["uri", *(f"spotify:track:{i}" for i in gone)],
                {"exclude": tuple(gone)},
            ),
            "other id": (
                ["track_id", *(t["alternative_ids"][0] for t in tracks)],
                {"exclude": tuple(t["alternative_ids"][0] for t in tracks)},
            ),
            "song": (
                ["title,artist", *(f'"{title}","{by}"' for title, by in songs)],
                {"exclude_songs": tuple(songs)},
            ),
            "song as shown": (
                ["title,artist", *(f'"{title}","{by.replace(";", ", ")}"' for title, by in songs)],
                {"exclude_songs": tuple((title, by.replace(";", ", ")) for title, by in songs)},
            ),
        }[kind]
        return Case(
            typed=("--mood", "calm"),
            query=Query(mood="calm", **values),
            holds=is_list(world.predicted(passes=lambda t: t["track_id"] not in gone)),
            tables={"exclude": lines},
        )

    return case


def minutes(world):
    """Never longer than asked, and short by at most half the shortest track there is."""
    shortest = world.bundle.tracks["duration_ms"].drop_nulls().min() / 60_000

    def holds(answer):
        durations = [world.tracks[i]["duration_ms"] for i in ids(answer)]
        return None not in durations and 0 <= 45 - sum(durations) / 60_000 <= shortest / 2

    return Case(
        typed=("--mood", "calm", "--minutes", 45),
        query=Query(mood="calm", minutes=45.0),
        holds=holds,
    )


def diversity(world):
    """Each place takes the largest (1 - d) fit - d similarity to the nearest listed so far."""
    fits = world.bundle.scores.probabilities[:, world.bundle.taxonomy.names.index("calm")]
    rows = {t: row for row, t in enumerate(world.bundle.tracks["track_id"])}

    tracks = list(world.tracks.values())
    pool = np.array([rows[i] for i in world.predicted(n=200, cap=500)])
    likeness = Likeness(world.bundle.index, pool)
    nearest, listed = np.zeros(len(pool), np.float32), []
    while len(listed) < 10:
        names = [name for row in listed for name in tracks[row]["artists"]]
        worth = np.float32(0.7) * fits[pool] - np.float32(0.3) * nearest
        for place, row in enumerate(pool.tolist()):
            if row in listed or any(names.count(a) == 2 for a in tracks[row]["artists"]):
                worth[place] = -1
        listed.append(int(pool[np.argmax(worth)]))
        nearest = np.maximum(nearest, likeness.to(listed[-1]))

    return Case(
        typed=("--mood", "calm", "--diversity", ".3"),
        query=Query(mood="calm", diversity=0.3),
        holds=is_list([tracks[row]["track_id"] for row in listed]),
    )


def seed(world):
    """Fits fall by steps of a hundredth, and within a step in another order than theirs."""
    fits = world.bundle.scores.probabilities[:, world.bundle.taxonomy.names.index("calm")]
    rows = {t: row for row, t in enumerate(world.bundle.tracks["track_id"])}

    def holds(answer):
        fit = [fits[rows[i]] for i in ids(answer)]
        steps = [np.floor(f / np.float32(0.01)) for f in fit]
        return steps == sorted(steps, reverse=True) and fit != sorted(fit, reverse=True)

    return Case(
        typed=("--mood", "calm", "-n", 50, "--artist-cap", 50, "--seed", 3),
        query=Query(mood="calm", n=50, artist_cap=50, seed=3),
        holds=holds,
        beside=Query(mood="calm", n=50, artist_cap=50),
    )


LIMITS = {
    "-n": number,
    "--genre": limited(
        ("--genre", "jazz"), {"genres": ("jazz",)}, passes=lambda t: has_genre(t, "jazz")
    ),
    "--genre --genre": limited(
        ("--genre", "JAZZ", "--genre", "soul"),
        {"genres": ("JAZZ", "soul")},
        passes=lambda t: has_genre(t, "jazz", "soul"),
    ),
    "--not-genre": limited(
        ("--not-genre", "metal"),
        {"not_genres": ("metal",)},
        passes=lambda t: t["genres"] and not has_genre(t, "metal"),
    ),
    "--genre --not-genre": limited(
        ("--genre", "jazz", "--not-genre", "metal"),
        {"genres": ("jazz",), "not_genres": ("metal",)},
        passes=lambda t: has_genre(t, "jazz") and not has_genre(t, "metal"),
    ),
    "--artist-cap": limited(("--artist-cap", 1), {"artist_cap": 1}, n=30, cap=1),
    "--artist-gap": limited(("--artist-gap", 5), {"artist_gap": 5}, n=50, gap=5),
    "--year": limited(
        ("--year", "1970-1999"),
        {"year": (1970, 1999)},
        passes=lambda t: between(1970, t["year"], 1999),
    ),
    "--year, one": limited(
        ("--year", "1984"), {"year": (1984, 1984)}, passes=lambda t: t["year"] == 1984
    ),
    "--no-explicit": limited(
        ("--no-explicit",), {"no_explicit": True}, passes=lambda t: t["explicit"] is False
    ),
    "--tempo": limited(
        ("--tempo", "90-120"), {"tempo": (90.0, 120.0)}, passes=lambda t: 90 <= t["tempo"] <= 120
    ),
    "--max-popularity": limited(
        ("--max-popularity", 40),
        {"max_popularity": 40.0},
        passes=lambda t: between(0, t["popularity"], 40),
    ),
    "--exclude by id": excluded("id"),
    "--exclude by address": excluded("address"),
    "--exclude by another id": excluded("other id"),
    "--exclude by title and artist": excluded("song"),
    "--exclude by title and artist as shown": excluded("song as shown"),
    "--minutes": minutes,
    "--diversity": diversity,
    "--seed": seed,
}
