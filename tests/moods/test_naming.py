"""The moods that clusters are called by: in worlds of known answers, and on the real table."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.clustering import Clustering, ClusterSettings, cluster
from moodtune.moods.naming import NamingSettings, cluster_moods, clusters_json, name_clusters
from moodtune.moods.reference import music_at_large
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import Cue, Mood, Taxonomy, load_taxonomy
from moodtune.moods.taxonomy_file import OTHER

TABLES = Path(os.environ.get("MOODTUNE_DATA") or "absent") / "catalog"
needs_tables = pytest.mark.skipif(
    not TABLES.is_dir(), reason="MOODTUNE_DATA names no folder of real tables"
)

NAMES = ("energy", "valence")


def taxonomy_of(*names, kinds=()):
    cue = (Cue(feature="energy", rank=0.5, weight=1),)
    return Taxonomy(
        moods=tuple(
            Mood(name=name, valence=0.5, arousal=0.5, cues=cue, offered=name not in kinds)
            for name in names
        ),
        listener_moods=(),
    )


def two_blobs():
    """Three still tracks and three wild ones; valence is alike, so its ranks are all one half.

    Within a blob energies differ by .01, so ranks of energy are 1/12, 3/12 ... 11/12.
    """
    energy = [0.1, 0.11, 0.12, 0.9, 0.91, 0.92]
    values = np.array([energy, [0.5] * 6], dtype=np.float32).T.copy()
    features = FeatureMatrix(names=NAMES, values=values)
    found = Clustering(
        features=NAMES,
        mean=np.array([0.5, 0.5]),
        scale=np.array([0.4, 1.0]),
        centroids=np.array([[-0.975, 0.0], [1.025, 0.0]], dtype=np.float32),
        inertia=0.1,
    )
    return found, features, pl.Series(list("abcdef"))


def scored(moods, probabilities):
    half = np.full(len(probabilities), 0.5, np.float32)
    return MoodScores(
        moods=moods,
        probabilities=np.array(probabilities, dtype=np.float32),
        valence=half,
        arousal=half,
        confidence=half,
    )


STILL, WILD = [1.0, 0.0], [0.0, 1.0]


def name_two_blobs(moods, probabilities, *, kinds=(), limit=0.25):
    return name_clusters(
        *two_blobs(),
        scored(moods, probabilities),
        taxonomy_of(*moods, kinds=kinds),
        settings=NamingSettings(limit=limit),
    )


def test_a_cluster_is_called_by_the_mood_that_lies_where_it_lies():
    still, wild = name_two_blobs(("still", "wild"), [STILL] * 3 + [WILD] * 3)
    assert (still.mood, still.runner_up, still.size) == ("still", "wild", 3)
    assert (wild.mood, wild.runner_up, wild.size) == ("wild", "still", 3)
    # Mean ranks of energy are 3/12 and 9/12; ranks of valence are alike.
    assert still.ranks == {"energy": 0.25, "valence": 0.5}
    assert wild.ranks == {"energy": 0.75, "valence": 0.5}
    assert still.distances == {"still": 0.0, "wild": pytest.approx((0.5**2 / 2) ** 0.5, abs=1e-6)}
    assert still.centroid == {"energy": pytest.approx(0.11, abs=1e-6), "valence": 0.5}


def test_every_mood_is_compared_and_not_the_first_that_would_do():
    # "both" lies in the middle: first in the taxonomy, within the limit, and nearest to neither.
    shares = [[0.5, 0.5, 0.0]] * 3 + [[0.5, 0.0, 0.5]] * 3
    named = name_two_blobs(("both", "still", "wild"), shares)
    assert cluster_moods(named) == ("still", "wild")
    assert [cluster.runner_up for cluster in named] == ["both", "both"]
    assert [cluster.distances["both"] for cluster in named] == pytest.approx([0.176777] * 2)


def test_of_two_moods_in_the_same_place_the_first_in_the_taxonomy_is_taken():
    halves = [[0.5, 0.5, 0.0]] * 3 + [[0.0, 0.0, 1.0]] * 3
    still, _ = name_two_blobs(("calm", "still", "wild"), halves)
    assert (still.mood, still.runner_up) == ("calm", "still")


def test_a_cluster_far_from_every_mood_is_other_and_its_nearest_mood_is_the_runner_up():
    # A mood that no track carries is placed in the middle: sqrt(.25 ** 2 / 2) = .177 away.
    lone = [[1.0, 0.0]] * 3 + [[0.0, 0.0]] * 3
    still, wild = name_two_blobs(("still", "nothing"), lone, limit=0.18)
    assert (still.mood, wild.mood) == ("still", "nothing")
    still, wild = name_two_blobs(("still", "nothing"), lone, limit=0.17)
    assert (still.mood, wild.mood) == ("still", OTHER)
    assert wild.runner_up == "nothing"
    assert wild.distances == pytest.approx({"still": 0.353553, "nothing": 0.176777})


def test_a_taxonomy_of_one_mood_has_no_runner_up_but_other():
    still, _ = name_two_blobs(("still",), [[1.0]] * 3 + [[0.0]] * 3)
    assert (still.mood, still.runner_up) == ("still", OTHER)


def test_a_kind_of_recording_names_only_clusters_that_it_leads():
    moods = ("still", "wild", "spoken")
    some = [[0.6, 0.0, 0.4]] * 3 + [[0.0, 0.6, 0.4]] * 2 + [[0.0, 0.1, 0.9]]
    assert cluster_moods(name_two_blobs(moods, some, kinds=("spoken",))) == ("still", "wild")
    most = [[0.6, 0.0, 0.4]] * 3 + [[0.0, 0.1, 0.9]] * 3
    assert cluster_moods(name_two_blobs(moods, most, kinds=("spoken",)))[0] == "still"
    led = [[1.0, 0.0, 0.0]] * 2 + [[0.9, 0.1, 0.0]] + [[0.0, 0.1, 0.9]] * 3
    assert cluster_moods(name_two_blobs(moods, led, kinds=("spoken",)))[1] == "spoken"


def test_the_nearest_tracks_come_nearest_first_and_ties_by_id():
    found, features, ids = two_blobs()
    scores = scored(("still", "wild"), [STILL] * 3 + [WILD] * 3)
    still, wild = name_clusters(found, features, ids, scores, taxonomy_of("still", "wild"))
    assert still.nearest[0] == "b"
    assert sorted(still.nearest[1:]) == ["a", "c"]
    assert wild.nearest[0] == "e"
    copies = features.take(np.array([3, 3, 0, 0, 0, 0, 0, 0, 0]))
    named = pl.Series(["y", "x", "i", "h", "g", "f", "e", "d", "c"])
    scores = scored(("still", "wild"), [WILD] * 2 + [STILL] * 7)
    still, wild = name_clusters(found, copies, named, scores, taxonomy_of("still", "wild"))
    assert wild.nearest == ("x", "y")
    assert still.nearest == ("c", "d", "e", "f", "g")


def test_the_order_of_rows_does_not_matter():
    features, ids = music(3000)
    order = np.random.default_rng(0).permutation(3000)
    found = cluster(features, ids, ClusterSettings(clusters=6, starts=3), seed=0)
    model, taxonomy = train_song_model(features, load_taxonomy()), load_taxonomy()
    first = name_clusters(found, features, ids, model.score(features), taxonomy)
    shuffled = features.take(order)
    second = name_clusters(found, shuffled, ids.gather(order), model.score(shuffled), taxonomy)
    assert first == second


def music(n):
    """Return tracks invented from how music at large is spread."""
    return music_at_large().sample(n), pl.Series([f"t{i:05}" for i in range(n)])


def corners(n_each):
    """Return tracks in three blobs: calm music, party music, and sad slow music."""
    calm = {"energy": 0.08, "acousticness": 0.95, "loudness": -25, "instrumentalness": 0.85,
            "valence": 0.35, "danceability": 0.35, "tempo": 80}  # fmt: skip
    party = {"energy": 0.85, "danceability": 0.85, "valence": 0.7, "loudness": -4.5,
             "acousticness": 0.04, "tempo": 125, "instrumentalness": 0.0}  # fmt: skip
    sad = {"energy": 0.25, "valence": 0.1, "acousticness": 0.8, "loudness": -13,
           "danceability": 0.4, "tempo": 95, "instrumentalness": 0.0}  # fmt: skip
    other = {"speechiness": 0.04, "liveness": 0.11}
    names = tuple(AUDIO_FEATURES)
    rows = np.array([[(blob | other)[name] for name in names] for blob in (calm, party, sad)])
    rows = np.repeat(rows, n_each, axis=0)
    rows *= np.random.default_rng(0).uniform(0.97, 1.03, rows.shape)
    matrix = FeatureMatrix(names=names, values=rows.astype(np.float32))
    return matrix, pl.Series([f"t{i:05}" for i in range(len(rows))])


def three_moods():
    """Return the package's calm, party and melancholy: moods between would share their blobs."""
    taxonomy = load_taxonomy()
    moods = tuple(taxonomy.mood(name) for name in ("calm", "party", "melancholy"))
    return replace(taxonomy, moods=moods)


