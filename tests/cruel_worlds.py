"""Small catalogs of cruel shapes, queries with limits, and what passes them by the plainest reading."""

from random import Random

from hypothesis import strategies as st

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.query import Query
from worlds import TAXONOMY, index_of

MOODS = TAXONOMY.names
ARTISTS = ("A", "a", "B", "C", "D")

#: Cruel catalogs; each draws what it does not fix.
SHAPES = ("any", "one artist", "all alike", "blank", "three tracks", "all excluded")

worlds = st.tuples(st.sampled_from(SHAPES), st.integers(0, 2**32))


def world(drawn, *, most=8, single=False):
    """Return a small catalog of one of the shapes. One seed draws it all: that is quick."""
    shape, seed = drawn
    rng = Random(seed)
    n = 3 if shape == "three tracks" else rng.randint(0, most)

    def column(values, blank=0.3):
        blank = 1 if shape == "blank" else blank
        return [None if rng.random() < blank else rng.choice(values) for _ in range(n)]

    def names():
        if shape == "one artist":
            return ["A"]
        if single:
            return [rng.choice("ABCDEFG")]
        return [rng.choice(ARTISTS) for _ in range(rng.choice((0, 1, 1, 1, 2, 3)))]

    def profile():
        cells = [0] * 4 if shape == "all alike" else [rng.randint(0, 3) for _ in range(4)]
        return [(cell + 0.25) / (sum(cells) + 1) for cell in cells]

    genres = (["jazz"], ["Soul"], ["metal"], ["jazz", "metal"], [])
    return index_of(
        [profile() for _ in range(n)],
        artists=[names() for _ in range(n)],
        genres=[genre or [] for genre in column(genres, blank=0)],
        year=column(range(1990, 1995)),
        explicit=column((True, False)),
        popularity=column(range(5)),
        duration_ms=column([minutes * 60_000 for minutes in range(1, 7)]),
        tempo=[rng.choice((0, 90, 100, 120)) for _ in range(n)],
        alternative_ids=[[f"x{i}"] if rng.random() < 0.5 else [] for i in range(n)],
    )


IDS = (*(f"{kind}{i}" for i in range(8) for kind in ("t0", "x")), "unheard of")
MAYBE = {
    "artist_gap": (1, 2, 4),
    "genres": (("JAZZ",), ("jazz", "soul"), ("none",)),
    "not_genres": (("metal",),),
    "year": ((1990, 1992), (1993, 1993)),
    "tempo": ((0.0, 100.0), (95.0, 200.0), (0.0, 300.0)),
    "max_popularity": (0.0, 2.0, 4.0),
    "no_explicit": (True,),
    "exclude": (("t00",), ("x1", "t03"), ("x0", "x1", "x2"), ("unheard of",)),
    "exclude_songs": ((("SONG  0", "a"), ("Song 1", "B;A")),),
    "minutes": (0.5, 3.0, 7.5, 12.0),
    "diversity": (0.3, 1.0),
    "seed": (0, 1),
}


#: What is said of a person by the tracks' ids, another id of a song among them.
SAID = {
    "likes": ((), ("t00",), ("x1", "t03", "unheard of")),
    "feedback": (
        (("t00", "ban"), ("x1", "ban")),
        (("t02", "like"), ("t01", "skip"), ("unheard of", "ban")),
        (("t00", "like"), ("x0", "ban"), ("t05", "skip")),
    ),
    "shown": (("t00", "t01", "t02"), ("x1", "t03", "t04", "t05", "t06")),
}


def query_of(drawn, *, sure=None, **fixed):
    """Return a query with a few of the limits, drawn by the world's seed."""
    shape, seed = drawn
    rng = Random(seed + 1)
    one = rng.random() < 0.2
    moods = [rng.choice(MOODS)] if one else MOODS
    blend = {mood: float(rng.randint(0, 5)) for mood in moods}
    if not any(blend.values()):
        blend[moods[0]] = 1.0
    share = rng.choice((0, 0.1, 0.3))
    chosen = {n: rng.choice(v) for n, v in MAYBE.items() if n == sure or rng.random() < share}
    if shape == "all excluded":
        chosen["exclude"] = IDS
    places = {"n": rng.randint(1, 9), "artist_cap": rng.randint(1, 3)}
    chosen |= {n: rng.choice(v) for n, v in SAID.items() if n == sure or rng.random() < share}
    return Query(**{"blend": blend, **places, **of_person(chosen), **fixed})


def of_person(chosen):
    """Return the values of a query with what is said of a person as its events."""
    at, moods = "2026-11-22T08:00:00Z", ("still", "wild")
    feedback = tuple(
        FeedbackEvent(key=f"{i}", track_id=track, mood=moods[i % 2], action=action, at=at)
        for i, (track, action) in enumerate(chosen.get("feedback", ()))
    )
    shown = tuple(ShownEvent(track_id=track, at=at) for track in chosen.get("shown", ()))
    return {**chosen, "feedback": feedback, "shown": shown, "today": "2026-11-23"}


def admitted(index, query):
    """Ids of the tracks that pass every limit, by the plainest reading of the columns."""
    passed = []
    gone = {*query.exclude, *(e.track_id for e in query.feedback if e.action == "ban")}
    for t in index.tracks.iter_rows(named=True):
        genres = {g.lower() for g in t["genres"]}
        song = (t["title"].lower(), frozenset(a.lower() for a in t["artists"]))
        excluded = {
            (" ".join(s.lower().split()), frozenset(a.lower().split(";")))
            for s, a in query.exclude_songs
        }
        ok = [
            not query.genres or genres & {g.lower() for g in query.genres},
            not query.not_genres or (genres and not genres & set(query.not_genres)),
            query.year is None or (t["year"] is not None and query.year[0] <= t["year"] <= query.year[1]),
            query.tempo is None or (t["tempo"] > 0 and query.tempo[0] <= t["tempo"] <= query.tempo[1]),
            query.max_popularity is None or (t["popularity"] is not None and t["popularity"] <= query.max_popularity),
            not query.no_explicit or t["explicit"] is False,
            not gone & {t["track_id"], *t["alternative_ids"]},
            song not in excluded or not t["artists"],
            query.minutes is None or t["duration_ms"] is not None,
        ]  # fmt: skip
        if all(ok):
            passed.append(t["track_id"])
    return passed


def keeps_rules(tracks, ids, query):
    """Whether a list keeps what holds between its tracks."""
    artists = [{a.lower() for a in tracks[i]["artists"]} for i in ids]
    for i, names in enumerate(artists):
        for name in names:
            if sum(name in other for other in artists) > query.artist_cap:
                return False
        near = artists[max(0, i - query.artist_gap) : i]
        if any(names & other for other in near):
            return False
    minutes = sum(tracks[i]["duration_ms"] or 0 for i in ids) / 60_000
    return query.minutes is None or minutes <= query.minutes
