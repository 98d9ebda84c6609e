"""What is written is there whole or not at all, whenever the writer is killed."""

import json
import os
import subprocess
import sys

import pytest

from moodtune import atomic
from moodtune.atomic import atomic_directory, atomic_file, recover_directory
from moodtune.errors import UsageError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(path, text):
    with atomic_file(path) as work:
        work.write_text(text)


def fill(path, text):
    with atomic_directory(path) as work:
        (work / "a").write_text(text)
        (work / "deep").mkdir()
        (work / "deep" / "b").write_text(text)


def content(path):
    return (path / "a").read_text(), (path / "deep" / "b").read_text()


def in_two_steps(monkeypatch):
    monkeypatch.setattr(atomic, "_renameat2", lambda: None)


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path):
    write(tmp_path / "t.csv", "old")
    write(tmp_path / "t.csv", "new")
    assert (tmp_path / "t.csv").read_text() == "new"
    assert names(tmp_path) == ["t.csv"]


def test_missing_folders_are_made(tmp_path):
    write(tmp_path / "a" / "b" / "t.csv", "new")
    assert (tmp_path / "a" / "b" / "t.csv").read_text() == "new"


def test_a_file_stays_as_it_was_when_writing_fails(tmp_path):
    write(tmp_path / "t.csv", "old")
    with pytest.raises(TypeError, match="must be str"), atomic_file(tmp_path / "t.csv") as work:
        work.write_text(7)
    assert (tmp_path / "t.csv").read_text() == "old"
    assert names(tmp_path) == ["t.csv"]


@pytest.mark.parametrize("steps", ["one", "two"])
def test_a_directory_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path, monkeypatch, steps):
    if steps == "two":
        in_two_steps(monkeypatch)
    fill(tmp_path / "model", "old")
    (tmp_path / "model" / "extra").touch()
    fill(tmp_path / "model", "new")
    assert content(tmp_path / "model") == ("new", "new")
    assert names(tmp_path / "model") == ["a", "deep"]
    assert names(tmp_path) == ["model"]


def test_a_directory_stays_as_it_was_when_filling_fails(tmp_path):
    fill(tmp_path / "model", "old")
    with (
        pytest.raises(TypeError, match="must be str"),
        atomic_directory(tmp_path / "model") as work,
    ):
        (work / "a").write_text(7)
    assert content(tmp_path / "model") == ("old", "old")
    assert names(tmp_path) == ["model"]