def test_calm_party_and_sad_music_get_their_names_by_the_package_moods():
    features, ids = corners(200)
    taxonomy = three_moods()
    found = cluster(features, ids, ClusterSettings(clusters=3), seed=0)
    scores = train_song_model(features, taxonomy).score(features)
    named = name_clusters(found, features, ids, scores, taxonomy)
    moods = np.array(cluster_moods(named))[found.assign(features)]
    assert [np.unique(part).tolist() for part in np.split(moods, 3)] == [
        ["calm"],
        ["party"],
        ["melancholy"],
    ]


def test_the_json_has_what_a_reader_needs_and_titles_as_they_are():
    found, features, ids = two_blobs()
    scores = scored(("still", "wild"), [STILL] * 3 + [WILD] * 3)
    named = name_clusters(found, features, ids, scores, taxonomy_of("still", "wild"))
    tracks = pl.DataFrame(
        {
            "track_id": ids,
            "title": ["=LOVE", "A$B$C", '<img onerror="x">', "[bold]x[/bold]", "e\x07", "f\u202e"],
            "artists": [["A", "B"], ["C"], ["D"], ["E"], ["F"], ["G"]],
        }
    )
    text = clusters_json(named, found, tracks)
    assert re.search(r"[\x00-\x09\x0b-\x1f]", text) is None
    document = json.loads(text)
    assert (document["n_clusters"], document["n_tracks"]) == (2, 6)
    still, wild = document["clusters"]
    assert (still["cluster"], still["size"], still["mood"]) == (0, 3, "still")
    assert still["runner_up"] == "wild"
    assert still["centroid"] == {"energy": 0.11, "valence": 0.5}
    assert still["nearest"][0] == {"track_id": "b", "title": "A$B$C", "artists": ["C"]}
    titles = {track["title"] for track in still["nearest"] + wild["nearest"]}
    assert titles == set(tracks["title"].to_list())


