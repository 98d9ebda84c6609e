"""An index that was kept as arrays answers as the one that it was made of, to the bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cruel_worlds import query_of, world, worlds
from moodtune.artifacts.arrays import decode_arrays, encode_arrays
from moodtune.errors import BundleError, QueryError
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.ranking.stored import arrays_of, index_of
from worlds import FIVE_HUNDRED
from worlds import index_of as world_of

JAZZ = {"genres": [["jazz"], []], "url": ["https://a.example/1", None], "explicit": [True, None]}


def index_of_arrays(index, arrays, tracks=None):
    return index_of(
        arrays,
        tracks or (lambda: index.tracks),
        taxonomy=index.taxonomy,
        song_model=index.song_model,
        scores=index.scores,
    )


def kept(index, **changes):
    """The index out of the bytes of a file."""
    data = b"".join(encode_arrays(arrays_of(index)))
    return index_of_arrays(index, decode_arrays(data, "index") | changes)


def answer(index, query):
    try:
        return recommend(index, query)
    except QueryError as error:
        return str(error)


@FIVE_HUNDRED
@given(worlds, st.sampled_from([{}, {"likes": ("t00",)}, {"exclude_songs": (("song 1", "A"),)}]))
def test_the_same_lists_notes_and_reasons_whatever_is_asked(drawn, more):
    index = world(drawn)
    query = query_of(drawn, **more)
    assert answer(kept(index), query) == answer(index, query)


def test_nothing_is_asked_of_the_frame_where_songs_and_likes_are_not_named():
    index = world_of([(0.7, 0.1, 0.1, 0.1)] * 2, **JAZZ)

    def tracks():
        raise AssertionError("the frame was read")

    lazy = index_of_arrays(index, arrays_of(index), tracks)
    query = Query(mood="still", n=2, genres=("jazz",), exclude=("t01",))
    assert [one.track_id for one in recommend(lazy, query).recommendations] == ["t00"]
    with pytest.raises(AssertionError, match="frame"):
        recommend(lazy, Query(mood="still", exclude_songs=(("a", "b"),)))


def test_the_columns_of_a_catalog_without_columns_are_none():
    index = kept(world_of([(0.7, 0.1, 0.1, 0.1)]))
    assert not index.columns.has("genres")
    assert index.columns.urls is None
    assert index.columns.genres.names == ()
    assert index.columns.titles[0] == index.tracks["title"][0]


@pytest.mark.parametrize(
    ("name", "array", "why"),
    [
        ("leading", np.zeros(2, "i4"), "leading is int32 with 1 axes"),
        ("leading", np.zeros((2, 1), "i2"), "leading is int16 with 2 axes"),
        ("leading", np.zeros(3, "i2"), "leading is of 3, expected 2"),
        ("block_rows", np.zeros(3, "i4"), "block_rows is of 3, expected 2"),
        ("block_highest", np.zeros((3, 1), "f4"), "block_highest is of 3, expected 4"),
        ("block_starts", np.zeros(9, "i8"), "block_.* is of .*, expected .*"),
        ("block_starts", np.array([0, 1, 7]), "block_starts do not go from 0 to its end"),
        ("titles_starts", np.array([0, 1, 1000]), "titles_starts do not go from 0 to its end"),
        ("artists_codes", np.zeros(0, "i4"), "artists_starts do not go from 0 to its end"),
        ("other", np.zeros(1), "these arrays or no such: other"),
        ("columns", np.zeros(1), "does not name its columns"),
        ("genre_names_starts", np.zeros(9, "i8"), "genre_names_blank is of 1, expected 8"),
        ("columns", np.array(["year"]), "these arrays or no such: .*number_year"),
    ],
)
def test_arrays_that_are_no_index_are_refused(name, array, why):
    index = world_of([(0.7, 0.1, 0.1, 0.1), (0.1, 0.7, 0.1, 0.1)], **JAZZ)
    with pytest.raises(ValueError, match=f"^the index('s)? .*{why}"):
        kept(index, **{name: array})


def test_values_that_are_no_numbers_end_in_a_sentence_and_not_in_a_search_without_end():
    index = world_of([(0.7, 0.1, 0.1, 0.1)] * 1000)
    bad = np.full((4, 1000), np.nan, "f4")
    with pytest.raises(BundleError, match="the index is damaged: it has values that are no numb"):
        recommend(kept(index, block_probabilities=bad), Query(mood="still"))


@pytest.mark.parametrize("genres", [[["jazz"], []], [[], []], [["jazz\0"], ["", "x" * 999]]])
@pytest.mark.parametrize("asked", [("",), ("jazz",), ("jazz\0",), ("x" * 999, "none")])
def test_genres_are_found_by_whatever_names_they_have(genres, asked):
    index = world_of([(0.7, 0.1, 0.1, 0.1)] * 2, genres=genres)
    query = Query(mood="still", genres=asked)
    assert recommend(kept(index), query) == recommend(index, query)


def test_an_index_does_not_answer_with_other_scores():
    index = kept(world_of([(0.7, 0.1, 0.1, 0.1)] * 2))
    with pytest.raises(ValueError, match="an index of other scores"):
        replace(index, scores=replace(index.scores))


def test_an_array_that_lacks_is_named():
    index = world_of([(0.7, 0.1, 0.1, 0.1)])
    arrays = arrays_of(index)
    del arrays["features"]
    with pytest.raises(ValueError, match="no such: features"):
        index_of_arrays(index, arrays)
