"""Tables of histories and likes become rows of the catalog, and nothing disappears."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.errors import ColumnError, TableError
from moodtune.preferences.histories import likes_of, read_histories, read_likes
from worlds import FIVE_HUNDRED, tracks_frame

TRACKS = tracks_frame(4, alternative_ids=[[], ["x1", "x2"], [], []])


def written(folder, text, name="listens.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def as_lists(histories):
    return [histories.of(i).tolist() for i in range(len(histories))]


def test_each_listener_has_the_rows_of_what_they_played(tmp_path):
    path = written(tmp_path, "user,track_id\nbob,t03\nann,t01\nbob,t00\n")
    assert as_lists(read_histories(path, TRACKS)) == [[1], [0, 3]]


def test_every_row_is_kept_or_counted(tmp_path):
    rows = ["ann,t01", "ann,x2", "ann,t01", "ann,nope", ",t02", "ann,", "bob,t00"]
    found = read_histories(written(tmp_path, "\n".join(["user,track_id", *rows])), TRACKS)
    assert as_lists(found) == [[1], [0]]
    counts = found.counts
    assert (counts.n_read, counts.n_blank, counts.n_unknown, counts.n_repeated) == (7, 2, 1, 2)
    assert counts.n_read == len(found.rows) + 2 + 1 + 2


def test_another_id_of_a_song_is_the_song(tmp_path):
    path = written(tmp_path, "user,track_id\nann,x1\nbob,t01\n")
    assert as_lists(read_histories(path, TRACKS)) == [[1], [1]]


def test_columns_go_by_the_names_people_give_them(tmp_path):
    path = written(tmp_path, "count,User ID,Track URI\n3,ann,spotify:track:t02\n")
    assert as_lists(read_histories(path, TRACKS)) == [[2]]


def test_parquet_with_numbers_for_users_is_read_the_same(tmp_path):
    frame = pl.DataFrame({"user": [7, 7, 3], "track_id": ["t00", "t02", "t01"]})
    frame.write_parquet(tmp_path / "listens.parquet")
    assert as_lists(read_histories(tmp_path / "listens.parquet", TRACKS)) == [[1], [0, 2]]


pairs = st.tuples(st.sampled_from("abc"), st.sampled_from(["t00", "t01", "x1", "x2", "t03", "no"]))


@FIVE_HUNDRED
@given(st.lists(pairs, min_size=1, max_size=9), st.randoms())
def test_the_order_of_rows_makes_no_difference(rows, chance):
    played = {"t00": 0, "t01": 1, "x1": 1, "x2": 1, "t03": 3}
    known = sorted({(user, played[track]) for user, track in rows if track in played})
    expected = [[row for user, row in known if user == one] for one in "abc"]
    chance.shuffle(rows)
    if known:
        assert as_lists(read_histories_of(rows)) == [mine for mine in expected if mine]


def test_a_table_without_users_is_refused(tmp_path):
    path = written(tmp_path, "who,track_id\nann,t00\n")
    message = (
        "listens.csv: expected a column 'user' that says whose history each row is, and there is "
        "none; its columns are: who, track_id"
    )
    with pytest.raises(ColumnError, match=f"^{re.escape(message)}$"):
        read_histories(path, TRACKS)


def test_a_table_without_track_ids_is_refused(tmp_path):
    path = written(tmp_path, "user,track name\nann,Song 1\n")
    message = (
        "listens.csv: expected a column 'track_id', and there is none; "
        "its columns are: user, track name"
    )
    with pytest.raises(ColumnError, match=f"^{re.escape(message)}$"):
        read_histories(path, TRACKS)


def test_histories_of_other_tracks_altogether_are_refused(tmp_path):
    path = written(tmp_path, "user,track_id\nann,a\nbob,b\n")
    message = (
        "listens.csv: none of its 2 rows names a track of the catalog; "
        "check that both have the same kind of track id"
    )
    with pytest.raises(TableError, match=f"^{re.escape(message)}$"):
        read_histories(path, TRACKS)


def test_keeping_some_rows_keeps_every_listener():
    histories = read_histories_of([("ann", "t00"), ("ann", "t01"), ("bob", "t02")])
    kept = histories.keep(np.array([False, True, False]))
    assert as_lists(kept) == [[1], []]
    assert histories.listeners.tolist() == [0, 0, 1]


def read_histories_of(pairs):
    from moodtune.preferences.histories import histories_of
    from moodtune.tables.table import Table

    frame = pl.DataFrame(pairs, schema=["user", "track_id"], orient="row")
    return histories_of(Table(name="pairs", sha256="", frame=frame, kind="csv"), TRACKS)


def test_likes_are_read_and_counted(tmp_path):
    path = written(tmp_path, "note,track_id\na,t03\nb,x1\nc,x2\nd,gone\n", "likes.csv")
    likes = read_likes(path, TRACKS)
    assert likes.rows.tolist() == [1, 3]
    counts = likes.counts
    assert (counts.n_read, counts.n_unknown, counts.n_repeated) == (4, 1, 1)


def test_a_table_of_likes_without_ids_is_refused(tmp_path):
    path = written(tmp_path, "title\nSong 1\n", "likes.csv")
    message = "likes.csv: expected a column 'track_id', and there is none; its columns are: title"
    with pytest.raises(ColumnError, match=f"^{re.escape(message)}$"):
        read_likes(path, TRACKS)


def test_likes_that_the_catalog_does_not_have_are_no_likes():
    likes = likes_of(["gone", "nope"], TRACKS)
    assert len(likes) == 0
    assert likes.counts.n_unknown == 2


def test_no_likes_are_no_likes():
    assert likes_of([], TRACKS).rows.tolist() == []
