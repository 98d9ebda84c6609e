"""``moodtune train``, ``predict``, ``score``, ``inspect`` and ``sample``: files in, files out."""

import json
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from moodtune.artifacts import load_bundle
from moodtune.reports.timings import from_json
from moodtune.tables.reading import read_table

#: Everything that a training with listeners and figures writes, but for the model.
WRITTEN = {
    "clustered_songs.csv", "clusters.json", "kmeans_cluster_scatter.png", "rejections.csv",
    "report.json", "report.md",
    "music_runs/confusion_matrix.png", "music_runs/misclassification_bar.png",
    "spotify_statistics_visualization/correlation_heatmap.png",
    "spotify_statistics_visualization/pairplot.png",
    *(
        f"spotify_statistics_visualization/{feature}_distribution.png"
        for feature in ("duration_ms", "energy", "key", "loudness", "tempo", "valence", "liveness")
    ),
    "user_behavior_runs/confusion_matrix.png", "user_behavior_runs/misclassification_bar.png",
    "user_behavior_runs/answer_weights.csv", "user_behavior_runs/answer_weights.png",
    "user_behavior_runs/calibration.png", "user_behavior_runs/risk_coverage.png",
    "user_behavior_runs/rejections.csv",
}  # fmt: skip
MODEL = {
    "manifest.json", "taxonomy.json", "song_model.npy", "clustering.npy", "listener_model.npy",
    "tracks.parquet", "scores.npy", "listeners.parquet", "index.npy",
}  # fmt: skip


def files(folder) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture
def few(trained, tmp_path):
    """Three hundred tracks and sixty listeners of the sample."""
    pl.read_csv(trained.tables.tracks).head(300).write_csv(tmp_path / "tracks.csv")
    pl.read_csv(trained.tables.listeners).head(60).write_csv(tmp_path / "people.csv")
    return tmp_path


def test_training_writes_the_original_names_and_the_model(trained):
    assert set(files(trained.out)) == WRITTEN | {f"model/{name}" for name in MODEL}


def test_training_says_what_came_in_and_where_the_report_is(moodtune, few):
    ended = moodtune("train", "--catalog", few / "tracks.csv", "--out", few / "out", "--no-figures")
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout.startswith("300 rows read = ")
    assert "The tables are a synthetic sample: no track or person in them exists." in ended.stdout
    assert f"Report: {few / 'out' / 'report.md'}" in ended.stdout.replace("\n", "")


def test_moods_that_no_taxonomy_knows_are_counted_and_named(moodtune, few):
    people = pl.read_csv(few / "people.csv")
    said = pl.Series("music_Influencial_mood", ["happy", "grumpy", "wistful"] * 20)
    people.with_columns(said).write_csv(few / "own.csv")
    arguments = ("train", "--catalog", few / "tracks.csv", "--behavior", few / "own.csv")
    ended = moodtune(*arguments, "--out", few / "out", "--no-figures")
    assert ended.status == 4
    assert ended.stderr.endswith(
        "; 40 rows were rejected, and say 'grumpy', 'wistful': moods of one's own go into a "
        "taxonomy, --taxonomy\n"
    )
    people.with_columns(said.replace("wistful", "calm")).vstack(
        people.with_columns(said.replace("grumpy", "calm").replace("wistful", "happy"))
    ).write_csv(few / "own.csv")
    ended = moodtune(*arguments, "--out", few / "out", "--no-figures")
    assert "120 listeners read = 100 kept + 20 rejected" in ended.stdout


def test_without_figures_no_picture_is_written(moodtune, few):
    moodtune("train", "--catalog", few / "tracks.csv", "--out", few / "out", "--no-figures")
    assert not list((few / "out").rglob("*.png"))
    assert (few / "out" / "report.md").exists()


def test_the_command_says_where_its_time_went_beside_a_report_that_points_there(moodtune, few):
    moodtune("train", "--catalog", few / "tracks.csv", "--out", few / "out", "--no-figures")
    timings = from_json((few / "out" / "timings.json").read_bytes())
    names = [stage.name for stage in timings.stages]
    assert names[:2] == ["starting", "reading tracks"]
    assert "writing the model and the report" in names
    assert (few / "out" / "timings.md").read_text().startswith("# Where the time went")
    assert "`timings.md`" in (few / "out" / "report.md").read_text()


def test_a_catalog_alone_makes_a_model_that_knows_no_listeners(moodtune, few):
    moodtune("train", "--catalog", few / "tracks.csv", "--out", few / "out", "--no-figures")
    ended = moodtune("recommend", "--model", few / "out" / "model", "--listener", 0)
    assert ended.status == 2
    assert ended.stderr == (
        "moodtune: this model keeps no listeners: it was trained without a behavior table or with "
        "--no-listeners; name a table with --behavior, or ask for a mood with --mood\n"
    )


