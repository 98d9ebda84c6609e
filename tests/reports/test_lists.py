"""Recommendations as tables for people."""

from moodtune.ranking.query import Mix, Query, Recommendation, Recommendations, Spread
from moodtune.reports.lists import to_csv

TITLES = ("=LOVE", "red \x1b[31m\x07", "שלום, نور")


def test_a_list_as_csv_is_guarded_and_has_no_control_characters():
    answer = Recommendations(
        query=Query(mood="calm"),
        listener_profile=None,
        profile={"calm": 1.0},
        recommendations=tuple(
            Recommendation(
                rank=n, track_id=f"t{n}", title=t, artist="A", mood="calm", score=0.5, why="-"
            )
            for n, t in enumerate(TITLES, start=1)
        ),
        mix=Mix(given={"calm": 1.0}, l1=0, kl=0),
        spread=Spread(similarity=None, fit=None),
    )
    assert to_csv(answer).splitlines() == [
        "rank,track_id,title,artist,mood,score,why,url,instead_of",
        "1,t1,'=LOVE,A,calm,0.5,'-,,",
        "2,t2,red \\x1b[31m\\x07,A,calm,0.5,'-,,",
        '3,t3,"שלום, نور",A,calm,0.5,\'-,,',
    ]
