"""Text from tables is data, never markup, wherever a person meets it."""

import json

import polars as pl
import pytest

from moodtune.tables.reading import read_table

HOSTILE = [
    "=LOVE()",
    "+1 for you",
    "A$B$C",
    "[bold]x[/bold]",
    "<img src=x onerror=alert(1)>",
    "a\x1b[31mred\x07",
    "right\u202eleft",
    "| pipe | `tick` |",
    ":smile: {braces} %s \\n",
    "'quoted",
]
#: How each comes out where control and direction characters would act.
SHOWN = [
    title.replace("\x1b", r"\x1b").replace("\x07", r"\x07").replace("\u202e", r"\u202e")
    for title in HOSTILE
]


@pytest.fixture(scope="module")
def out(trained, tmp_path_factory):
    """A training in which every title, artist and genre of the sample is hostile."""
    from moodtune.pipeline import train, write

    folder = tmp_path_factory.mktemp("hostile")
    tracks = pl.read_csv(trained.tables.tracks).head(200)
    titles = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(tracks.height)]
    tracks = tracks.with_columns(
        pl.Series("track_name", titles),
        pl.Series("artists", [f"{HOSTILE[i % len(HOSTILE)]}{i}" for i in range(tracks.height)]),
        track_genre=pl.lit(HOSTILE[4]),
    )
    tracks.write_parquet(folder / "tracks.parquet")
    write(train(folder / "tracks.parquet"), folder / "out", figures=False)
    return folder / "out"


def test_the_terminal_shows_titles_as_they_are_and_control_characters_escaped(moodtune, out):
    said = moodtune("recommend", "--model", out / "model", "--mood", "happy", "-n", 200).stdout
    assert not set(said) & {"\x1b", "\x07", "\u202e"}
    for title in SHOWN:
        assert title in said


def test_json_holds_titles_as_they_are(moodtune, out):
    ended = moodtune("recommend", "--model", out / "model", "--mood", "happy", "-n", 200, "--json")
    titles = [r["title"] for r in json.loads(ended.stdout)["recommendations"]]
    for title in HOSTILE:
        assert any(found.startswith(title) for found in titles)


def test_csv_for_people_guards_formulas_and_readers_undo_it(out):
    raw = (out / "clustered_songs.csv").read_text(encoding="utf-8")
    assert ",'=LOVE() " in raw
    assert ",=LOVE() " not in raw
    assert not set(raw) & {"\x1b", "\x07"}
    names = read_table(out / "clustered_songs.csv").frame["name"].to_list()
    for title in HOSTILE:
        escaped = title.replace("\x1b", r"\x1b").replace("\x07", r"\x07")
        assert any(name.startswith(escaped) for name in names)


def test_the_report_shows_no_markup_of_theirs(out):
    page = (out / "report.md").read_text(encoding="utf-8")
    assert "<img" not in page
    assert not set(page) & {"\x1b", "\x07", "\u202e"}


def test_errors_show_what_a_table_says_and_do_not_obey_it(moodtune, tmp_path):
    (tmp_path / "t\x1b[31m.csv").write_text("a\x1b[31m,b\n1,2\n", encoding="utf-8")
    ended = moodtune("inspect", tmp_path / "t\x1b[31m.csv")
    assert "\x1b" not in ended.stdout + ended.stderr
    ended = moodtune("train", "--catalog", tmp_path / "t\x1b[31m.csv", "--out", tmp_path / "o")
    assert ended.status == 3
    assert "\x1b" not in ended.stderr
