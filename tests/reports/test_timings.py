"""Where the time of a training went: stages that add up, bytes, and the floor."""

import pytest

from moodtune.reports.timings import (
    Timings,
    floor_of,
    from_json,
    stages_of,
    to_json,
    to_markdown,
    write_timings,
)

#: Reading begins twice; 4 s in all.
BEGUN = [("starting", 10.0), ("reading", 10.5), ("sorting", 11.5), ("reading", 13.0)]
FLOOR = floor_of(300_000_000, disk_rate=1e9, memory_rate=1e10)


def timings(*, floor=FLOOR, peak=500_000_000):
    return Timings(
        n_tracks=8000,
        stages=stages_of(BEGUN, 14.0),
        read_bytes=100_000_000,
        written_bytes=200_000_000,
        peak_bytes=peak,
        floor=floor,
    )


def test_a_stage_that_begins_again_is_one_stage_and_shares_add_up_to_one():
    found = timings()
    assert [(s.name, s.seconds) for s in found.stages] == [
        ("starting", 0.5), ("reading", 2.0), ("sorting", 1.5),
    ]  # fmt: skip
    assert (found.seconds, found.tracks_a_second) == (4.0, 2000.0)
    assert found.shares == (0.125, 0.5, 0.375)
    assert sum(found.shares) == 1


def test_the_floor_is_the_bytes_over_what_disk_and_memory_give():
    assert FLOOR.seconds == pytest.approx(0.3 + 0.03)


def test_the_page_names_every_stage_the_bytes_the_memory_and_the_floor():
    page = to_markdown(timings())
    assert "8,000 tracks in 4.0 s, 2,000 tracks a second." in page
    assert "| reading | 2.00 | 50.0 |" in page
    assert "100.0 MB were read and 200.0 MB written" in page
    assert "500 MB of memory at most" in page
    assert "The floor is 0.33 s, 8.2 % of the time" in page


def test_what_was_not_measured_is_said_and_not_made_up():
    page = to_markdown(timings(floor=None, peak=None))
    assert "The floor was not measured" in page
    assert "of memory at most" not in page


def test_a_training_that_took_no_time_has_no_shares_to_divide():
    none = Timings(
        n_tracks=1, stages=stages_of([("a", 1.0)], 1.0), read_bytes=0, written_bytes=0,
        peak_bytes=None, floor=None,
    )  # fmt: skip
    assert (none.shares, none.tracks_a_second) == ((0.0,), 0.0)


def test_both_files_are_written_and_the_json_is_read_back(tmp_path):
    write_timings(tmp_path, timings())
    assert from_json((tmp_path / "timings.json").read_bytes()) == timings()
    assert (tmp_path / "timings.md").read_text() == to_markdown(timings())
    assert to_json(timings()).endswith(b"}\n")
