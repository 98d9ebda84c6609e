import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from moodtune.reports import paths
from moodtune.reports.report import from_json
from moodtune.reports.writer import MAX_CSV_TRACKS, clustered_songs, write_reports
from moodtune.tables.text import escape_controls, literal, undo_guard
from report_worlds import HOSTILE, catalog_of, training

TESTS = str(Path(__file__).parents[1])
WITHOUT_FIGURES = (
    "clustered_songs.csv",
    "clusters.json",
    "rejections.csv",
    "report.json",
    "report.md",
    "user_behavior_runs/answer_weights.csv",
    "user_behavior_runs/rejections.csv",
)
FIGURES = (
    "kmeans_cluster_scatter.png",
    "music_runs/confusion_matrix.png",
    "music_runs/misclassification_bar.png",
    "spotify_statistics_visualization/correlation_heatmap.png",
    "spotify_statistics_visualization/duration_ms_distribution.png",
    "spotify_statistics_visualization/energy_distribution.png",
    "spotify_statistics_visualization/key_distribution.png",
    "spotify_statistics_visualization/liveness_distribution.png",
    "spotify_statistics_visualization/loudness_distribution.png",
    "spotify_statistics_visualization/pairplot.png",
    "spotify_statistics_visualization/tempo_distribution.png",
    "spotify_statistics_visualization/valence_distribution.png",
    "user_behavior_runs/answer_weights.png",
    "user_behavior_runs/calibration.png",
    "user_behavior_runs/confusion_matrix.png",
    "user_behavior_runs/misclassification_bar.png",
    "user_behavior_runs/risk_coverage.png",
)
WHOLE = {"key": [k % 12 for k in range(60)], "duration_ms": [200_000 + k for k in range(60)]}
REJECTED = [
    ("tracks.csv", 3, "x", "energy", "87", "energy must be in [0, 1]"),
    ("tracks.csv", 9, "y", "energy", "99", "energy must be in [0, 1]"),
    ("tracks.csv", 4, "z", "title", None, "title is missing"),
]


