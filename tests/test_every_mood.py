"""Every mood is served on every catalog, and its list sounds like the mood.

On the real catalogs where there are any, and on a sample that is always there.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from moodtune.answering import profile_of
from moodtune.artifacts import ModelBundle
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import RankTable
from moodtune.pipeline import train
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend

CATALOGS = {
    "sample": (None, None),
    "114k": ("catalog/spotify_tracks_114k.csv", "behavior/Spotify_data.xlsx"),
    "257k": ("catalog/songs_257k.parquet", "behavior/spotify_data.csv"),
    "favorites": ("listening/favorites_catalog.csv", "behavior/__results__.html"),
}
#: How far a list's mean rank lies beyond the middle, towards the mood's cues, at the least. The
#: middle of the upper half is 0.25 away from it.
FAR = 0.15


@dataclass(frozen=True)
class World:
    """A trained catalog, and the rank of each track on each feature."""

    bundle: ModelBundle
    index: TrackIndex
    ranks: np.ndarray


@pytest.fixture(scope="module", params=CATALOGS)
def world(request, trained) -> World:
    catalog, behavior = CATALOGS[request.param]
    if catalog is None:
        bundle = trained.bundle
    else:
        data = request.getfixturevalue("data")
        bundle = train(data / catalog, data / behavior).bundle
    model, tracks = bundle.song_model, bundle.tracks
    values = tracks.select(model.features).to_numpy().astype(np.float32)
    features = FeatureMatrix(names=model.features, values=np.ascontiguousarray(values))
    return World(bundle=bundle, index=bundle.index, ranks=RankTable.of(features).ranks(features))


def ten(index: TrackIndex, mood: str) -> list[int]:
    """Return the rows of the ten tracks that are listed for a mood."""
    listed = recommend(index, Query(mood=mood)).recommendations
    ids = index.tracks["track_id"]
    return [int(ids.search_sorted(r.track_id)) for r in listed]


def sides(world: World, index: TrackIndex) -> dict[str, float]:
    """Return how far each mood's list lies on the side of the mood's cues, in ranks."""
    found = {}
    for mood in index.taxonomy.moods:
        rows = ten(index, mood.name)
        cues = [cue for cue in mood.cues if cue.feature in world.bundle.song_model.features]
        columns = [world.bundle.song_model.features.index(cue.feature) for cue in cues]
        towards = np.sign([cue.rank - 0.5 for cue in cues])
        means = world.ranks[rows][:, columns].mean(axis=0)
        found[mood.name] = float((towards * (means - 0.5)).mean())
    return found


def test_every_mood_gives_ten_different_songs(world):
    tracks = world.index.tracks
    for mood in world.index.taxonomy.names:
        rows = ten(world.index, mood)
        songs = {(tracks["title"][row], tuple(tracks["artists"][row].sort())) for row in rows}
        assert len(songs) == len(rows) == 10, mood


def test_every_list_lies_far_on_the_side_of_its_moods_cues(world):
    assert {mood: side for mood, side in sides(world, world.index).items() if side < FAR} == {}


def test_a_model_whose_moods_are_shuffled_fails_that(world):
    scores = world.index.scores
    rolled = replace(scores, probabilities=np.roll(scores.probabilities, 4, axis=1))
    far = [
        side >= FAR for side in sides(world, replace(world.bundle, scores=rolled).index).values()
    ]
    assert sum(far) < len(far) / 2


def test_the_first_listener_gets_ten_different_songs(world):
    profile = profile_of(world.bundle.listeners, world.bundle.listeners["id"][0])
    listed = recommend(world.index, Query(listener_profile=profile)).recommendations
    assert len({(r.title, r.artist) for r in listed}) == len(listed) == 10


def test_every_listener_mood_has_a_cluster_and_hardly_a_track_is_other(world):
    moods = set(world.bundle.cluster_moods)
    for listener_mood in world.bundle.taxonomy.listener_moods:
        assert moods & set(listener_mood.weights), listener_mood.name
    other = [number for number, mood in enumerate(world.bundle.cluster_moods) if mood == "other"]
    assert np.isin(world.bundle.clusters, other).mean() <= 0.05
