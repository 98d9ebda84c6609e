"""``moodtune evaluate``: the command forms that README gives, and a sentence for each mistake."""

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

MATCH = "melancholy=Sad;calm,relax,deep=Calm;happy,fun=Happy;party,motivating,uplifting=Energy"


@pytest.fixture(scope="module")
def tables(trained, tmp_path_factory):
    """Labels of 400 of the sample's tracks: by its model, two in five of them at random."""
    folder, random = tmp_path_factory.mktemp("labels"), np.random.default_rng(1)
    bundle = trained.bundle
    groups = dict(part.partition("=")[::2] for part in MATCH.split(";"))
    label_of = {m: label for moods, label in groups.items() for m in moods.split(",")}
    rows = random.choice(bundle.tracks.height, 400, replace=False)
    leading = bundle.scores.leading_names()[rows]
    labels = [label_of.get(mood, "Angry") for mood in leading]
    mixed = np.where(
        random.random(400) < 0.4, random.choice([*groups.values(), "Angry"], 400), labels
    )
    frame = (
        bundle.tracks[rows]
        .select("track_id", *bundle.song_model.features)
        .with_columns(
            mood=pl.Series(mixed),
            playlist=pl.Series(
                [
                    f"{m.lower()}_{k}"
                    for m, k in zip(mixed, random.integers(4, size=400), strict=True)
                ]
            ),
            human_valence=bundle.scores.valence[rows] + random.normal(0, 0.3, 400),
            human_arousal=bundle.scores.arousal[rows] + random.normal(0, 0.3, 400),
        )
    )
    frame.write_csv(folder / "mood_playlists.csv")
    frame.select("track_id", "mood", "playlist").write_csv(folder / "ids_only.csv")
    return folder


@pytest.fixture
def evaluate(moodtune, trained, tables, tmp_path):
    def run(*options, labels="mood_playlists.csv", out="evaluation"):
        return moodtune(
            "evaluate", "--model", trained.model, "--labels", tables / labels, *options,
            "--out", tmp_path / out, "--no-figures",
        )  # fmt: skip

    return run


MOODS = ("--label-column", "mood", "--group-column", "playlist", "--match", MATCH)


def test_labels_are_held_against_the_model_and_the_tables_printed(evaluate, tmp_path):
    ended = evaluate(*MOODS)
    assert (ended.status, ended.stderr) == (0, "")
    found = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())
    assert [label["label"] for label in found["labels"]["labels"]] == [
        "Sad",
        "Calm",
        "Happy",
        "Energy",
    ]
    assert found["labels"]["interval_by"] == "playlist"
    assert list(found["labels"]["not_matched"]) == ["Angry"]
    assert found["labels"]["counts"]["tracks_in_catalog"] == found["labels"]["counts"]["tracks"]
    auc = found["labels"]["overall"]["mean_auc"]
    assert auc["model"]["value"] > 0.6 > auc["references"]["constant"]["value"]
    assert "mean auc" in ended.stdout
    assert f"{auc['model']['value']:.3f}" in ended.stdout
    assert "Report: " in ended.stdout


def test_people_s_values_are_correlated_with_the_model_s(evaluate, tmp_path):
    ended = evaluate("--valence", "human_valence", "--arousal", "human_arousal")
    assert (ended.status, ended.stderr) == (0, "")
    found = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())
    assert [axis["axis"] for axis in found["axes"]] == ["valence", "arousal"]
    assert all(axis["spearman"]["model"]["low"] > 0.2 for axis in found["axes"])
    assert found["labels"] is None


def test_a_table_of_ids_gives_the_figures_of_the_table_with_features(evaluate, tmp_path):
    evaluate(*MOODS)
    ended = evaluate(*MOODS, labels="ids_only.csv", out="joined")
    assert ended.status == 0
    own, joined = (
        json.loads((tmp_path / name / "evaluation.json").read_text())
        for name in ("evaluation", "joined")
    )
    assert joined["source"]["own_features"] is False
    for name in ("mean_auc", "mean_precision_at_50", "macro_f1", "calibration_error"):
        assert joined["labels"]["overall"][name]["model"] == own["labels"]["overall"][name]["model"]


def test_the_same_seed_writes_the_same_bytes(evaluate, tmp_path):
    for out in ("one", "two"):
        evaluate("--valence", "human_valence", out=out)
    for name in ("evaluation.json", "evaluation.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_labels_that_the_model_gave_itself_are_warned_of(moodtune, trained, tmp_path):
    bundle = trained.bundle
    frame = bundle.tracks.select("track_id").with_columns(
        mood=pl.Series(bundle.scores.leading_names())
    )
    frame.filter(pl.col("mood").is_in(["calm", "party", "fun"])).write_csv(tmp_path / "own.csv")
    ended = moodtune(
        "evaluate", "--model", trained.model, "--labels", tmp_path / "own.csv", "--label-column",
        "mood", "--out", tmp_path / "out", "--no-figures",
    )  # fmt: skip
    assert ended.status == 0
    said = " ".join(ended.stdout.split())
    assert "Warning: this is fidelity to a rule, and not agreement with people" in said


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ((), 2, "say which column of the table holds people's labels with --label-column, or their values with --valence and --arousal"),
        (("--match", "calm=Calm"), 2, "say which column of the table holds people's labels with --label-column, or their values with --valence and --arousal"),
        (("--label-column", "mood", "--match", "calm"), 2, "--match 'calm' is not understood: write moods=label and part several by ';', as in 'melancholy=Sad;calm,relax=Calm'"),
        (("--label-column", "mood", "--match", "clam=Calm;happy=Happy"), 2, "--match names the mood 'clam', which the model does not have; did you mean calm?"),
        (("--label-column", "mood", "--match", "calm=Calm"), 4, "mood_playlists.csv: 'Calm' is the only label, and one alone cannot be told from anything: match moods to at least two labels of Angry, Calm, Energy, Happy, Sad"),
        (("--label-column", "mood", "--match", "calm=Calm;happy=Hapy"), 4, "mood_playlists.csv has no track with the label 'Hapy' that --match names; did you mean Happy?"),
        (("--valence", "mood"), 3, "mood_playlists.csv row 1: mood must be a number, got '{mood}'; correct the cell, or leave it blank to leave the row out"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_sentence_and_status(evaluate, tables, options, status, said):
    first = pl.read_csv(tables / "mood_playlists.csv")["mood"][0]
    ended = evaluate(*options)
    assert (ended.status, ended.stdout) == (status, "")
    assert ended.stderr == f"moodtune: {said.replace('{mood}', first)}\n"


@pytest.fixture
def labels(data: Path) -> Path:
    return data / "labels"


def test_people_s_playlists_are_agreement_on_the_real_table(labels, moodtune, trained, tmp_path):
    # Whatever the model: the table is read whole, and nobody mistakes its labels for a rule.
    ended = moodtune(
        "evaluate", "--model", trained.model, "--labels", labels / "mood_playlists.csv", *MOODS,
        "--out", tmp_path / "out", "--no-figures",
    )  # fmt: skip
    assert ended.status == 0, ended.stderr
    found = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert found["kind"] == "agreement"
    counts = found["labels"]["counts"]
    rows = pl.read_csv(labels / "mood_playlists.csv").filter(pl.col("mood") != "Angry")
    assert counts["units"] == rows.select("track_id", "mood").n_unique()
    assert (counts["read"], counts["not_matched"], counts["groups"]) == (2668, 520, 24)
    assert os.environ["MOODTUNE_DATA"]
