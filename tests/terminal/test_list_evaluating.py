"""``moodtune evaluate-lists`` from tables to what it writes and says."""

import json

import polars as pl

from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend


def test_lists_are_evaluated_from_the_command_line(trained, moodtune, tmp_path):
    answers = {m: recommend(trained.bundle.index, Query(mood=m)) for m in ("calm", "party")}
    rows = [
        {"list": m, "rank": r.rank, "track_id": r.track_id, "mood": r.mood}
        for m, answer in answers.items()
        for r in answer.recommendations
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "lists.csv")
    wanted = [row for row in rows if row["rank"] in {1, 3}]
    pl.DataFrame(wanted).select("list", "track_id").write_csv(tmp_path / "relevant.csv")
    said = moodtune(
        "evaluate-lists", "--lists", tmp_path / "lists.csv", "--relevant", tmp_path / "relevant.csv",
        "--model", trained.model, "--out", tmp_path / "out",
    )  # fmt: skip
    assert (said.status, said.stderr) == (0, "")
    found = json.loads((tmp_path / "out" / "list_evaluation.json").read_bytes())
    assert found["means"]["recall"]["figure"]["value"] == 1
    assert found["means"]["mood_distance"]["figure"]["value"] == 0
    assert found["together"]["coverage"]["value"] == 20 / len(trained.bundle.index)
    assert "2 lists of at most 10 places" in said.stdout
    assert "recall         1.0000 [1.0000, 1.0000]  2" in said.stdout
    assert (tmp_path / "out" / "list_figures.csv").exists()


def test_the_help_says_what_the_tables_hold(moodtune):
    said = moodtune("evaluate-lists", "--help")
    for column in ("list, rank, track_id", "list, track_id", "user, track_id"):
        assert column in " ".join(said.stdout.split())