def files_under(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    contents = training(**WHOLE, rejections=REJECTED)
    return contents, out, write_reports(out, contents)


def test_everything_is_written_where_the_original_wrote_it(written):
    _, out, names = written
    assert files_under(out) == sorted((*WITHOUT_FIGURES, *FIGURES))
    assert sorted(names) == sorted(out / name for name in files_under(out))


def test_every_figure_is_a_picture(written):
    _, out, _ = written
    for name in FIGURES:
        picture = (out / name).read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert picture.endswith(b"IEND\xaeB`\x82")


def test_without_figures_there_are_only_tables_and_the_report(tmp_path):
    write_reports(tmp_path, training(), figures=False)
    assert files_under(tmp_path) == sorted(WITHOUT_FIGURES)
    assert "None were drawn." in (tmp_path / "report.md").read_text()


def test_without_figures_matplotlib_is_not_loaded_and_no_hash_seed_or_thread_matters(
    tmp_path,
):
    code = (
        "import sys; from pathlib import Path; from report_worlds import training;"
        "from moodtune.reports.writer import write_reports;"
        f"write_reports(Path({str(tmp_path / 'there')!r}), training(), figures=False);"
        "print('matplotlib' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": TESTS, "PYTHONHASHSEED": "3", "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "False\n"
    write_reports(tmp_path / "here", training(), figures=False)
    for name in WITHOUT_FIGURES:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_without_listeners_nothing_about_them_is_written(tmp_path):
    write_reports(tmp_path, training(listeners=False))
    assert not (tmp_path / "user_behavior_runs").exists()
    assert "There was no table of listeners" in (tmp_path / "report.md").read_text()


def test_what_an_earlier_training_wrote_does_not_stay_beside_a_new_report(tmp_path):
    for name in (*paths.EVERY_PATH, "music_runs/mine.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("of an earlier training, or of nobody here")
    write_reports(tmp_path, training(listeners=False), figures=False)
    wanted = [name for name in WITHOUT_FIGURES if not name.startswith("user_behavior_runs")]
    assert files_under(tmp_path) == sorted([*wanted, "music_runs/mine.txt"])


def test_every_path_that_may_be_written_is_known():
    assert sorted(paths.EVERY_PATH) == sorted(
        (
            *(*WITHOUT_FIGURES, *FIGURES, "clustered_songs.parquet"),
            *("timings.json", "timings.md"),  # of the command, which has a clock
        )
    )


def test_the_same_training_writes_the_same_bytes(written, tmp_path):
    _, out, _ = written
    write_reports(tmp_path, training(**WHOLE, rejections=REJECTED))
    for name in files_under(out):
        assert (out / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_clustered_songs_have_a_row_per_kept_track(written):
    contents, out, _ = written
    songs = undo_guard(pl.read_csv(out / "clustered_songs.csv"))
    assert songs.columns == [
        "track_id", "name", "artists", *contents.features.names, "mood_cluster", "mood_label",
    ]  # fmt: skip
    assert songs["track_id"].to_list() == contents.catalog.tracks["track_id"].to_list()
    assert songs["name"].to_list() == escape_controls(contents.catalog.tracks)["title"].to_list()
    assert songs["mood_cluster"].to_list() == [0] * 30 + [1] * 30
    assert songs["mood_label"].to_list() == ["still"] * 30 + ["wild"] * 30
    assert np.allclose(songs["energy"], contents.features.column("energy"))


def test_a_million_tracks_and_more_are_parquet(tmp_path, monkeypatch):
    assert MAX_CSV_TRACKS == 1_000_000
    monkeypatch.setattr("moodtune.reports.writer.MAX_CSV_TRACKS", 59)
    contents = training()
    write_reports(tmp_path, contents, figures=False)
    assert not (tmp_path / "clustered_songs.csv").exists()
    assert pl.read_parquet(tmp_path / "clustered_songs.parquet").equals(clustered_songs(contents))


def test_the_rejections_are_read_back(written):
    _, out, _ = written
    read = pl.read_csv(out / "rejections.csv", schema_overrides={"value": pl.String})
    assert read.rows() == REJECTED


def test_the_answers_weights_are_read_back(written):
    contents, out, _ = written
    read = undo_guard(pl.read_csv(out / "user_behavior_runs" / "answer_weights.csv"))
    assert read.equals(contents.listeners.weights)


def test_cells_that_a_spreadsheet_would_run_are_guarded(written):
    _, out, _ = written
    assert ",'=LOVE 0," in (out / "clustered_songs.csv").read_text()
    assert "\n=sport," not in (out / "user_behavior_runs" / "answer_weights.csv").read_text()


def test_the_clusters_are_described(written):
    _, out, _ = written
    clusters = msgspec.json.decode((out / "clusters.json").read_bytes())["clusters"]
    assert [(c["size"], c["mood"], c["runner_up"]) for c in clusters] == [
        (30, "still", "glad"),
        (30, "wild", "glad"),
    ]
    assert len(clusters[0]["nearest"]) == 5


def test_what_was_read_is_what_was_kept_rejected_and_merged(written):
    _, out, _ = written
    part = from_json((out / "report.json").read_bytes()).catalog
    assert part.n_read == 63 == part.n_kept + part.n_rejected + part.n_merged_ids
    assert [(r.column, r.reason, r.n_rows) for r in part.rejections] == [
        ("energy", "energy must be in [0, 1]", 2),
        ("title", "title is missing", 1),
    ]


def test_every_number_of_the_written_page_equals_its_json_twin(written):
    _, out, _ = written
    twin = msgspec.json.decode((out / "report.json").read_bytes())
    page = unescape(re.sub(r"\\(?=[^\w\s])", "", (out / "report.md").read_text()))
    texts, numbers = leaves(twin)
    for text in sorted({literal(t) for t in texts}, key=len, reverse=True):
        if re.search(r"\d", text):  # what tables and notes say is text on both sides
            page = page.replace(text, "").replace(text.replace("\\", ""), "")
    for file in ("report.json",):
        page = page.replace(file, "")
    found = [float(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*(?:\.\d+)?", page)]
    assert len(found) > 100
    assert set(found) <= set(numbers)


def leaves(value):
    """Return the texts and the numbers of a JSON value, keys included."""
    texts, numbers = [], []
    if isinstance(value, dict):
        texts += value.keys()
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            more = leaves(item)
            texts += more[0]
            numbers += more[1]
        elif isinstance(item, str):
            texts.append(item)
        elif isinstance(item, int | float):
            numbers.append(float(item))
    return texts, numbers


def test_no_title_is_markup_in_the_page(tmp_path):
    write_reports(tmp_path, training(), figures=False)
    page = (tmp_path / "report.md").read_text()
    assert "&lt;img src=x onerror=alert(1)&gt; 3" in page
    assert "<" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"a\|b \`c\` 4" in page
    assert len(HOSTILE) == 8


def test_a_missing_feature_is_a_figure_left_out_and_said(tmp_path):
    write_reports(tmp_path, training(key=[None] * 60))
    report = from_json((tmp_path / "report.json").read_bytes())
    left_out = {part.path: part.reason for part in report.figures.left_out}
    assert left_out == {
        "spotify_statistics_visualization/duration_ms_distribution.png": (
            "the catalog has no duration_ms"
        ),
        "spotify_statistics_visualization/key_distribution.png": "every track's key is blank",
    }
    assert not set(left_out) & set(files_under(tmp_path))
    assert "the catalog has no duration_ms" in (tmp_path / "report.md").read_text()


def test_figures_without_a_model_to_show_are_left_out_and_said(tmp_path):
    write_reports(tmp_path, training(listeners=False, fidelity=False))
    report = from_json((tmp_path / "report.json").read_bytes())
    reasons = {part.path: part.reason for part in report.figures.left_out}
    assert reasons["music_runs/confusion_matrix.png"] == "too few tracks to hold any out"
    assert reasons["user_behavior_runs/calibration.png"] == "there was no table of listeners"
    assert sorted((*reasons, *report.figures.drawn)) == sorted(FIGURES)


def test_contents_that_do_not_fit_together_are_no_contents():
    good = training()
    with pytest.raises(
        ValueError,
        match=r"^5 tracks, but features, clusters and scores of \(60, 60, 60\)$",
    ):
        type(good)(
            **{name: getattr(good, name) for name in good.__slots__} | {"catalog": catalog_of(5)}
        )
