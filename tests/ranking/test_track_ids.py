"""Ids are found by fingerprint and confirmed word by word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.ranking import track_ids
from moodtune.ranking.track_ids import IdTable

some_ids = st.lists(st.text(st.characters(exclude_characters="\0"), max_size=40), max_size=30)


def table(ids):
    return IdTable.of(ids, np.arange(len(ids), dtype=np.int32))


def found(known, asked):
    answer = known.find(asked)
    return list(zip(answer.asked.tolist(), answer.rows.tolist(), strict=True))


@settings(max_examples=500, deadline=None)
@given(some_ids, some_ids)
def test_every_row_of_an_id_is_found_and_none_of_another(ids, others):
    asked = [*others, *ids]
    expected = [
        (i, row) for i, one in enumerate(asked) for row, other in enumerate(ids) if one == other
    ]
    assert sorted(found(table(ids), asked)) == expected


@settings(max_examples=500, deadline=None)
@given(some_ids, some_ids)
def test_ids_of_one_fingerprint_are_told_apart(ids, others):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(track_ids, "_MULTIPLIER", np.uint64(0))  # every fingerprint is 0
        test_every_row_of_an_id_is_found_and_none_of_another.hypothesis.inner_test(ids, others)


def test_long_ids_are_told_apart_by_their_ends_too():
    long = "x" * 5000
    known = table([long + "a", long + "b", "short"])
    assert found(known, [long + "b", long + "c", "short", long]) == [(0, 1), (2, 2)]


def test_nothing_is_found_in_nothing():
    assert found(table([]), ["a"]) == []
    assert found(table(["a"]), []) == []
