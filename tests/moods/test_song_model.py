"""The song model in worlds whose right answers are known by construction."""

import os
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.errors import BundleError, UsageError
from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.reference import music_at_large
from moodtune.moods.song_model import BLOCK, SongModel, SongModelSettings, train_song_model
from moodtune.moods.taxonomy import Cue, Mood, Taxonomy, load_taxonomy

FEATURES = tuple(AUDIO_FEATURES)
CORNERS = {"glad": (0.9, 0.9), "tense": (0.1, 0.9), "gloomy": (0.1, 0.1), "serene": (0.9, 0.1)}
FOUR = Taxonomy(
    moods=tuple(Mood(name=n, valence=v, arousal=a, cues=()) for n, (v, a) in CORNERS.items()),
    listener_moods=(),
)


@pytest.fixture(scope="module")
def at_large():
    return music_at_large().sample(3 * BLOCK + 7)


@pytest.fixture(scope="module")
def model(at_large):
    return train_song_model(at_large, load_taxonomy())


def column(scores, mood):
    return scores.probabilities[:, scores.moods.index(mood)]


def with_values(features, **values):
    """The first tracks of ``features``, some of their values replaced."""
    changed = features.take(slice(0, 50)).values.copy()
    for name, value in values.items():
        changed[:, features.names.index(name)] = value
    return FeatureMatrix(names=features.names, values=changed)


def test_a_track_in_a_corner_of_the_plane_leads_with_the_mood_of_that_corner(at_large):
    plane = at_large.select(("valence", "energy"))
    corners = np.quantile(plane.values, [0.1, 0.9], axis=0)
    tracks = np.array([[corners[int(v > 0.5), 0], corners[int(a > 0.5), 1]]
                       for v, a in CORNERS.values()], np.float32)  # fmt: skip
    scores = train_song_model(plane, FOUR).score(FeatureMatrix(names=plane.names, values=tracks))
    assert scores.leading_names().tolist() == list(CORNERS)


def test_rows_of_probabilities_sum_to_one_and_all_figures_lie_in_0_to_1(model, at_large):
    scores = model.score(at_large)
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1, atol=1e-5)
    for array in (scores.probabilities, scores.valence, scores.arousal, scores.confidence):
        assert array.dtype == np.float32
        assert array.min() >= 0
        assert array.max() <= 1


def test_a_track_has_the_same_bits_alone_and_in_any_batch(model, at_large):
    whole = model.score(at_large)
    for rows in ([0], [BLOCK], [5, 1], range(100, 133)):
        alone = model.score(at_large.take(np.array(rows)))
        np.testing.assert_array_equal(alone.probabilities, whole.probabilities[rows])
        np.testing.assert_array_equal(alone.confidence, whole.confidence[rows])
        np.testing.assert_array_equal(alone.arousal, whole.arousal[rows])


def test_the_order_of_the_training_tracks_does_not_matter(model, at_large):
    turned = train_song_model(at_large.take(slice(None, None, -1)), load_taxonomy())
    for name, array in model.state().items():
        np.testing.assert_array_equal(turned.state()[name], array)


def test_a_model_among_other_tracks_is_the_model_that_they_would_train(model, at_large):
    others = at_large.take(np.arange(0, len(at_large), 7))
    trained, among = train_song_model(others, load_taxonomy()), model.among(others)
    assert among.state().keys() == trained.state().keys()
    for name, array in trained.state().items():
        assert np.array_equal(among.state()[name], array), name
    assert not np.array_equal(among.catalog, model.catalog)


def test_a_model_is_the_same_after_its_arrays_were_kept_and_read(model, at_large):
    again = SongModel.from_state(model.state())
    np.testing.assert_array_equal(
        again.score(at_large).probabilities, model.score(at_large).probabilities
    )


def test_arrays_of_another_shape_are_refused(model):
    state = model.state() | {"offsets": np.zeros(3, np.float32)}
    message = (
        "the song model's offsets must be finite float32 (11,), got float32 (3,); train it again"
    )
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        SongModel.from_state(state)


def test_arrays_with_a_number_that_is_none_are_refused(model):
    state = model.state() | {"offsets": np.full(11, np.nan, np.float32)}
    with pytest.raises(BundleError, match="must be finite float32"):
        SongModel.from_state(state)


def test_a_missing_array_is_refused(model):
    state = model.state()
    del state["fits"]
    with pytest.raises(BundleError, match=r"^the song model lacks fits; train it again$"):
        SongModel.from_state(state)