def real(name, track_id="track_id"):
    path = TABLES / name
    read = pl.read_csv if path.suffix == ".csv" else pl.read_parquet
    table = read(path, columns=[track_id, *AUDIO_FEATURES])
    table = table.unique(track_id, keep="first", maintain_order=True).sort(track_id)
    values = np.ascontiguousarray(table.select(list(AUDIO_FEATURES)).to_numpy(), dtype=np.float32)
    return FeatureMatrix(names=tuple(AUDIO_FEATURES), values=values), table[track_id]


@needs_tables
def test_on_the_real_table_hardly_a_track_is_other_and_every_listener_mood_has_a_cluster():
    features, ids = real("spotify_tracks_114k.csv")
    taxonomy = load_taxonomy()
    found = cluster(features, ids, ClusterSettings(), seed=0)
    scores = train_song_model(features, taxonomy).score(features)
    named = name_clusters(found, features, ids, scores, taxonomy)
    assert sum(c.size for c in named) == len(features) == 89_741
    assert sum(c.size for c in named if c.mood == OTHER) <= 0.05 * len(features)
    for listener_mood in taxonomy.listener_moods:
        assert set(listener_mood.weights) & set(cluster_moods(named))


def test_on_invented_music_hardly_a_track_is_other_and_every_listener_mood_has_a_cluster():
    features, ids = music(6000)
    taxonomy = load_taxonomy()
    found = cluster(features, ids, ClusterSettings(starts=5), seed=0)
    scores = train_song_model(features, taxonomy).score(features)
    named = name_clusters(found, features, ids, scores, taxonomy)
    assert sum(c.size for c in named) == 6000
    assert sum(c.size for c in named if c.mood == OTHER) <= 0.05 * 6000
    for listener_mood in taxonomy.listener_moods:
        assert set(listener_mood.weights) & set(cluster_moods(named))
