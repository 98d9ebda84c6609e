"""What there is: moods, tracks, what is near, and the map."""

import base64
import struct

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.ranking.variety import Likeness
from moodtune.serving.mood_map import CELLS, fair_order
from moodtune.serving.nearness import Nearness
from moodtune.serving.search import TrackSearch, all_folded, folded
from worlds import index_of, tracks_frame

# --- search --------------------------------------------------------------------------------------

SONGS = tracks_frame(
    7,
    artists=[["Sigur Rós"], ["The Love"], ["Beyoncé", "JAY-Z"], ["Nobody"], ["AC/DC"], ["Nobody"], ["Łona"]],
    title=["Svefn-g-englar", "Blue", "Crazy in Love", "Love Story", "Thunderstruck", "Love", "Don\u2019t Stop"],
    popularity=[10.0, 90.0, 80.0, 20.0, 70.0, 5.0, 1.0],
)  # fmt: skip


def found(text, limit=10):
    return TrackSearch(SONGS).find(text, limit)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            "love",
            [5, 3, 1, 2],
        ),  # the title, its beginning, then a word of a title or artist by popularity
        ("LOVE s", [3]),
        ("love in", [2]),  # every word begins one of its words
        ("sigur ros", [0]),
        ("Ros", [0]),
        ("beyonce jay", [2]),
        ("ac dc", [4]),
        ("ac/dc", [4]),
        ("acdc", []),
        ("dont stop", [6]),
        ("don't", [6]),
        ("lona", [6]),
        ("ove", []),
        ("", []),
        ("?!", []),
        ("nothing of the kind", []),
    ],
)
def test_words_are_found_by_their_beginnings(text, rows):
    assert found(text) == rows


def test_a_search_gives_so_many_and_the_best():
    assert found("love", 2) == [5, 3]


def test_without_popularity_ids_decide():
    assert TrackSearch(SONGS.drop("popularity")).find("love", 9) == [5, 3, 1, 2]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_texts_are_folded_alike_one_by_one_and_together(texts):
    assert all_folded(pl.Series(texts, dtype=pl.String)).to_list() == [folded(t) for t in texts]


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


@given(
    st.lists(st.text(alphabet="abé -", max_size=8), min_size=1, max_size=8),
    st.text(alphabet="abe ", max_size=4),
)
def test_a_search_finds_what_comparing_every_word_finds(titles, text):
    search = TrackSearch(tracks_frame(len(titles), title=titles, artists=[["zz"]] * len(titles)))
    wanted = folded(text).split()
    expected = {
        i for i, title in enumerate(titles)
        if wanted and all(any(word.startswith(w) for word in folded(title).split()) for w in wanted)
    }  # fmt: skip
    assert set(search.find(text, 100)) == expected


def test_a_search_over_http_names_tracks(local):
    (track, *_) = local.get("/v1/tracks?q=sample&limit=3").json()["tracks"]
    assert track.keys() == {"track_id", "title", "artist", "mood", "url"}


@pytest.mark.parametrize(
    "query", ["", "q=" + "a" * 201, "q=a&limit=0", "q=a&limit=101", "q=a&limit=x"]
)
def test_a_search_beyond_its_bounds_is_refused(local, query):
    refused = local.get(f"/v1/tracks?{query}")
    assert (refused.status_code, refused.json()["title"]) == (422, "Unprocessable Entity")


# --- one track -----------------------------------------------------------------------------------

PROFILES = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0.5, 0.5, 0, 0],
    [0, 0.5, 0.5, 0],
    [1, 0, 0, 0],
]
GENRES = [["jazz"], ["jazz", "soul"], [], ["soul"], ["rock"], ["jazz"]]
ENERGY = [0.1, 0.9, 0.5, 0.2, 0.8, 0.1]


@pytest.mark.parametrize("columns", [{"genres": GENRES}, {}])
def test_nearness_is_the_similarity_that_diversity_goes_by(columns):
    artists = [["A"], ["B"], ["A", "B"], ["C"], [], ["A"]]
    index = index_of(PROFILES, artists, energy=ENERGY, **columns)
    pairs = Likeness(index, np.arange(6))
    for row in range(6):
        np.testing.assert_allclose(Nearness(index).to(row), pairs.to(row), atol=1e-6)


def test_the_twin_is_nearest_and_nothing_is_its_own_neighbour():
    index = index_of(
        PROFILES, [["A"], ["B"], ["C"], ["D"], ["E"], ["A"]], energy=ENERGY, genres=GENRES
    )
    nearest = Nearness(index).nearest(0, 99)
    assert nearest[0] == (5, 1.0)
    assert sorted(row for row, _ in nearest) == [1, 2, 3, 4, 5]


def test_a_catalog_of_one_track_has_nothing_near_it():
    assert Nearness(index_of([[1, 0, 0, 0]])).nearest(0, 10) == []


def test_a_track_says_all_that_is_known(local, models):
    bundle = models.current.bundle
    track_id = bundle.tracks["track_id"][7]
    track = local.get(f"/v1/tracks/{track_id}").json()
    assert track["track_id"] == track_id
    assert sum(track["profile"].values()) == pytest.approx(1, abs=1e-5)
    assert max(track["profile"], key=track["profile"].get) == track["mood"]
    assert track["features"]["energy"] == pytest.approx(bundle.tracks["energy"][7])
    assert len(track["nearest"]) == 10
    similarities = [near["similarity"] for near in track["nearest"]]
    assert similarities == sorted(similarities, reverse=True)


def test_a_track_that_is_not_there_is_not_found(local):
    refused = local.get("/v1/tracks/nothing")
    assert (refused.status_code, refused.json()["detail"]) == (
        404,
        "the catalog has no track 'nothing'",
    )


