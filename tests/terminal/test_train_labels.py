"""``moodtune train --labels`` and ``--like``: what is learnt, kept, said and refused."""

import json

import numpy as np
import polars as pl
import pytest

from label_worlds import MATCH, frame, music, quarters
from moodtune.artifacts import load_bundle

LABELS = ("--label-column", "mood", "--group-column", "playlist", "--match", MATCH)


@pytest.fixture(scope="module")
def place(trained, tmp_path_factory):
    """A catalog of 300 sample tracks, and 300 labels, the first 50 of the catalog's own tracks."""
    folder = tmp_path_factory.mktemp("labels")
    tracks = pl.read_csv(trained.tables.tracks).head(300)
    tracks.write_csv(folder / "tracks.csv")
    features = music(300, 5)
    label = quarters(features, up="energy", glad="valence")
    table = frame(features, label)
    ids = [*tracks["track_id"].head(50), *table["track_id"].tail(250)]
    table.with_columns(track_id=pl.Series(ids)).write_csv(folder / "labels.csv")
    return folder


@pytest.fixture(scope="module")
def model(place):
    """Trained once with labels, in this process."""
    from moodtune.pipeline import train, write
    from moodtune.song_learning import LabelSource

    source = LabelSource(path=place / "labels.csv", column="mood", group="playlist", match=MATCH)
    write(train(place / "tracks.csv", labels=source), place / "out", figures=False)
    return place / "out" / "model"


def test_training_says_what_labels_are_worth(moodtune, place):
    ended = moodtune(
        "train", "--catalog", place / "tracks.csv", "--labels", place / "labels.csv", *LABELS,
        "--out", place / "said", "--no-figures",
    )  # fmt: skip
    assert (ended.status, ended.stderr) == (0, "")
    assert "Labels of 300 tracks: mean AUC 0." in ended.stdout
    assert "left out by playlist" in ended.stdout


def test_the_report_has_the_gain_and_what_counts_more(model):
    report = json.loads((model.parent / "report.json").read_text())["labels"]
    page = (model.parent / "report.md").read_text()
    assert (report["n_tracks"], report["left_out"], report["changed"]) == (300, "playlist", True)
    assert "## What labels taught the song model" in page
    for measure in report["measures"]:
        gain = measure["gain"]
        assert f"{gain['value']:.3f} ({gain['low']:.3f} to {gain['high']:.3f})" in page
    for name, times in report["emphasis"].items():
        assert f"| {name} | {times:.2f} |" in page


def test_a_model_without_labels_reports_none(trained):
    assert json.loads((trained.out / "report.json").read_text())["labels"] is None
    assert "labels taught" not in (trained.out / "report.md").read_text()


def test_the_model_says_whose_labels_it_learnt_from(model, place):
    bundle = load_bundle(model, verify=True)
    ids = pl.read_csv(place / "labels.csv")["track_id"]
    assert bundle.trained_labels.contains(ids).all()
    assert len(bundle.trained_labels) == 300
    assert bundle.manifest.lessons.match["Up"] == ("party", "motivating", "uplifting")
    assert bundle.manifest.lessons.source.name == "labels.csv"


def test_evaluate_leaves_out_the_tracks_that_were_learnt_from(moodtune, model, place, tmp_path):
    features = music(300, 6)
    fresh = frame(features, quarters(features, up="energy", glad="valence"), seed=6)
    both = pl.concat([pl.read_csv(place / "labels.csv"), fresh], how="vertical_relaxed")
    both.write_csv(tmp_path / "both.csv")
    ended = moodtune(
        "evaluate", "--model", model, "--labels", tmp_path / "both.csv", *LABELS,
        "--out", tmp_path / "evaluation", "--no-figures",
    )  # fmt: skip
    assert ended.status == 0
    counts = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())["labels"][
        "counts"
    ]
    assert (counts["tracks_learnt_from"], counts["units"]) == (300, 300)


