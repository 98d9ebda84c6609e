"""Within a mood, a mix costs no precision against people's labels."""

from itertools import permutations

import numpy as np
import polars as pl
import pytest

from moodtune.catalog.readers import read_catalog
from moodtune.features.matrix import feature_matrix
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from worlds import index_of

#: What people call the moods of the taxonomy, where the words meet.
WORDS = {"melancholy": "Sad", "calm": "Calm", "relax": "Calm", "happy": "Happy", "party": "Energy"}


def precisions(index, right, blend, n):
    """Of each mood: the precision of its places, and of as many tracks by its score alone."""
    rows = {t: i for i, t in enumerate(index.tracks["track_id"])}
    places = recommend(index, Query(blend=blend, n=n, artist_cap=500)).recommendations
    for mood in blend:
        listed = [rows[r.track_id] for r in places if r.mood == mood]
        score = index.scores.probabilities[:, index.taxonomy.names.index(mood)]
        alone = np.argsort(-score, kind="stable")[: len(listed)]
        yield np.mean(right[mood][listed]), np.mean(right[mood][alone])


def test_on_labels_that_follow_the_moods_the_mix_finds_what_the_score_alone_finds():
    rng = np.random.default_rng(5)
    still = rng.uniform(0, 1, 300)
    index = index_of([[p, 1 - p, 0, 0] for p in still])
    right = {"still": rng.uniform(0, 1, 300) < still, "wild": rng.uniform(0, 1, 300) > still}
    found = list(precisions(index, right, {"still": 0.6, "wild": 0.4}, 50))
    assert [listed for listed, _ in found] == [alone for _, alone in found]
    assert min(listed for listed, _ in found) > 0.8  # half would be chance


@pytest.fixture(scope="module")
def playlists(data):
    """The playlists' songs as a catalog, and which of them people gave each mood."""
    table = data / "labels" / "mood_playlists.csv"
    catalog, taxonomy = read_catalog(table), load_taxonomy()
    features = feature_matrix(catalog)
    model = train_song_model(features, taxonomy)
    index = TrackIndex(
        taxonomy=taxonomy,
        song_model=model,
        columns=TrackColumns.of(catalog.tracks),
        scores=model.score(features),
    )
    said = pl.read_csv(table).group_by("track_id").agg("mood")
    words = dict(said.iter_rows())
    ids = zip(catalog.tracks["track_id"], catalog.tracks["alternative_ids"], strict=True)
    labels = [{word for i in (one, *others) for word in words.get(i, [])} for one, others in ids]
    return index, {m: np.array([w in said for said in labels]) for m, w in WORDS.items()}


def test_on_playlists_that_people_made_for_a_mood_a_mix_is_no_less_precise(playlists):
    index, right = playlists
    found = [
        pair
        for first, second in permutations(WORDS, 2)
        if WORDS[first] != WORDS[second]
        for n in (10, 20, 50)
        for pair in precisions(index, right, {first: 0.6, second: 0.4}, n)
    ]
    listed, alone = np.mean(found, axis=0)
    # One track in a thousand: what the order of near ties decides either way.
    assert listed >= alone - 0.001
    assert alone > 1.5 * np.mean([flags.mean() for flags in right.values()])