# --- the map -------------------------------------------------------------------------------------


def crowd(n, moods=3, seed=5):
    rng = np.random.default_rng(seed)
    ids = pl.Series([f"t{i}" for i in range(n)])
    where = rng.normal(0.5, 0.05, (2, n)).clip(0, 1).astype(np.float32)
    return ids, where[0], where[1], rng.integers(0, moods, n)


def test_thinning_keeps_the_lonely_and_the_rare():
    ids, valence, arousal, moods = crowd(3000)
    valence[10], arousal[10] = 0.99, 0.01  # far from all others
    moods[20] = 3  # the only one of its mood
    kept = set(fair_order(ids, valence, arousal, moods)[:1500].tolist())
    assert {10, 20} <= kept


def test_the_smallest_map_still_has_every_mood():
    order = fair_order(*crowd(3000, moods=5))
    assert set(crowd(3000, moods=5)[3][order[:5]]) == {0, 1, 2, 3, 4}


def test_a_cell_gives_a_second_only_when_all_have_given_one():
    ids, valence, arousal, moods = crowd(500, moods=1)
    cells = np.floor(valence * CELLS) * CELLS + np.floor(arousal * CELLS)
    first = fair_order(ids, valence, arousal, moods)[: len(np.unique(cells))]
    assert len(np.unique(cells[first])) == len(first)


def test_the_order_of_rows_makes_no_difference():
    ids, valence, arousal, moods = crowd(400)
    shuffled = np.random.default_rng(1).permutation(400)
    order = fair_order(ids, valence, arousal, moods)
    other = fair_order(ids[shuffled], valence[shuffled], arousal[shuffled], moods[shuffled])
    assert ids[order].to_list() == ids[shuffled][other].to_list()


def test_an_empty_catalog_has_an_empty_map():
    none = np.empty(0, np.float32)
    assert (
        fair_order(pl.Series([], dtype=pl.String), none, none, none.astype(np.intp)).tolist() == []
    )


def test_the_map_says_where_each_point_is(local, models):
    whole = local.get("/v1/map").json()
    n, scores = whole["points"], models.current.bundle.scores
    assert n == whole["tracks"] == len(scores)
    rows = struct.unpack(f"<{n}I", base64.b64decode(whole["row"]))
    valence = struct.unpack(f"<{n}H", base64.b64decode(whole["valence"]))
    moods = base64.b64decode(whole["mood"])
    assert list(rows) == sorted(set(rows))
    assert valence[5] == round(float(scores.valence[rows[5]]) * 65535)
    assert whole["moods"][moods[5]] == scores.leading_names()[rows[5]]
    assert local.get("/v1/map?points=7").json()["points"] == 7


def test_a_hundred_thousand_points_are_no_more_than_two_megabytes():
    arrays = 2 + 2 + 1 + 4  # bytes a point
    assert arrays * 100_000 * 4 / 3 < 2e6


def test_the_map_is_sent_again_only_when_it_has_changed(local):
    first = local.get("/v1/map")
    again = local.get("/v1/map", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (
        local.get("/v1/map?points=9", headers={"if-none-match": first.headers["etag"]}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/map/0", 200), ("/v1/map/999", 200), ("/v1/map/1000", 404), ("/v1/map/5?generation=3", 200),
        ("/v1/map/5?generation=2", 409), ("/v1/map?points=0", 422), ("/v1/map?points=100001", 422),
    ],
)  # fmt: skip
def test_a_point_has_its_track(local, path, status):
    assert local.get(path).status_code == status


# --- descriptions --------------------------------------------------------------------------------


def test_the_catalog_says_which_limits_can_be_kept(local, models):
    said = local.get("/v1/catalog").json()
    assert (said["tracks"], said["synthetic"], said["generation"]) == (1000, True, 3)
    assert said["questions"]
    counts = [genre["tracks"] for genre in said["genres"]]
    assert counts == sorted(counts, reverse=True)
    columns = models.current.bundle.tracks.columns
    for limit, column in (
        ("popularity", "popularity"),
        ("explicit", "explicit"),
        ("minutes", "duration_ms"),
    ):
        assert said[limit] == (column in columns)


def test_the_moods_have_their_places(local, models):
    said = local.get("/v1/moods").json()
    taxonomy = models.current.bundle.taxonomy
    assert [m["name"] for m in said["moods"]] == list(taxonomy.names)
    assert [m["name"] for m in said["moods"] if m["offered"]] == list(taxonomy.offered)
    assert [m["name"] for m in said["listener_moods"]] == [m.name for m in taxonomy.listener_moods]


def test_a_mood_lies_where_a_journey_that_names_it_begins_whatever_else_that_names(local):
    moods = local.get("/v1/moods").json()["moods"]
    assert {m["name"] for m in moods if not m["offered"]} == {"talkative", "live"}
    for mood in moods:
        at = "{:.2f},{:.2f}".format(*mood["here"])
        journey = {"start": mood["name"], "goal": mood["here"]}
        refused = local.post("/v1/recommendations", json={"journey": journey})
        assert refused.json()["detail"] == (
            f"a journey needs two places, and {mood['name']} (here at {at}) and {at} are one; "
            "ask for one mood instead"
        )
    for other in ("talkative", "live"):
        journey = {"start": other, "goal": "calm"}
        found = local.post("/v1/recommendations", json={"journey": journey}).json()["journey"]
        ends = {m["name"]: m["here"] for m in moods}
        assert (found["start"], found["goal"]) == (ends[other], ends["calm"])


def test_the_first_question_is_the_one_that_is_asked_first(local):
    first = local.get("/v1/questions").json()["questions"][0]
    assert local.post("/v1/mood", json={"answers": {}}).json()["next"] == first
