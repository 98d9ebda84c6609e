"""Lists from tables to figures: what is read, what is counted, and every figure by hand."""

from dataclasses import replace
from math import log2, nan

import numpy as np
import polars as pl
import pytest

from moodtune.errors import ColumnError, TableError, TooLittleDataError, UsageError
from moodtune.evaluation.list_evaluation import PER_LIST, evaluate_lists
from moodtune.evaluation.list_tables import RankedLists, read_lists, read_relevant
from moodtune.preferences.histories import read_histories
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.variety import list_similarity
from moodtune.reports.list_report import MEANINGS, to_markdown, write_list_evaluation
from moodtune.tables.reading import read_table
from worlds import index_of

LISTS = """list,rank,track_id,mood,listener,at
late,1,t00,still,ann,2026-02-01
late,2,t02,still,ann,2026-02-01
early,1,t00,still,ann,2026-01-01
early,2,t01,wild,ann,2026-01-01
early,3,other-1,wild,ann,2026-01-01
bob's,2,t03,wild,bob,2026-01-15
bob's,1,gone,wild,bob,2026-01-15
"""
RELEVANT = """list,track_id
early,t01
early,t05
early,gone
late,t02
late,t02
nobody's,t01
"""


@pytest.fixture
def index():
    """Two still tracks by A, four wild ones; the second has another id, two have no popularity."""
    made = index_of(
        [[1, 0, 0, 0]] * 2 + [[0, 1, 0, 0]] * 4,
        artists=[["A"], ["A"], ["B"], ["C"], ["D"], ["E"]],
        popularity=[100, 0, 0, None, None, 50],
    )
    others = pl.Series("alternative_ids", [[], ["other-1"], [], [], [], []])
    return replace(made, columns=TrackColumns.of(made.tracks.with_columns(others)))


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def evaluated(index, written):
    lists = read_lists(written("lists.csv", LISTS), index.tracks)
    relevant = read_relevant(written("relevant.csv", RELEVANT), lists, index.tracks)
    return evaluate_lists(index, lists, relevant)


def test_lists_are_read_by_rank_and_in_the_order_they_were_made(index, written):
    lists = read_lists(written("lists.csv", LISTS), index.tracks)
    assert lists.names == ("early", "bob's", "late")
    # t01 and other-1 are one song; what the catalog lacks keeps its place.
    assert lists.rows.tolist() == [[0, 1, -1], [-1, 3, -1], [0, 2, -1]]
    assert lists.lengths.tolist() == [3, 2, 2]
    assert lists.listeners == ("ann", "bob", "ann")
    assert lists.moods == (("still", "wild", "wild"), ("wild", "wild"), ("still", "still"))
    assert lists.counts == {"places": 7, "not_in_catalog": 1, "repeated_in_list": 1}


def test_only_so_many_places_count_as_are_asked_for(index, written):
    lists = read_lists(written("lists.csv", LISTS), index.tracks, at=1)
    assert lists.rows.tolist() == [[0], [-1], [0]]
    assert lists.counts["places"] == 3


def test_lists_of_one_day_are_in_the_order_of_their_moments_however_written(index, written):
    rows = ["c,2026-01-01T10:00:01Z", "a,2026-01-01", "d,", "b,2026-01-01t10:00:00.25z"]
    text = "list,rank,track_id,at\n" + "".join(f"{r[0]},1,t00{r[1:]}\n" for r in rows)
    assert read_lists(written("lists.csv", text), index.tracks).names == ("a", "b", "c", "d")


def test_without_dates_lists_are_in_the_order_of_the_table(index, written):
    bare = "List,Rank,id\nz,1,t00\na,1,t01\n"
    lists = read_lists(written("lists.csv", bare), index.tracks)
    assert (lists.names, lists.moods, lists.listeners) == (("z", "a"), None, None)


def test_relevant_tracks_are_counted_where_they_fit_nowhere(index, written):
    lists = read_lists(written("lists.csv", LISTS), index.tracks)
    relevant = read_relevant(written("relevant.csv", RELEVANT), lists, index.tracks)
    assert [rows.tolist() for rows in relevant.rows] == [[1, 5], [], [2]]
    assert relevant.counts == {
        "relevant": 6,
        "relevant_of_no_list": 1,
        "relevant_not_in_catalog": 1,
    }


