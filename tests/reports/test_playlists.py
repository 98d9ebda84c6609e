"""Lists as files: what players read, whatever the titles are."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from moodtune.reports.playlists import PlaylistTrack, to_csv, to_m3u8, to_xspf

XSPF = "{http://xspf.org/ns/0/}"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "xspf.rng"))

HERE = PlaylistTrack(
    track_id="t1", title="Über uns", artist="Łona, Webber", mood="calm", duration_ms=61_499,
    location="https://example.org/a?b=1&c=ü",
)  # fmt: skip
FILE = PlaylistTrack(track_id="t2", title="", artist="", location="/music/100% live #1.flac")
NOWHERE = PlaylistTrack(track_id="t3", title="<b>&amp;</b>", artist='"A" & B', duration_ms=0)

text = st.text(max_size=20)
tracks = st.lists(
    st.builds(
        PlaylistTrack, track_id=st.text(min_size=1, max_size=9), title=text, artist=text, mood=text,
        location=st.none() | text.map("/".__add__) | text.map("https://x/".__add__),
        duration_ms=st.none() | st.integers(0, 10**8),
    ),
    max_size=4,
)  # fmt: skip


def test_m3u8_has_a_line_of_words_and_a_line_of_place_for_each_track():
    said, left_out = to_m3u8("Late", [HERE, FILE])
    assert left_out == 0
    assert said.splitlines() == [
        "#EXTM3U",
        "#PLAYLIST:Late",
        "#EXTINF:61,Łona, Webber - Über uns",
        "https://example.org/a?b=1&c=ü",
        "#EXTINF:-1,t2",
        "/music/100% live #1.flac",
    ]


def test_m3u8_leaves_out_what_has_no_location_and_says_so():
    said, left_out = to_m3u8("Late", [HERE, NOWHERE])
    assert left_out == 1
    assert "# 1 track was left out: its location is not known\n" in said
    assert "&amp;" not in said
    said, left_out = to_m3u8("Late", [NOWHERE, NOWHERE])
    assert "# 2 tracks were left out: their locations are not known\n" in said


@given(text, tracks)
def test_no_title_and_no_path_makes_a_line_of_its_own_in_m3u8(name, found):
    said, left_out = to_m3u8(name, found)
    lines = said.splitlines()
    placed = [t for t in found if t.location is not None]
    assert left_out == len(found) - len(placed)
    assert len(lines) == 2 + bool(left_out) + 2 * len(placed)
    assert all(not line.startswith("#") for line in lines[len(lines) - 2 * len(placed) :][1::2])


def test_a_file_that_looks_like_a_comment_is_none():
    said, _ = to_m3u8("a", [PlaylistTrack(track_id="t", title="", artist="", location="#1.mp3")])
    assert said.endswith("\n./#1.mp3\n")


def test_xspf_names_each_track_and_where_it_is():
    root = etree.fromstring(to_xspf("Late & blue", [HERE, FILE, NOWHERE]).encode())
    assert SCHEMA.validate(root), SCHEMA.error_log
    assert root.findtext(f"{XSPF}title") == "Late & blue"
    first, second, third = root.iter(f"{XSPF}track")
    assert first.findtext(f"{XSPF}location") == "https://example.org/a?b=1&c=%C3%BC"
    assert first.findtext(f"{XSPF}creator") == "Łona, Webber"
    assert first.findtext(f"{XSPF}duration") == "61499"
    assert second.findtext(f"{XSPF}location") == "file:///music/100%25%20live%20%231.flac"
    assert third.find(f"{XSPF}location") is None
    assert third.findtext(f"{XSPF}title") == "<b>&amp;</b>"


@given(text, tracks)
def test_xspf_is_valid_against_its_schema_whatever_titles_are(name, found):
    root = etree.fromstring(to_xspf(name, found).encode("utf-8", "surrogatepass"))
    assert SCHEMA.validate(root), SCHEMA.error_log
    assert len(list(root.iter(f"{XSPF}track"))) == len(found)


def test_the_schema_of_this_test_refuses_what_is_no_playlist():
    wrong = etree.fromstring(f'<playlist version="1" xmlns="{XSPF[1:-1]}"><track/></playlist>')
    assert not SCHEMA.validate(wrong)


def test_csv_has_a_row_for_each_track_and_runs_no_formula():
    rows = list(
        csv.DictReader(
            io.StringIO(to_csv([HERE, PlaylistTrack(track_id="=1+1", title="a", artist="")]))
        )
    )
    assert [(r["rank"], r["track_id"], r["title"], r["duration_ms"]) for r in rows] == [
        ("1", "t1", "Über uns", "61499"),
        ("2", "'=1+1", "a", ""),
    ]


@pytest.mark.parametrize("write", [to_csv, lambda t: to_m3u8("a", t)[0], lambda t: to_xspf("a", t)])
def test_a_list_of_nothing_is_a_file_all_the_same(write):
    assert write([]).endswith("\n")
