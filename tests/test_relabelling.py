"""``moodtune relabel``: the same model that training with the taxonomy would have made."""

from importlib import resources

import numpy as np
import polars as pl
import pytest

from moodtune.artifacts import load_bundle, save_bundle
from moodtune.config import Settings
from moodtune.moods.taxonomy import load_taxonomy
from moodtune.moods.trained_labels import TrainedLabels
from moodtune.pipeline import train, write
from moodtune.relabelling import relabel

OWN = (resources.files("moodtune.moods") / "moods.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def place(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("relabel")
    pl.read_csv(trained.tables.tracks).head(300).write_csv(folder / "tracks.csv")
    pl.read_csv(trained.tables.listeners).head(60).write_csv(folder / "people.csv")
    other = OWN.replace('name = "calm"', 'name = "still"').replace("calm =", "still =")
    (folder / "other.toml").write_text(
        other.replace("danceability = { rank = 0.84 }", "energy = { rank = 0.95 }")
    )
    write(train(folder / "tracks.csv", folder / "people.csv"), folder / "old", figures=False)
    write(
        train(folder / "tracks.csv", folder / "people.csv", taxonomy=folder / "other.toml"),
        folder / "new",
        figures=False,
    )
    return folder


def files(model):
    return {path.name: path.read_bytes() for path in model.iterdir()}


def test_relabelling_makes_what_training_with_the_taxonomy_makes(moodtune, place):
    ended = moodtune(
        "relabel", "--model", place / "old" / "model", "--taxonomy", place / "other.toml",
        "--out", place / "relabelled",
    )  # fmt: skip
    assert (ended.status, ended.stderr) == (0, "")
    assert "still" in ended.stdout
    assert files(place / "relabelled") == files(place / "new" / "model")
    assert files(place / "relabelled") != files(place / "old" / "model")


def test_without_out_the_model_itself_is_relabelled(moodtune, place, tmp_path):
    save_bundle(load_bundle(place / "old" / "model"), tmp_path / "model")
    moodtune("relabel", "--model", tmp_path / "model", "--taxonomy", place / "other.toml")
    assert files(tmp_path / "model") == files(place / "new" / "model")


def test_the_same_taxonomy_changes_nothing(place):
    bundle = load_bundle(place / "old" / "model")
    found = relabel(bundle, load_taxonomy())
    np.testing.assert_array_equal(found.bundle.scores.probabilities, bundle.scores.probabilities)
    assert found.bundle.cluster_moods == bundle.cluster_moods
    assert found.bundle.listeners.equals(bundle.listeners)
    assert found.notes == ()


def test_a_listener_mood_that_is_gone_takes_its_profiles_and_says_so(place, tmp_path):
    name = "Sadness or melancholy"
    start = OWN.index(f'[[listener_mood]]\nname = "{name}"')
    end = OWN.index("[[listener_mood]]", start + 1)
    (tmp_path / "fewer.toml").write_text(OWN[:start] + OWN[end:])
    bundle = load_bundle(place / "old" / "model")
    found = relabel(bundle, load_taxonomy(tmp_path / "fewer.toml"))
    assert found.bundle.listener_model is None
    assert found.bundle.listeners.columns == [
        c for c in bundle.listeners.columns if c != f"p_{name}"
    ]
    assert not found.bundle.listeners["sure"].any()
    assert found.notes == (
        (
            f"The taxonomy has no listener mood for '{name}': its share of the listeners' profiles and "
            "the model of listeners are dropped; train again with --behavior and --taxonomy to have them"
        ),
    )
    save_bundle(found.bundle, tmp_path / "model")
    assert load_bundle(tmp_path / "model").listeners.height == bundle.listeners.height


def test_a_listener_mood_whose_name_is_now_a_phrase_is_called_by_the_new_name(place, tmp_path):
    text = OWN.replace('name = "Sadness or melancholy"', 'name = "Blues"')
    text = text.replace('"sadness", "sad",', '"Sadness or melancholy", "sad",')
    (tmp_path / "renamed.toml").write_text(text)
    bundle = load_bundle(place / "old" / "model")
    found = relabel(bundle, load_taxonomy(tmp_path / "renamed.toml"))
    assert found.notes == ()
    assert "Blues" in found.bundle.listener_model.moods
    np.testing.assert_array_equal(
        found.bundle.listeners["p_Blues"], bundle.listeners["p_Sadness or melancholy"]
    )


def test_no_listener_mood_left_leaves_no_profiles(place, tmp_path):
    (tmp_path / "none.toml").write_text(OWN[: OWN.index("[[listener_mood]]")])
    found = relabel(load_bundle(place / "old" / "model"), load_taxonomy(tmp_path / "none.toml"))
    assert (found.bundle.listeners, found.bundle.listener_model) == (None, None)
    assert "the listeners' profiles and the model of listeners are dropped" in found.notes[0]


def test_what_labels_taught_is_dropped_and_said(place):
    from dataclasses import replace

    bundle = replace(load_bundle(place / "old" / "model"), trained_labels=TrainedLabels.of(["a"]))
    found = relabel(bundle, load_taxonomy())
    assert found.bundle.trained_labels is None
    assert found.notes == (
        (
            "What people's labels taught the model was about its old moods, and is dropped: train again "
            "with --labels and --taxonomy to learn from them"
        ),
    )


def test_settings_of_training_are_kept(place):
    """The catalog's share of a rank is the one that the model was trained with."""
    from moodtune.config import with_changes

    settings = with_changes(Settings(), {"song_model": {"catalog_share": 0.9}})
    run = train(place / "tracks.csv", settings=settings)
    found = relabel(run.bundle, load_taxonomy())
    np.testing.assert_array_equal(
        found.bundle.scores.probabilities, run.bundle.scores.probabilities
    )


def test_a_place_that_is_no_model_is_left_alone(moodtune, place, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    ended = moodtune(
        "relabel", "--model", place / "old" / "model", "--taxonomy", place / "other.toml",
        "--out", tmp_path / "letters",
    )  # fmt: skip
    assert ended.status == 5
    assert "has 'dear.txt', which is no part of a model and would be lost" in ended.stderr
