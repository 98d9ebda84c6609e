import polars as pl
import pytest

from moodtune.errors import UsageError
from moodtune.samples import (
    SampleSettings,
    is_sample,
    sample_listeners,
    sample_tracks,
    write_samples,
    writing,
)

SMALL = SampleSettings(tracks=300, listeners=40)


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_tables_are_written_where_the_original_commands_look(tmp_path):
    written = write_samples(tmp_path, SMALL)
    assert files(tmp_path) == [
        "SYNTHETIC.txt",
        "spotify-dataset/data/data.csv",
        "spotify-user-behavior-analysis/sample_listeners.csv",
    ]
    assert written.tracks == tmp_path / "spotify-dataset" / "data" / "data.csv"
    assert written.note.read_text().startswith("The tables in these folders are synthetic")


def test_what_is_written_reads_back_as_what_was_drawn(tmp_path):
    written = write_samples(tmp_path, SMALL)
    assert pl.read_csv(written.tracks).equals(sample_tracks(300, seed=7))
    assert pl.read_csv(written.listeners).equals(sample_listeners(40, seed=7))


def test_parquet_holds_the_same_tracks(tmp_path):
    written = write_samples(tmp_path, SampleSettings(tracks=300, file_format="parquet"))
    assert written.tracks.name == "data.parquet"
    assert pl.read_parquet(written.tracks).equals(sample_tracks(300, seed=7))


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_same_settings_give_the_same_bytes(tmp_path, file_format):
    settings = SampleSettings(tracks=70_000, listeners=40, file_format=file_format)
    one, other = (write_samples(tmp_path / name, settings) for name in ("one", "other"))
    assert one.tracks.read_bytes() == other.tracks.read_bytes()
    assert one.listeners.read_bytes() == other.listeners.read_bytes()


def test_many_tracks_are_written_as_parquet_in_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "CSV_TRACKS", 299)
    assert write_samples(tmp_path, SMALL).tracks.name == "data.parquet"


def test_progress_is_told_batch_by_batch(tmp_path):
    told = []
    write_samples(tmp_path, SampleSettings(tracks=70_000, listeners=1), told.append)
    assert told == [65_536, 70_000]


def test_a_new_sample_replaces_the_old_one_also_in_another_format(tmp_path):
    write_samples(tmp_path, SMALL)
    written = write_samples(tmp_path, SampleSettings(tracks=10, file_format="parquet"))
    assert "spotify-dataset/data/data.csv" not in files(tmp_path)
    assert pl.read_parquet(written.tracks).height == 10


@pytest.mark.parametrize(
    "place",
    [
        "spotify-dataset/data/data.csv",
        "spotify-dataset/data/data.parquet",
        "spotify-dataset/tracks_2024.csv",
        "spotify-user-behavior-analysis/__results__.html",
    ],
)
def test_real_tables_are_never_overwritten_nor_mixed_with_samples(tmp_path, place):
    table = tmp_path / place
    table.parent.mkdir(parents=True)
    table.write_text("track_id,energy\nmine,0.5\n")
    text = (
        rf"/{place.replace('.', '[.]')} is not a sample, and samples beside real tables would be "
        "taken for real; name another folder with --out, or move it away$"
    )
    with pytest.raises(UsageError, match=text):
        write_samples(tmp_path, SMALL)
    assert files(tmp_path) == [place]


def test_an_empty_sample_can_be_written_and_read(tmp_path):
    written = write_samples(tmp_path, SampleSettings(tracks=0, listeners=0))
    assert pl.read_csv(written.tracks).columns == sample_tracks(0, seed=7).columns
    assert pl.read_csv(written.listeners).height == 0


def test_both_tables_are_known_as_samples_when_read(tmp_path):
    written = write_samples(tmp_path, SMALL)
    assert is_sample(pl.read_csv(written.tracks))
    assert is_sample(pl.read_csv(written.listeners))