def test_no_listeners_keeps_the_model_of_listeners_and_forgets_theirs(moodtune, few):
    moodtune(
        "train", "--catalog", few / "tracks.csv", "--behavior", few / "people.csv",
        "--out", few / "out", "--no-figures", "--no-listeners",
    )  # fmt: skip
    bundle = load_bundle(few / "out" / "model")
    assert bundle.listeners is None
    assert bundle.listener_model is not None
    assert "listeners.parquet" not in files(few / "out" / "model")


def test_a_model_keeps_profiles_and_never_answers(trained):
    answers = pl.read_csv(trained.tables.listeners)
    said = {value for column in answers.get_columns() for value in column.cast(pl.String)} - {None}
    kept = trained.bundle.listeners
    assert kept.columns == ["id", *(f"p_{m}" for m in trained.bundle.listener_model.moods), "sure"]
    assert not said & set(kept["id"].to_list()) - {str(n) for n in range(200)}


def test_predict_writes_a_row_per_listener(moodtune, trained, tmp_path):
    ended = moodtune(
        "predict", "--model", trained.model, "--behavior", trained.tables.listeners,
        "--out", tmp_path / "moods.csv",
    )  # fmt: skip
    assert (ended.status, ended.stdout) == (0, f"200 listeners -> {tmp_path / 'moods.csv'}\n")
    written = pl.read_csv(tmp_path / "moods.csv", schema_overrides={"id": pl.String})
    assert written.equals(trained.bundle.listeners)


def test_predict_takes_listeners_who_answered_other_questions(moodtune, trained, tmp_path):
    pl.DataFrame({"Age": ["20-35", "of another age"], "news": ["x", "y"]}).write_csv(
        tmp_path / "new.csv"
    )
    moodtune(
        "predict", "--model", trained.model, "--behavior", tmp_path / "new.csv",
        "--out", tmp_path / "moods.parquet",
    )  # fmt: skip
    written = pl.read_parquet(tmp_path / "moods.parquet")
    assert written.height == 2
    probabilities = written.select(pl.col("^p_.*$")).to_numpy()
    assert np.all((probabilities > 0) & (probabilities < 1))


def test_predict_says_when_a_table_answers_none_of_the_questions(moodtune, trained, tmp_path):
    pl.DataFrame({"weather": ["rain", "sun"]}).write_csv(tmp_path / "new.csv")
    out = tmp_path / "moods.csv"
    ended = moodtune(
        "predict", "--model", trained.model, "--behavior", tmp_path / "new.csv", "--out", out
    )
    assert ended.stdout == (
        f"2 listeners -> {out}\n"
        "Note: the table answers none of the model's questions, so everybody gets the "
        "probabilities of a listener of whom nothing is known.\n"
    )


def test_score_gives_the_tracks_of_training_the_scores_of_training(moodtune, trained, tmp_path):
    out = tmp_path / "scores.parquet"
    moodtune("score", "--model", trained.model, "--catalog", trained.tables.tracks, "--out", out)
    scores, bundle = pl.read_parquet(out), trained.bundle
    assert scores.columns[:5] == ["track_id", "mood", "cluster", "mood_valence", "mood_arousal"]
    assert scores["track_id"].to_list() == bundle.tracks["track_id"].to_list()
    assert scores["mood"].to_list() == bundle.scores.leading_names().tolist()
    assert scores["cluster"].to_list() == bundle.clusters.tolist()
    columns = [f"p_{mood}" for mood in bundle.taxonomy.names]
    assert np.array_equal(scores.select(columns).to_numpy(), bundle.scores.probabilities)


def test_score_refuses_a_file_it_could_not_write_before_it_reads(moodtune, tmp_path):
    ended = moodtune(
        "score", "--model", tmp_path / "none", "--catalog", "none.csv", "--out", "scores.txt"
    )
    assert (ended.status, ended.stderr) == (
        2,
        "moodtune: scores.txt must end in .csv or .parquet, the tables that are written\n",
    )


def test_mood_label_is_the_clusters_mood_and_rows_are_the_kept_tracks(trained):
    songs = read_table(trained.out / "clustered_songs.csv").frame
    clusters = json.loads((trained.out / "clusters.json").read_text())["clusters"]
    assert songs["track_id"].to_list() == trained.bundle.tracks["track_id"].to_list()
    moods = {str(c["cluster"]): c["mood"] for c in clusters}
    assert songs["mood_label"].to_list() == [moods[c] for c in songs["mood_cluster"]]
    sizes = songs["mood_cluster"].value_counts()
    assert {str(c["cluster"]): c["size"] for c in clusters} == dict(sizes.iter_rows())


