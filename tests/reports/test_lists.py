"""Recommendations as tables for people."""

import csv
import io

import pytest

from moodtune.preferences.events import ShownEvent
from moodtune.ranking.query import Mix, Query, Recommendation, Recommendations, Spread
from moodtune.ranking.recommending import recommend
from moodtune.ranking.score_parts import PARTS
from moodtune.reports.lists import to_csv
from worlds import index_of

HEADER = (
    "rank,track_id,title,artist,mood,score,why,url,instead_of,mood fit,waypoint fit,"
    "rest of the mix,mood at the ends,taste,feedback,freshness,other,diversity,shown_days_ago,"
    "beside_rank,beside_track_id,similarity"
)
BLANK = 13 * ","  # what nobody gave a number for
SHOWN = (ShownEvent(track_id="t01", at="2026-11-22T08:00:00Z"),)
TITLES = ("=LOVE", "red \x1b[31m\x07", "שלום, نور")


def test_a_list_as_csv_is_guarded_and_has_no_control_characters():
    answer = Recommendations(
        query=Query(mood="calm"),
        listener_profile=None,
        profile={"calm": 1.0},
        recommendations=tuple(
            Recommendation(
                rank=n,
                track_id=f"t{n}",
                title=t,
                artist="A",
                mood="calm",
                valence=0.5,
                arousal=0.5,
                score=0.5,
                why="-",
            )
            for n, t in enumerate(TITLES, start=1)
        ),
        mix=Mix(given={"calm": 1.0}, l1=0, kl=0),
        spread=Spread(similarity=None, fit=None),
    )
    assert to_csv(answer).splitlines() == [
        HEADER,
        "1,t1,'=LOVE,A,calm,0.5,'-,," + BLANK,
        "2,t2,red \\x1b[31m\\x07,A,calm,0.5,'-,," + BLANK,
        '3,t3,"שלום, نور",A,calm,0.5,\'-,,' + BLANK,
    ]


def test_the_numbers_of_a_list_have_columns_of_their_own():
    index = index_of([[0.9, 0.1, 0, 0], [0.8, 0.2, 0, 0]])
    query = Query(mood="still", n=2, diversity=0.5, today="2026-11-23", shown=SHOWN)
    answer = recommend(index, query)
    rows = list(csv.DictReader(io.StringIO(to_csv(answer))))
    for row, told in zip(rows, answer.recommendations, strict=True):
        given = {part: float(row[part]) for part in PARTS if row[part]}
        assert given == dict(told.parts)
        assert sum(given.values()) == pytest.approx(float(row["score"]), abs=5e-6)
    assert [row["shown_days_ago"] for row in rows] == ["", "1"]
    assert [row["beside_rank"] for row in rows] == ["", "1"]
    assert [row["beside_track_id"] for row in rows] == ["", "t00"]
    assert float(rows[1]["similarity"]) == answer.recommendations[1].beside.similarity


def test_an_empty_list_has_the_same_header():
    assert to_csv(recommend(index_of([]), Query(mood="still"))) == HEADER + "\n"
