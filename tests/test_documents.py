"""Everything that is written down runs: README's commands and its Python, the architecture."""

import io
import re
import shlex
import tomllib
from importlib import resources
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import moodtune as moodtune_package
from moodtune.seeding import derive

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    moodtune (.+)$", README.replace("\\\n", " "), re.MULTILINE)
#: These run until they are stopped, or need what does: ``tests/serving`` runs them.
SERVICE = {"serve", "reload", "token", "listener"}
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def workplace(trained, tmp_path_factory) -> Path:
    """A folder with the tables that README speaks of."""
    folder = tmp_path_factory.mktemp("readme")
    tracks = pl.read_csv(trained.tables.tracks).head(400)
    people = pl.read_csv(trained.tables.listeners).head(80)
    tracks.write_csv(folder / "tracks.csv")
    tracks.write_parquet(folder / "other.parquet")
    people.write_csv(folder / "survey.csv")
    people.tail(10).write_csv(folder / "new_people.csv")
    label_tables(tracks, folder)
    list_tables(tracks, folder)
    own = resources.files("moodtune.moods") / "moods.toml"
    (folder / "my_moods.toml").write_text(own.read_text(encoding="utf-8"), encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.append(people.columns)
    for row in people.iter_rows():
        book.active.append(row)
    book.save(folder / "survey.xlsx")
    return folder


def label_tables(tracks: pl.DataFrame, folder: Path) -> None:
    """Write labels as README names them, from what the columns suggest and chance."""
    chance = derive(7, "labels").normal(0, 0.2, (tracks.height, 2))
    valence, energy = tracks["valence"] + chance[:, 0], tracks["energy"] + chance[:, 1]
    still, glad = (energy < energy.median()), (valence > valence.median())
    moods = [
        ("Calm" if g else "Sad") if s else ("Happy" if g else "Energy")
        for s, g in zip(still, glad, strict=True)
    ]
    playlists = [f"{mood} {i % 3}" for i, mood in enumerate(moods)]
    tracks.with_columns(mood=pl.Series(moods), playlist=pl.Series(playlists)).write_csv(
        folder / "mood_playlists.csv"
    )
    tracks.with_columns(human_valence=valence, human_arousal=energy).write_csv(
        folder / "valence_arousal.csv"
    )


def list_tables(tracks: pl.DataFrame, folder: Path) -> None:
    """Write a list of ten tracks, and what was liked, played, shown and said of them."""
    ten = tracks.select("track_id").head(10)
    lists = ten.with_columns(list=pl.lit("a"), rank=pl.int_range(1, 11))
    lists.write_csv(folder / "lists.csv")
    ten.head(3).with_columns(list=pl.lit("a")).write_csv(folder / "relevant.csv")
    ten.head(2).write_csv(folder / "heard.csv")
    ten.head(2).write_csv(folder / "likes.csv")
    users = ten.with_columns(user=pl.Series(["ada", "bob"] * 5))
    users.write_parquet(folder / "listens.parquet")
    at = pl.lit("2026-11-22T18:30:00Z")
    ten.with_columns(at=at).write_csv(folder / "shown.csv")
    ten.select(
        key=pl.int_range(pl.len()).cast(pl.String),
        track_id="track_id",
        mood=pl.lit("calm"),
        action=pl.lit("like"),
        at=at,
    ).write_csv(folder / "feedback.csv")


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.split()[0] not in SERVICE])
def test_every_command_of_the_readme_runs(moodtune, monkeypatch, workplace, command):
    monkeypatch.chdir(workplace)
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n"))  # ask: an answer, then nothing more
    ended = moodtune(*shlex.split(command, comments=True))
    assert (ended.status, ended.stderr) == (0, "")


@pytest.mark.parametrize("block", PYTHON)
def test_the_python_of_the_readme_runs(monkeypatch, capsys, workplace, block):
    monkeypatch.chdir(workplace)
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 -- our own text, as a reader runs it
    assert len(capsys.readouterr().out.splitlines()) == 10


def test_the_readme_names_every_verb():
    from moodtune.terminal.app import app

    shown = [c for c in app.registered_commands if not c.hidden]
    verbs = {c.name or c.callback.__name__.replace("_", "-") for c in shown}
    verbs |= {group.typer_instance.info.name for group in app.registered_groups}
    assert verbs == {command.split()[0] for command in COMMANDS}


def test_the_architecture_draws_every_module_and_folder():
    drawing = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "moodtune"
    rooms = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in source.iterdir()
        if path.name not in ("__pycache__", "py.typed", "__main__.py")
    }
    assert {room for room in rooms if f"── {room}" not in drawing} == set()


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert moodtune_package.__version__ == project["version"]
