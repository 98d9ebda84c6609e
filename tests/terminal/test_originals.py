"""The original two commands: where they look, and what they say first."""

import shutil

import pytest

from moodtune.errors import TableError, UsageError
from moodtune.samples import sample_listeners, sample_tracks
from moodtune.terminal import originals

TRACKS, LISTENERS = "spotify-dataset", "spotify-user-behavior-analysis"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty repository root with an input folder of sixty tracks and forty listeners."""
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "input" / TRACKS / "data"
    data.mkdir(parents=True)
    sample_tracks(60, 1).write_csv(data / "data.csv")
    (tmp_path / "input" / LISTENERS).mkdir()
    sample_listeners(40, 1).write_csv(tmp_path / "input" / LISTENERS / "survey.csv")
    return tmp_path


def test_the_main_table_is_read_where_there_is_one(here):
    (here / "input" / TRACKS / "other.csv").write_text("x\n1\n")
    inputs = originals.find_inputs(here / "input")
    assert inputs.catalog == here / "input" / TRACKS / "data" / "data.csv"
    assert inputs.behavior == here / "input" / LISTENERS / "survey.csv"


def test_without_the_main_table_every_track_table_counts_and_others_are_named(here, capsys):
    data = here / "input" / TRACKS / "data"
    (data / "data.csv").rename(data / "tracks.csv")
    (data / "data_by_year.csv").write_text("year,valence,energy\n1999,.5,.5\n")
    originals.train()
    said = capsys.readouterr().out
    assert "60 rows read" in said
    assert "Left out: " in said
    assert "data_by_year.csv" in said


def test_a_whole_table_is_preferred_to_a_page(here):
    folder = here / "input" / LISTENERS
    (folder / "__results__.html").write_text("<table></table>")
    assert originals.find_inputs(here / "input").behavior == folder / "survey.csv"
    (folder / "survey.csv").unlink()
    assert originals.find_inputs(here / "input").behavior == folder / "__results__.html"


def test_an_input_folder_without_tracks_is_a_sentence(tmp_path):
    (tmp_path / "input").mkdir()
    with pytest.raises(TableError, match="has no spotify-dataset folder: put the track table at"):
        originals.find_inputs(tmp_path / "input")


def test_both_commands_work_together(here, capsys):
    originals.train()
    capsys.readouterr()
    originals.recommend()
    said = capsys.readouterr().out
    assert said.count("listener ") == 40 + 1  # a line each, and the heading of the first's list
    assert "Ten tracks for listener 0" in said
    assert (here / "output" / "clustered_songs.csv").exists()


def test_without_input_the_first_line_says_that_the_sample_is_used(here, monkeypatch, capsys):
    from moodtune.samples import SampleSettings

    shutil.rmtree(here / "input")
    small = SampleSettings(tracks=60, listeners=40)
    monkeypatch.setattr("moodtune.samples.SampleSettings", lambda: small)
    originals.train()
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "No input folder: using the synthetic sample; no track or person in it exists."


def test_recommending_before_training_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        UsageError, match=r"there is no model at output/model yet: run python train\.py"
    ):
        originals.recommend()


def test_without_a_survey_tracks_alone_are_learnt_from(here, capsys):
    shutil.rmtree(here / "input" / LISTENERS)
    originals.train()
    assert capsys.readouterr().out.startswith("No behavior table in input/")
    with pytest.raises(UsageError, match="the model knows no listeners: put their table into"):
        originals.recommend()