def test_every_figure_of_every_list_is_what_a_hand_finds(evaluated, index):
    found = {name: values.tolist() for name, values in evaluated.per_list.items()}
    assert tuple(found) == PER_LIST == tuple(MEANINGS)
    early_and_late = list_similarity(index, [0, 1]), list_similarity(index, [0, 2])
    expected = {
        "ndcg": [(1 / log2(3)) / (1 + 1 / log2(3)), nan, 1 / log2(3)],
        "recall": [1 / 2, nan, 1],
        "hit_rate": [1, nan, 1],
        "coverage": [2 / 6, 1 / 6, 2 / 6],
        "artist_gini": [0, 0, 0],
        "similarity": [early_and_late[0], nan, early_and_late[1]],
        "novelty": [log2(101) / 2, nan, log2(101) / 2],
        "mood_distance": [2 / 3, 0, 1 / 2],
        "repeat_rate": [nan, nan, 1 / 2],
    }
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, nan_ok=True), name


def test_means_are_over_the_lists_that_have_a_figure(evaluated):
    means = evaluated.evaluation.means
    assert means["recall"].figure.value == pytest.approx(0.75)
    assert {name: mean.lists for name, mean in means.items()} == {
        "ndcg": 2, "recall": 2, "hit_rate": 2, "coverage": 3, "artist_gini": 3,
        "similarity": 2, "novelty": 2, "mood_distance": 3, "repeat_rate": 1,
    }  # fmt: skip
    assert means["recall"].figure.low <= 0.75 <= means["recall"].figure.high
    assert means["hit_rate"].figure.low == means["hit_rate"].figure.high == 1


def test_all_lists_as_one_cover_the_union_and_share_out_among_all_artists(evaluated):
    together = evaluated.evaluation.together
    assert together["coverage"].value == pytest.approx(4 / 6)
    counts = [0, 0, 1, 1, 3]  # of E, D, C, B and A, ascending
    gini = sum((2 * i - 6) * n for i, n in enumerate(counts, start=1)) / (5 * 5)
    assert together["artist_gini"].value == pytest.approx(gini)


def test_intervals_are_drawn_by_listener_where_there_are_some(evaluated):
    found = evaluated.evaluation
    assert (found.interval_by, found.lists, found.at, found.novelty_from) == (
        "listener", 3, 3, "popularity",
    )  # fmt: skip
    assert found.notes == (
        "1 of 3 lists have nothing relevant in the catalog, and so no nDCG, recall and hit rate",
    )


def test_histories_say_what_is_new_where_they_are_given(index, written):
    histories = "user,track_id\n" + "\n".join(f"u{i},t00" for i in range(4)) + "\nu0,t01\n"
    lists = read_lists(written("lists.csv", "list,rank,track_id\na,1,t00\na,2,t01\n"), index.tracks)
    relevant = read_relevant(written("r.csv", "list,track_id\na,t00\n"), lists, index.tracks)
    found = evaluate_lists(
        index,
        lists,
        relevant,
        histories=read_histories(written("h.csv", histories), index.tracks),
    )
    assert found.evaluation.novelty_from == "histories"
    assert found.per_list["novelty"].tolist() == [(0 + 2) / 2]
    assert found.evaluation.interval_by == "list"
    assert found.evaluation.notes == (
        "the lists have no column mood: no list has a mood distance",
        "the lists have no column listener: no list has a repeat rate",
        "there is one list: the intervals say nothing",
    )


def test_a_phrase_asks_for_the_mix_of_its_listener_mood(index, written):
    text = "list,rank,track_id,mood\na,1,t00,unwind\na,2,t01,unwind\n"
    lists = read_lists(written("lists.csv", text), index.tracks)
    relevant = read_relevant(written("r.csv", "list,track_id\na,t00\n"), lists, index.tracks)
    assert evaluate_lists(index, lists, relevant).per_list["mood_distance"].tolist() == [0.25]


