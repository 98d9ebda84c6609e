"""Two thousand queries over a hundred thousand tracks, each answered by looking at every track.

Probabilities come in few steps, so that ties are everywhere; each filter is chosen so that it
keeps out what would come first. What looks at every track knows nothing of blocks and bounds.
"""

from collections import Counter
from fractions import Fraction

import msgspec
import numpy as np
import polars as pl
import pytest

from moodtune.artifacts.arrays import decode_arrays, encode_arrays
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import listed
from moodtune.ranking.stored import arrays_of
from moodtune.ranking.stored import index_of as index_of_arrays
from worlds import TAXONOMY, index_of

N, QUERIES, CHUNKS = 100_000, 2_000, 8
NESTED, ENOUGH = 64, 2_000
MOODS = TAXONOMY.names[:3]  # the fourth is a kind of recording
FILTERS = (
    "none",
    "genres",
    "not_genres",
    "year",
    "tempo",
    "max_popularity",
    "no_explicit",
    "exclude",
)
GENRES = [f"genre {i}" for i in range(40)]


@pytest.fixture(scope="module")
def index():
    rng = np.random.default_rng(11)
    steps = rng.integers(0, 9, (N, 4)) ** 2 + 1
    # Of each mood a thousand tie at the top, over many blocks; the first of them are explicit.
    tied = rng.random(N) < 0.03
    steps[tied] = [(60, 2, 2, 1), (2, 60, 2, 1), (2, 2, 60, 1)] * (tied.sum() // 3) + [
        (60, 2, 2, 1)
    ] * (tied.sum() % 3)
    explicit = (rng.random(N) < 0.3) | (tied & (np.arange(N) < N // 5))
    steps[:, 3] //= 4  # some are spoken, most are not
    several = rng.random(N) < 0.2
    artists = (rng.zipf(1.3, (N, 2)) % 20_000).tolist()
    genres = rng.integers(0, len(GENRES), N).tolist()
    blank = rng.random(N) < 0.1
    made = index_of(
        steps / steps.sum(axis=1, keepdims=True),
        artists=[
            [f"A{a}", f"A{b}"] if two else [f"A{a}"]
            for (a, b), two in zip(artists, several.tolist(), strict=True)
        ],
        genres=[[GENRES[g]] for g in genres],
        year=[None if no else year for no, year in zip(blank.tolist(), rng.integers(1960, 2024, N).tolist(), strict=True)],
        tempo=rng.choice([0.0, 80.0, 100.0, 120.0, 140.0], N).tolist(),
        popularity=rng.integers(0, 101, N).tolist(),
        explicit=explicit.tolist(),
    )  # fmt: skip
    data = b"".join(encode_arrays(arrays_of(made)))
    return index_of_arrays(
        decode_arrays(data, "index"),
        lambda: made.tracks,
        taxonomy=made.taxonomy,
        song_model=made.song_model,
        scores=made.scores,
    )


def passing(index, query):
    """Which tracks pass the filters, by the columns themselves."""
    tracks, ok = index.tracks, pl.lit(value=True)
    if query.genres:
        ok &= pl.col("genres").list.first().is_in(query.genres)
    if query.not_genres:
        ok &= ~pl.col("genres").list.first().is_in(query.not_genres)
    if query.year:
        ok &= pl.col("year").is_between(*query.year)
    if query.tempo:
        ok &= pl.col("tempo").is_between(*query.tempo) & (pl.col("tempo") > 0)
    if query.max_popularity is not None:
        ok &= pl.col("popularity") <= query.max_popularity
    if query.no_explicit:
        ok &= ~pl.col("explicit")
    if query.exclude:
        ok &= ~pl.col("track_id").is_in(list(query.exclude))
    mask = tracks.lazy().select(ok.fill_null(value=False).alias("ok")).collect()["ok"].to_numpy()
    return np.broadcast_to(mask, N)


def quota(shares, places):
    """The mood of each place by Balinski and Young, in exact fractions."""
    exact = {m: Fraction(float(s)) for m, s in shares.items()}
    total = sum(exact.values())
    given, order = Counter(), []
    for place in range(1, places + 1):
        may = [m for m in exact if given[m] < exact[m] * place / total]
        best = max(may, key=lambda m: (exact[m] / (given[m] + 1), -MOODS.index(m)))
        given[best] += 1
        order.append(best)
    return order


def looked_through(index, query):
    """The list by looking at every track; None where some place has no track of its own mood."""
    asked = {query.mood: 1.0} if query.mood else query.blend
    weights = np.array([asked.get(mood, 0.0) for mood in TAXONOMY.names])
    shares = {m: w for m, w in zip(MOODS, weights / weights.sum(), strict=False) if w}
    p = index.scores.probabilities
    admitted = passing(index, query) & (p.argmax(axis=1) != 3)
    own = {}
    for mood in shares:
        column = MOODS.index(mood)
        fits = p[:, column].copy()
        for other in (m for m in MOODS if m in shares and m != mood):
            fits += np.float32(0.02 * shares[other]) * p[:, MOODS.index(other)]
        carrying = p[:, column] >= np.float32(0.5) * p[:, :3].max(axis=1)
        rows = np.flatnonzero(admitted & carrying if len(shares) > 1 else admitted)
        if len(rows) > ENOUGH:  # the best by value; all that tie with the last of them stay
            rows = rows[fits[rows] >= np.partition(fits[rows], -ENOUGH)[-ENOUGH]]
        own[mood] = rows[np.lexsort((rows, -fits[rows]))].tolist(), fits
    artists, counts, used, places = index.columns.artists, Counter(), set(), []
    queues = {mood: iter(rows) for mood, (rows, _) in own.items()}
    for mood in quota(shares, NESTED):
        for row in queues[mood]:
            names = artists.of_row(row)
            if row not in used and all(counts[n] < query.artist_cap for n in names):
                break
        else:
            return None
        counts.update(names)
        used.add(row)
        places.append((f"t{row:02}", mood, round(float(own[mood][1][row]), 6)))
    return places[: query.n]


def drawn(rng, index, name):
    """A query, and the same with a filter that its first track does not pass."""
    if rng.random() < 0.5:
        plain = Query(mood=MOODS[rng.integers(3)], n=int(rng.integers(1, 40)))
    else:
        some = rng.choice(3, int(rng.integers(2, 4)), replace=False).tolist()
        shares = np.round(rng.dirichlet(np.ones(len(some))) + 0.05, 3).tolist()
        blend = {MOODS[m]: share for m, share in zip(some, shares, strict=True)}
        plain = Query(blend=blend, n=int(rng.integers(1, 40)), artist_cap=int(rng.integers(1, 4)))
    listed_first = [place.track_id for place in listed(index, plain)]
    first = index.tracks.row(int(listed_first[0][1:]), named=True)
    genre, year, tempo = first["genres"][0], first["year"] or 2000, first["tempo"]
    others = [g for g in GENRES if g != genre]
    low = bool(rng.random() < 0.5)
    change = {
        "none": {},
        "genres": {"genres": tuple(rng.choice(others, int(rng.integers(1, 4)), replace=False).tolist())},
        "not_genres": {"not_genres": (genre, "none of this name")},
        "year": {"year": (year + 1, year + 30) if low else (year - 30, year - 1)},
        "tempo": {"tempo": (tempo + 1, 999.0) if tempo < 110 else (0.0, tempo - 1)},
        "max_popularity": {"max_popularity": max(int(first["popularity"]) - 1, 0)},
        "no_explicit": {"no_explicit": True},
        "exclude": {"exclude": (*listed_first, *(f"t{i:07d}" for i in range(1000)))},
    }[name]  # fmt: skip
    return first, msgspec.structs.replace(plain, **change)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_reads_few_blocks_lists_what_a_look_at_every_track_does(index, chunk):
    rng = np.random.default_rng(chunk)
    bound, compared = Counter(), 0
    for number in range(QUERIES // CHUNKS):
        name = FILTERS[number % len(FILTERS)]
        first, query = drawn(rng, index, name)
        expected = looked_through(index, query)
        if expected is None:
            continue
        found = [tuple(place) for place in listed(index, query)]
        assert found == expected, query
        compared += 1
        bound[name] += first["track_id"] not in [track for track, *_ in found]
    assert compared > 0.9 * QUERIES / CHUNKS
    for name in FILTERS[1:]:
        assert bound[name] > (0.1 if name == "no_explicit" else 0.8) * QUERIES / CHUNKS / len(
            FILTERS
        )
    assert bound["none"] == 0