def test_scores_are_the_taught_models(model, trained):
    from moodtune.features.matrix import features_of

    bundle = load_bundle(model)
    again = bundle.song_model.score(features_of(bundle.tracks))
    np.testing.assert_array_equal(again.probabilities, bundle.scores.probabilities)
    untaught = trained.bundle.song_model
    assert not np.allclose(bundle.song_model.weights, untaught.weights)


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("--labels", "labels.csv"), 2, "--labels needs --label-column, the column of the table that holds people's labels, and --match where labels are not called like moods"),
        (("--label-column", "mood"), 2, "--label-column says how to read labels: name their table with --labels"),
        (("--match", MATCH), 2, "--match says how to read labels: name their table with --labels"),
        (("--labels", "labels.csv", "--label-column", "moood"), 3, "labels.csv has no column 'moood', named by --label-column; did you mean mood? its columns are: track_id, danceability, energy, loudness, speechiness, acousticness, instrumentalness, liveness, valence, tempo, mood, playlist"),
        (("--labels", "labels.csv", "--label-column", "mood"), 2, "no label is called like a mood of the model; say with --match which moods stand for which label: the labels are Down, Glad, Rest, Up, the moods happy, uplifting, party, motivating, fun, relax, calm, deep, melancholy, talkative, live"),
        (("--labels", "labels.csv", "--label-column", "mood", "--match", "sad=Down;calm=Rest"), 2, "--match names the mood 'sad', which the model does not have; it has happy, uplifting, party, motivating, fun, relax, calm, deep, melancholy, talkative, live"),
        (("--labels", "labels.csv", "--label-column", "mood", "--match", "calm=Rest"), 4, "labels.csv: 'Rest' is the only label, and one alone cannot be told from anything: match moods to at least two labels of Down, Glad, Rest, Up"),
    ],
)  # fmt: skip
def test_labels_that_cannot_be_learnt_from_are_one_sentence(
    moodtune, place, monkeypatch, arguments, status, sentence
):
    monkeypatch.chdir(place)
    ended = moodtune("train", "--catalog", "tracks.csv", *arguments, "--out", "no", "--no-figures")
    assert (ended.status, ended.stderr) == (status, f"moodtune: {sentence}\n")
    assert not (place / "no").exists()


def test_clusters_keep_the_numbers_of_an_earlier_model(moodtune, place, model):
    """Another seed would number them anew; like the earlier model they are numbered as it does."""
    ended = moodtune(
        "train", "--catalog", place / "tracks.csv", "--out", place / "like", "--no-figures",
        "--like", model, "--seed", 8,
    )  # fmt: skip
    assert ended.status == 0
    earlier, bundle = load_bundle(model), load_bundle(place / "like" / "model")
    pairs = bundle.manifest.like
    assert [p.number for p in pairs] == [p.earlier for p in pairs] == list(range(12))
    away = earlier.clustering.centroids_in_units() - bundle.clustering.centroids_in_units()
    measured = np.sqrt(((away / bundle.clustering.scale) ** 2).sum(axis=1))
    np.testing.assert_allclose([p.distance for p in pairs], measured, atol=1e-4)
    assert (bundle.clusters == earlier.clusters).mean() > 0.6
    clusters = json.loads((place / "like" / "clusters.json").read_text())["clusters"]
    assert [c["cluster"] for c in clusters] == list(range(12))


def test_without_an_earlier_model_the_manifest_says_so(model):
    assert load_bundle(model).manifest.like is None


def test_an_earlier_model_of_other_features_is_refused(moodtune, place, model):
    pl.read_csv(place / "tracks.csv").drop("liveness").write_csv(place / "fewer.csv")
    ended = moodtune(
        "train", "--catalog", place / "fewer.csv", "--out", place / "no", "--no-figures",
        "--like", model,
    )  # fmt: skip
    assert ended.status == 2
    assert "and liveness is in one of them alone; train without --like" in ended.stderr


def test_a_catalog_that_grows_is_placed_without_moving_what_is_there(moodtune, trained, tmp_path):
    """Scored by the old model, the old tracks keep every figure, whatever comes along."""
    tracks = pl.read_csv(trained.tables.tracks)
    grown = pl.concat(
        [
            tracks.tail(50).with_columns(track_id=pl.concat_str("track_id", pl.lit("n"))),
            tracks.head(40),
        ]
    )
    grown.with_columns(track_name=pl.concat_str("track_name", "track_id")).write_csv(
        tmp_path / "grown.csv"
    )
    moodtune(
        "score", "--model", trained.model, "--catalog", tmp_path / "grown.csv",
        "--out", tmp_path / "scores.parquet",
    )  # fmt: skip
    scores, bundle = pl.read_parquet(tmp_path / "scores.parquet"), trained.bundle
    assert scores.height == 90
    known = bundle.tracks.select("track_id").with_row_index("row")
    there = scores.join(known, on="track_id", how="inner")
    rows = there["row"].to_numpy()
    assert there.height >= 39
    assert there["cluster"].to_list() == bundle.clusters[rows].tolist()
    columns = [f"p_{mood}" for mood in bundle.taxonomy.names]
    np.testing.assert_array_equal(
        there.select(columns).to_numpy(), bundle.scores.probabilities[rows]
    )