def test_what_is_written_has_the_permissions_of_any_other_file(tmp_path):
    (tmp_path / "ordinary").mkdir()
    (tmp_path / "ordinary.txt").touch()
    fill(tmp_path / "model", "new")
    write(tmp_path / "t.csv", "new")
    assert (tmp_path / "model").stat().st_mode == (tmp_path / "ordinary").stat().st_mode
    assert (tmp_path / "t.csv").stat().st_mode == (tmp_path / "ordinary.txt").stat().st_mode


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    fill(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fill(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == ("new", "new")


def test_a_dead_writers_leftovers_are_removed_and_a_living_ones_are_not(tmp_path):
    (tmp_path / ".t.csv.0123456789ab.part").write_text("left behind")
    (tmp_path / ".model.0123456789ab.part").mkdir()
    (tmp_path / ".other.0123456789ab.part").touch()
    with atomic_file(tmp_path / "t.csv") as living:
        living.write_text("slow")
        write(tmp_path / "t.csv", "fast")
        assert living.read_text() == "slow"
    fill(tmp_path / "model", "new")
    assert (tmp_path / "t.csv").read_text() == "slow"
    assert names(tmp_path) == [".other.0123456789ab.part", "model", "t.csv"]


def test_two_writers_of_one_directory_leave_the_work_of_the_last(tmp_path):
    with atomic_directory(tmp_path / "model") as slow:
        (slow / "a").write_text("slow")
        (slow / "deep").mkdir()
        (slow / "deep" / "b").write_text("slow")
        fill(tmp_path / "model", "fast")
        assert content(tmp_path / "model") == ("fast", "fast")
    assert content(tmp_path / "model") == ("slow", "slow")


def test_a_folder_where_a_file_is_to_be_written_is_refused(tmp_path):
    (tmp_path / "model").mkdir()
    with (
        pytest.raises(
            UsageError,
            match=r"^.*model is a folder, and a file is to be written there; "
            r"name a file$",
        ),
        atomic_file(tmp_path / "model"),
    ):
        pass


def test_a_file_where_a_folder_is_to_be_written_is_refused(tmp_path):
    (tmp_path / "model").touch()
    with (
        pytest.raises(
            UsageError,
            match=r"^.*model is a file, and a folder is to be written there; move it away$",
        ),
        atomic_directory(tmp_path / "model"),
    ):
        pass


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(
            UsageError,
            match=r"^.*t\.csv cannot be written: Not a directory; "
            r"choose another place, or make room there$",
        ),
        atomic_file(tmp_path / "file" / "deep" / "t.csv"),
    ):
        pass


# One interpreter forks a writer for each moment at which it may be killed: before the first call
# to the system that Python announces, before the second, and so on until one writer gets through.
_KILLED_EVERYWHERE = """
import json, os, signal, sys
from pathlib import Path
from moodtune import atomic
from moodtune.atomic import atomic_directory, atomic_file, recover_directory

place, kind, steps = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
if steps == "two":
    atomic._renameat2 = lambda: None
exchange = atomic._exchange


def put(text):
    if kind == "file":
        with atomic_file(place / "it") as work:
            work.write_text(text)
    else:
        with atomic_directory(place / "it") as work:
            for name in "ab":
                (work / name).write_text(text)


def found():
    recover_directory(place / "it")
    it = place / "it"
    return [it.read_text()] if kind == "file" else [(it / name).read_text() for name in "ab"]


def killed_at(moment):
    count = 0

    def announced(event, _):
        nonlocal count
        if event in EVENTS:
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

    def announced_exchange(one, other):
        sys.audit("moodtune.exchange")
        done = exchange(one, other)
        sys.audit("moodtune.exchange")
        return done

    atomic._exchange = announced_exchange
    sys.addaudithook(announced)
    put("new")


EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "os.listdir",
          "fcntl.flock", "shutil.rmtree", "moodtune.exchange"}
outcomes = []
for moment in range(1000):
    put("old")
    child = os.fork()
    if not child:
        killed_at(moment)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    outcomes.append(found())
    put("next")
    assert found() == ["next"] * len(outcomes[-1])
    assert sorted(os.listdir(place)) == ["it"], os.listdir(place)
    if status == 0:
        break
print(json.dumps(outcomes))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system starts no process by fork")
@pytest.mark.parametrize(("kind", "steps"), [("file", "one"), ("dir", "one"), ("dir", "two")])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path, kind, steps):
    run = subprocess.run(
        [sys.executable, "-c", _KILLED_EVERYWHERE, tmp_path, kind, steps],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    outcomes = json.loads(run.stdout)
    parts = 1 if kind == "file" else 2
    assert all(each in (["old"] * parts, ["new"] * parts) for each in outcomes)
    # The kills fell on both sides of the step that counts, or this would show nothing.
    assert outcomes[0] == ["old"] * parts
    assert outcomes[-1] == outcomes[-2] == ["new"] * parts
    assert len(outcomes) > 8


def test_a_directory_that_a_kill_left_aside_is_put_back(tmp_path):
    fill(tmp_path / ".model.aside", "old")
    recover_directory(tmp_path / "model")
    assert content(tmp_path / "model") == ("old", "old")
    assert names(tmp_path) == ["model"]


def test_a_directory_in_its_place_is_not_touched_by_recovery(tmp_path):
    fill(tmp_path / "model", "new")
    fill(tmp_path / ".model.aside", "old")
    recover_directory(tmp_path / "model")
    assert content(tmp_path / "model") == ("new", "new")