def test_a_table_without_a_trained_feature_is_refused_by_name(model, at_large):
    message = (
        f"the model was trained on {', '.join(FEATURES)}, and the table lacks tempo; train a "
        "model on a catalog with the table's features"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        model.score(at_large.select(FEATURES[:-1]))


def test_columns_in_another_order_give_the_same_scores(model, at_large):
    tracks = at_large.take(slice(0, 100))
    turned = tracks.select(FEATURES[::-1])
    np.testing.assert_array_equal(
        model.score(turned).probabilities, model.score(tracks).probabilities
    )


@pytest.mark.parametrize("n_left_out", [1, 3])
def test_a_model_of_fewer_features_spreads_the_moods(at_large, n_left_out):
    fewer = at_large.select(("valence", "energy", *FEATURES[2 : 7 - n_left_out]))
    fewer = fewer.select(tuple(dict.fromkeys(fewer.names)))
    scores = train_song_model(fewer, load_taxonomy()).score(fewer)
    leads = np.bincount(scores.leading, minlength=11)[:9] / len(scores)
    assert leads.min() > 0.02
    assert leads.max() < 0.3


def test_contributions_add_up_to_the_mood_against_the_mean_of_the_others(model, at_large):
    tracks = at_large.take(slice(0, 40))
    added = model.contributions(tracks, "calm").sum(axis=1)
    sums = model._sums(model._cells(tracks.values))[:, :9]
    calm = model.moods.index("calm")
    np.testing.assert_allclose(
        added, sums[:, calm] - np.delete(sums, calm, axis=1).mean(axis=1), atol=1e-3
    )


def test_contributions_name_the_feature_that_was_changed(model, at_large):
    quiet, loud = (with_values(at_large, energy=value) for value in (0.05, 0.95))
    said = model.contributions(quiet, "calm") - model.contributions(loud, "calm")
    energy = FEATURES.index("energy")
    assert (said[:, energy] > 0).all()
    np.testing.assert_array_equal(np.delete(said, energy, axis=1), 0)


def test_spoken_recordings_lead_with_talkative_whatever_their_mood(model, at_large):
    spoken = model.score(with_values(at_large, speechiness=0.93, liveness=0.1))
    sung = model.score(with_values(at_large, speechiness=0.04, liveness=0.1))
    assert set(spoken.leading_names()) == {"talkative"}
    assert "talkative" not in sung.leading_names()


def test_a_recording_before_an_audience_leans_to_live_and_keeps_the_order_of_its_moods(
    model, at_large
):
    studio = model.score(with_values(at_large, liveness=0.1, speechiness=0.04))
    concert = model.score(with_values(at_large, liveness=0.85, speechiness=0.04))
    assert (column(concert, "live") > column(studio, "live") + 0.3).all()
    assert (concert.probabilities[:, :9].sum(axis=1) > 0.1).all()


def test_valence_and_arousal_are_ranks_among_music_at_large(model, at_large):
    scores = model.score(at_large)
    own = music_at_large().table.ranks(at_large)[:, FEATURES.index("valence")]
    np.testing.assert_allclose(scores.valence, own, atol=0.01)
    steps = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
    np.testing.assert_allclose(np.quantile(scores.arousal, steps), steps, atol=0.05)


def test_arousal_rises_with_energy_and_falls_with_acousticness(model, at_large):
    for name, low, high in (("energy", 0.2, 0.8), ("acousticness", 0.8, 0.2)):
        less, more = (model.score(with_values(at_large, **{name: v})) for v in (low, high))
        assert (more.arousal > less.arousal).all()


def test_a_mood_is_marked_by_its_cues_and_by_where_its_place_lies(model):
    for mood in load_taxonomy().moods:
        cued = {cue.feature for cue in mood.cues if mood.offered or cue.rank >= 0.5}
        assert cued <= set(model.marks(mood.name))
    assert model.marks("live") == ("liveness",)
    assert "energy" in model.marks("calm")
    assert "liveness" not in model.marks("calm")


def test_rain_sounds_are_no_concert_but_music_before_an_audience_is(model, at_large):
    noise = model.score(with_values(at_large, liveness=0.9, speechiness=0.04, valence=0.0001))
    music = model.score(with_values(at_large, liveness=0.9, speechiness=0.04, valence=0.3))
    assert column(noise, "live").max() < 0.1
    assert column(music, "live").min() > 0.5


def test_a_threshold_that_most_tracks_pass_says_nothing_when_it_is_passed(model, at_large):
    some, more = (with_values(at_large, valence=value) for value in (0.3, 0.9))
    said = model.contributions(more, "live") - model.contributions(some, "live")
    np.testing.assert_allclose(said, 0, atol=0.01)


def test_a_kind_whose_mark_a_catalog_lacks_is_not_heard(at_large):
    fewer = at_large.select(tuple(name for name in FEATURES if name != "liveness"))
    scores = train_song_model(fewer, load_taxonomy()).score(fewer)
    assert column(scores, "live").max() < 0.01


def test_on_music_at_large_no_mood_leads_over_30_or_under_2_percent(model, at_large):
    scores = model.score(at_large)
    leads = np.bincount(scores.leading, minlength=11)[:9] / len(scores)
    assert leads.min() > 0.02
    assert leads.max() < 0.3
    assert 0.25 < np.median(scores.probabilities.max(axis=1)) < 0.8


@pytest.mark.skipif("MOODTUNE_DATA" not in os.environ, reason="MOODTUNE_DATA names no folder")
def test_on_the_real_catalog_no_mood_leads_over_30_or_under_2_percent():
    path = Path(os.environ["MOODTUNE_DATA"]) / "catalog" / "spotify_tracks_114k.csv"
    tracks = pl.read_csv(path, columns=["track_id", *FEATURES]).unique("track_id")
    values = np.ascontiguousarray(tracks.select(FEATURES).to_numpy().astype(np.float32))
    catalog = FeatureMatrix(names=FEATURES, values=values)
    scores = train_song_model(catalog, load_taxonomy()).score(catalog)
    leads = np.bincount(scores.leading, minlength=11)[:9] / len(scores)
    assert leads.min() > 0.02
    assert leads.max() < 0.3
    assert 0.25 < np.median(scores.probabilities.max(axis=1)) < 0.8


def test_a_loud_catalog_is_hardly_calm_and_its_calmest_tracks_fit_less(model, at_large):
    energy = at_large.column("energy")
    loud = at_large.take(np.flatnonzero(energy > np.quantile(energy, 0.8)))
    trained = train_song_model(loud, load_taxonomy())
    scores, everything = trained.score(loud), model.score(at_large)
    assert (scores.leading_names() == "calm").mean() < 0.05
    nearest = np.argsort(-column(scores, "calm"))[:10]
    calmest = np.argsort(-column(everything, "calm"))[:10]
    assert trained.fit(loud.take(nearest), "calm").mean() < 0.9
    assert model.fit(at_large.take(calmest), "calm").mean() > 0.95


def test_a_catalog_share_of_0_scores_a_track_alike_whatever_the_catalog(at_large):
    settings = SongModelSettings(catalog_share=0.0)
    energy = at_large.column("energy")
    loud = at_large.take(np.flatnonzero(energy > np.median(energy)))
    of_loud, of_all = (
        train_song_model(c, load_taxonomy(), settings).score(loud).probabilities
        for c in (loud, at_large)
    )
    np.testing.assert_array_equal(of_loud, of_all)


def test_a_mood_of_one_cue_and_one_of_none_are_both_served(at_large):
    taxonomy = Taxonomy(
        moods=(
            Mood(name="fast", valence=0.5, arousal=0.5, cues=(
                Cue(feature="tempo", rank=0.95, weight=1),)),
            Mood(name="plain", valence=0.5, arousal=0.5, cues=()),
        ),
        listener_moods=(),
    )  # fmt: skip
    scores = train_song_model(at_large, taxonomy).score(at_large)
    fastest = np.argsort(-column(scores, "fast"))[:50]
    assert at_large.column("tempo")[fastest].mean() > np.quantile(at_large.column("tempo"), 0.9)
    assert set(scores.leading_names()) == {"fast", "plain"}


def test_every_mood_lists_ten_tracks_on_the_side_of_its_cues(model, at_large):
    ranks = music_at_large().table.ranks(at_large)
    scores = model.score(at_large)
    for mood in load_taxonomy().moods:
        best = np.argsort(-column(scores, mood.name), kind="stable")[:10]
        sides = [
            (ranks[best, FEATURES.index(cue.feature)].mean() - 0.5) * np.sign(cue.rank - 0.5)
            for cue in mood.cues
        ]
        assert np.mean(sides) > 0.1, mood.name


def test_every_offered_mood_is_reached_by_a_listener_mood():
    taxonomy = load_taxonomy()
    reached = {mood for listener in taxonomy.listener_moods for mood in listener.weights}
    assert set(taxonomy.offered) <= reached


def test_the_reference_holds_counts_and_correlations_only_and_is_small():
    path = Path(music_at_large.__code__.co_filename).parent / "music_at_large.npz"
    assert path.stat().st_size < 100_000
    with np.load(path, allow_pickle=False) as arrays:
        assert sorted(arrays) == ["correlations", "counts", "names"]
