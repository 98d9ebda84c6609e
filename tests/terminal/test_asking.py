"""Options of recommend: read from what people type, and the same as in the library."""

import json

import msgspec
import polars as pl
import pytest

from moodtune.errors import TableError, UsageError
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.terminal.asking import parse_blend, parse_range, parse_years, read_exclusions

BLEND = {"melancholy": 0.6, "calm": 0.4}


def test_a_blend_is_read_with_or_without_spaces():
    assert parse_blend("melancholy=.6, calm = 0.4") == BLEND


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("melancholy", r"--blend: expected MOOD=SHARE, as in melancholy=\.6,calm=\.4, got 'melancholy'"),
        ("calm=x", r"--blend: expected MOOD=SHARE, as in melancholy=\.6,calm=\.4, got 'calm=x'"),
        ("calm=nan", r"--blend: expected MOOD=SHARE, as in melancholy=\.6,calm=\.4, got 'calm=nan'"),
        ("=1", r"--blend: expected MOOD=SHARE, as in melancholy=\.6,calm=\.4, got '=1'"),
        ("calm=1,", r"--blend: expected MOOD=SHARE, as in melancholy=\.6,calm=\.4, got ''"),
        ("calm=1,calm=2", "--blend: calm is named twice; give each mood one share"),
    ],
)  # fmt: skip
def test_a_blend_that_cannot_be_read_is_refused_in_a_sentence(text, message):
    with pytest.raises(UsageError, match=f"^{message}$"):
        parse_blend(text)


def test_ranges_are_read():
    assert parse_range("--tempo", " 90 - 120.5") == (90, 120.5)
    assert parse_years("1970-1999") == (1970, 1999)
    assert parse_years("1984") == (1984, 1984)


@pytest.mark.parametrize("text", ["", "90", "90-", "-90", "slow-fast", "90-120-150", "90..120"])
def test_a_range_that_cannot_be_read_is_refused_in_a_sentence(text):
    with pytest.raises(
        UsageError, match=f"^--tempo: expected two numbers, as in 90-120, got '{text}'$"
    ):
        parse_range("--tempo", text)


def test_half_years_are_refused():
    with pytest.raises(
        UsageError, match=r"^--year: expected whole years, as in 1970-1999, got '1970\.5-1999'$"
    ):
        parse_years("1970.5-1999")


def test_exclusions_are_read_by_id_and_by_song(tmp_path):
    table = tmp_path / "heard.csv"
    table.write_text("track_id\nspotify:track:abc\nabc\n\nxyz\n")
    assert read_exclusions(table) == (("abc", "xyz"), ())
    table.write_text("title,artist\nOne,A\nTwo,A;B\nThree,\n,C\n")
    assert read_exclusions(table) == ((), (("One", "A"), ("Two", "A;B")))
    table.write_text("id,title,artist\nabc,One,A\n,Two,B\n")
    assert read_exclusions(table) == (("abc",), (("One", "A"), ("Two", "B")))


def test_a_table_of_exclusions_with_nothing_in_it_yet_leaves_nothing_out(tmp_path):
    table = tmp_path / "heard.csv"
    table.write_text("track_id\n")
    assert read_exclusions(table) == ((), ())
    table.write_text("title,artist\n")
    assert read_exclusions(table) == ((), ())


def test_exclusions_without_the_columns_are_refused_in_a_sentence(tmp_path):
    table = tmp_path / "heard.csv"
    table.write_text("title,when\nOne,today\n")
    message = (
        "^heard.csv: expected a column track_id, or the columns title and artist, to know which "
        "songs to leave out; its columns are: title, when$"
    )
    with pytest.raises(TableError, match=message):
        read_exclusions(table)


@pytest.fixture(scope="module")
def songs(trained):
    """What is listed without limits, to exclude some of it."""
    return recommend(trained.bundle.index, Query(blend=BLEND)).recommendations


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ([], {}),
        (["-n", "25"], {"n": 25}),
        (["--genre", "{g0}", "--genre", "{g1}"], {"genres": ("{g0}", "{g1}")}),
        (["--not-genre", "{g0}"], {"not_genres": ("{g0}",)}),
        (["--artist-cap", "1"], {"artist_cap": 1}),
        (["--artist-gap", "5", "-n", "50"], {"artist_gap": 5, "n": 50}),
        (["--year", "1970-1999"], {"year": (1970, 1999)}),
        (["--no-explicit"], {"no_explicit": True}),
        (["--tempo", "90-120"], {"tempo": (90.0, 120.0)}),
        (["--max-popularity", "40"], {"max_popularity": 40.0}),
        (["--diversity", ".3"], {"diversity": 0.3}),
        (["--minutes", "45"], {"minutes": 45.0}),
        (["--seed", "3"], {"seed": 3}),
    ],
)
def test_an_option_gives_what_the_library_gives(moodtune, trained, options, query):
    genres = trained.bundle.index.columns.genres.names
    names = {"g0": genres[0], "g1": genres[1]}
    asked = [option.format(**names) for option in options]
    values = {
        k: tuple(str(x).format(**names) for x in v) if k.endswith("genres") else v
        for k, v in query.items()
    }
    ended = moodtune(
        "recommend", "--model", trained.model, "--blend", "melancholy=.6,calm=.4", *asked, "--json"
    )
    assert (ended.status, ended.stderr) == (0, "")
    answer = recommend(trained.bundle.index, Query(blend=BLEND, **values))
    assert json.loads(ended.stdout) == json.loads(msgspec.json.encode(answer))
    assert answer.recommendations


def test_excluded_songs_are_gone_by_id_and_by_title(moodtune, trained, songs, tmp_path):
    by_id, by_song = tmp_path / "ids.csv", tmp_path / "songs.csv"
    pl.DataFrame({"track_id": [r.track_id for r in songs[:5]]}).write_csv(by_id)
    pl.DataFrame(
        {
            "title": [r.title for r in songs[:5]],
            "artist": [r.artist.replace(", ", ";") for r in songs[:5]],
        }
    ).write_csv(by_song)
    listed = []
    for table in (by_id, by_song):
        ended = moodtune(
            "recommend", "--model", trained.model, "--blend", "melancholy=.6,calm=.4",
            "--exclude", table, "--json",
        )  # fmt: skip
        assert (ended.status, ended.stderr) == (0, "")
        listed.append([r["track_id"] for r in json.loads(ended.stdout)["recommendations"]])
    excluded = tuple(r.track_id for r in songs[:5])
    expected = recommend(trained.bundle.index, Query(blend=BLEND, exclude=excluded))
    assert listed == [[r.track_id for r in expected.recommendations]] * 2
    assert not set(excluded) & set(listed[0])


def test_text_shows_what_diversity_cost(moodtune, trained):
    ended = moodtune("recommend", "--model", trained.model, "--mood", "calm", "--diversity", ".5")
    spread = recommend(trained.bundle.index, Query(mood="calm", diversity=0.5)).spread
    assert (
        f"similarity of the tracks {spread.similarity:.3f} "
        f"({spread.similarity_without:.3f} without diversity), mean fit {spread.fit:.3f} "
        f"({spread.fit_without:.3f} without diversity)"
    ) in ended.stdout