def test_inspect_says_what_is_understood_and_what_is_not(moodtune, few):
    table = pl.read_csv(few / "tracks.csv").with_columns(
        energy=pl.when(pl.col("energy") == pl.col("energy").max()).then(7).otherwise("energy"),
        mystery=pl.lit("?"),
    )
    table.write_csv(few / "odd.csv")
    said = moodtune("inspect", few / "odd.csv").stdout
    assert "odd.csv: 300 rows" in said
    assert "mystery" in said
    assert "1 rejected: energy must be in [0, 1]" in said


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--catalog", "none.csv"], 3, "none.csv"),
        (["--catalog", "tracks.csv", "--clusters", "many"], 2, "clusters.clusters must be a whole number from 1 to 256 or auto, got 'many'"),
        (["--catalog", "tracks.csv", "--clusters", "0"], 2, "clusters.clusters must be a whole number from 1 to 256 or auto, got 0"),
        (["--catalog", "tracks.csv", "--behavior", "short.csv"], 4, "29"),
        (["--catalog", "tracks.csv", "--behavior", "tracks.csv"], 3, "music_Influencial_mood"),
        (["--catalog", "people.csv"], 3, "people.csv"),
        (["--catalog", "tracks.csv", "--config", "settings.toml"], 2, "no setting is called clusters.cluster; did you mean clusters.clusters?"),
    ],
)  # fmt: skip
def test_a_training_that_cannot_be_is_one_sentence(
    moodtune, few, monkeypatch, arguments, status, sentence
):
    monkeypatch.chdir(few)
    pl.read_csv("people.csv").head(29).write_csv("short.csv")
    (few / "settings.toml").write_text("[clusters]\ncluster = 9\n")
    ended = moodtune("train", *arguments, "--out", "out", "--no-figures")
    assert ended.status == status
    assert ended.stderr.startswith("moodtune: ")
    assert ended.stderr.count("\n") == 1
    assert sentence in ended.stderr
    assert not (few / "out" / "model").exists()


def test_debug_shows_the_traceback(monkeypatch):
    from moodtune.errors import MoodtuneError
    from moodtune.terminal.app import main

    monkeypatch.setattr(
        "sys.argv", ["moodtune", "recommend", "--model", "none", "--mood", "x", "--debug"]
    )
    with pytest.raises(MoodtuneError, match="there is no model at none"):
        main()


def test_the_same_tables_and_seed_give_the_same_bytes(few):
    """Whatever the row order, the number of threads and the hash seed."""
    shuffled = pl.read_csv(few / "tracks.csv").sample(fraction=1, shuffle=True, seed=1)
    (few / "other").mkdir()
    shuffled.write_csv(few / "other" / "tracks.csv")
    made = []
    for catalog, threads in ((few / "tracks.csv", "1"), (few / "other" / "tracks.csv", "2")):
        environment = os.environ | {
            "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads,
        }  # fmt: skip
        out = few / f"out{threads}"
        subprocess.run(
            [sys.executable, "-m", "moodtune", "train", "--catalog", catalog,
             "--behavior", few / "people.csv", "--out", out, "--no-figures"],
            env=environment, check=True, capture_output=True,
        )  # fmt: skip
        made.append(files(out / "model"))
    assert made[0] == made[1]
    assert set(made[0]) == MODEL


def test_another_seed_gives_another_model(moodtune, few):
    for seed in (1, 2):
        moodtune(
            "train", "--catalog", few / "tracks.csv", "--out", few / f"out{seed}",
            "--no-figures", "--seed", seed,
        )  # fmt: skip
    one, two = (json.loads((few / f"out{seed}" / "report.json").read_text()) for seed in (1, 2))
    assert (one["seed"], two["seed"]) == (1, 2)


def test_answering_needs_nothing_that_only_training_needs(trained):
    """Loading and recommending import no scikit-learn, SciPy, pandas or matplotlib."""
    script = (
        "import sys\n"
        "from moodtune.terminal.app import main\n"
        f"sys.argv = ['moodtune', 'recommend', '--model', {str(trained.model)!r}, '--listener', '0']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'matplotlib') if m in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"


def test_help_imports_neither_tables_nor_models():
    script = (
        "import sys\nfrom moodtune.terminal.app import main\nsys.argv = ['moodtune', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numpy', 'polars', 'msgspec', 'sklearn') if m in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"


def test_sample_writes_what_train_reads(moodtune, tmp_path):
    ended = moodtune("sample", "--out", tmp_path, "--tracks", 50, "--listeners", 40)
    assert ended.status == 0
    assert read_table(tmp_path / "spotify-dataset" / "data" / "data.csv").frame.height == 50


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_read(moodtune, tmp_path):
    (tmp_path / "file").touch()
    ended = moodtune("train", "--catalog", "none.csv", "--out", tmp_path / "file" / "out")
    file = tmp_path / "file"
    assert (ended.status, ended.stderr) == (
        2,
        f"moodtune: --out {file / 'out'}: {file} is no folder that can be written to; name another\n",
    )