def test_the_same_lists_have_the_same_figures_in_whatever_order_the_rows_are(index, written):
    head, *rows = LISTS.splitlines()
    turned = "\n".join([head, *reversed(rows)])
    found = []
    for name, text in (("a.csv", LISTS), ("b.csv", turned)):
        lists = read_lists(written(name, text), index.tracks)
        relevant = read_relevant(written("r.csv", RELEVANT), lists, index.tracks)
        found.append(evaluate_lists(index, lists, relevant).evaluation.to_json())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("rank,track_id\n1,t00\n", ColumnError, "lists.csv: expected a column 'list', and there is none; its columns are: rank, track_id"),
        ("list,track_id\na,t00\n", ColumnError, "lists.csv: expected a column 'rank', and there is none; its columns are: list, track_id"),
        ("list,rank,track_id\na,1,t00\na,x,t01\n", TableError, "lists.csv row 2: expected the name of a list and a rank that is a whole number from 1"),
        ("list,rank,track_id\na,0,t00\n", TableError, "lists.csv row 1: expected the name of a list and a rank that is a whole number from 1"),
        ("list,rank,track_id\na,1.5,t00\n", TableError, "lists.csv row 1: expected the name of a list and a rank that is a whole number from 1"),
        ("list,rank,track_id\na,1,t00\na,1,t01\n", TableError, "lists.csv: the list 'a' has the rank 1 twice; give each track a rank of its own"),
        ("list,rank,track_id,at\na,1,t00,2026-01-01\na,2,t01,1/2/2026\n", TableError, "lists.csv row 2: at must be a day or a moment in UTC, as in 2026-11-23 or 2026-11-23T18:30:00Z, got '1/2/2026'"),
        ("list,rank,track_id\na,1,spotify:t00\na,2,\n", TableError, "lists.csv: none of its 2 rows names a track of the catalog; check that both have the same kind of track id"),
        ("list,rank,track_id,listener\na,1,t00,ann\na,2,t01,bob\n", TableError, "lists.csv: the list 'a' is of one listener in some rows and of another or none in others; say in every row whose list it is"),
    ],
)  # fmt: skip
def test_a_table_of_lists_that_cannot_be_is_refused(index, written, text, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        read_lists(written("lists.csv", text), index.tracks)


def test_relevant_tracks_of_other_lists_are_refused(index, written):
    lists = read_lists(written("lists.csv", LISTS), index.tracks)
    with pytest.raises(
        TableError,
        match=r"^r\.csv: none of its rows names one of the 3 lists; check that both tables name the lists alike$",
    ):
        read_relevant(written("r.csv", "list,track_id\nx,t00\n"), lists, index.tracks)
    with pytest.raises(
        ColumnError,
        match=r"^r\.csv: expected a column 'list', and there is none; its columns are: track_id$",
    ):
        read_relevant(written("r.csv", "track_id\nt00\n"), lists, index.tracks)


def test_a_mood_that_the_model_has_not_is_refused(index, written):
    text = "list,rank,track_id,mood\na,1,t00,stil\n"
    lists = read_lists(written("lists.csv", text), index.tracks)
    relevant = read_relevant(written("r.csv", "list,track_id\na,t00\n"), lists, index.tracks)
    with pytest.raises(
        UsageError,
        match=r"^the lists were asked for the mood 'stil', which the model has not; its moods are still, wild, glad, spoken$",
    ):
        evaluate_lists(index, lists, relevant)


def test_no_list_at_all_is_refused(index, evaluated):
    none = RankedLists(names=(), rows=np.empty((0, 0), np.int64), lengths=np.empty(0, np.int64))
    with pytest.raises(TooLittleDataError, match=r"^there is no list to evaluate$"):
        evaluate_lists(index, none, None)
    assert evaluated.evaluation.lists == 3


def test_what_is_written_reads_back(evaluated, tmp_path):
    paths = write_list_evaluation(tmp_path, evaluated)
    assert [path.name for path in paths] == [
        "list_evaluation.json", "list_evaluation.md", "list_figures.csv",
    ]  # fmt: skip
    assert paths[0].read_bytes() == evaluated.evaluation.to_json()
    table = read_table(paths[2]).frame
    assert table["list"].to_list() == ["early", "bob's", "late"]
    assert table.columns == ["list", *PER_LIST]
    page = paths[1].read_text(encoding="utf-8")
    assert page == to_markdown(evaluated.evaluation)
    recall = evaluated.evaluation.means["recall"].figure
    assert f"| recall | {recall.value:.4f} [{recall.low:.4f}, {recall.high:.4f}] | 2 |" in page
