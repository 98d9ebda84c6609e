"""``moodtune recommend``: what is printed, as text, JSON and CSV."""

import csv
import io
import json

import msgspec
import polars as pl
import pytest

from moodtune.answering import known_profiles, profile_of
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend


def json_of(ended) -> dict:
    assert (ended.status, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


def test_a_listener_gets_ten_different_songs(moodtune, trained):
    answer = json_of(moodtune("recommend", "--model", trained.model, "--listener", 0, "--json"))
    songs = {(r["title"], r["artist"]) for r in answer["recommendations"]}
    assert len(songs) == len(answer["recommendations"]) == 10


def test_the_json_object_has_its_promised_shape(moodtune, trained):
    answer = json_of(moodtune("recommend", "--model", trained.model, "--listener", 0, "--json"))
    assert list(answer)[:7] == [
        "query",
        "listener_profile",
        "profile",
        "recommendations",
        "notes",
        "mix",
        "spread",
    ]
    assert set(answer["listener_profile"]) == set(trained.bundle.listener_model.moods)
    assert sum(answer["profile"].values()) == pytest.approx(1)
    assert list(answer["recommendations"][0]) == [
        "rank", "track_id", "title", "artist", "mood", "valence", "arousal", "score", "why", "url",
        "instead_of", "parts", "traits", "shown_days_ago", "beside", "stop",
    ]  # fmt: skip
    told = answer["recommendations"][1]
    assert [list(trait) for trait in told["traits"]] == [
        ["feature", "value", "unit", "rank", "speaks"]
    ] * 2
    assert list(told["beside"]) == ["rank", "track_id", "similarity"]
    assert [r["rank"] for r in answer["recommendations"]] == list(range(1, 11))


def test_a_mood_has_no_listener_profile_and_all_of_the_mix(moodtune, trained):
    answer = json_of(
        moodtune("recommend", "--model", trained.model, "--mood", "relax", "-n", 20, "--json")
    )
    assert answer["listener_profile"] is None
    assert {m: p for m, p in answer["profile"].items() if p} == {"relax": 1.0}
    assert len(answer["recommendations"]) == 20


def test_command_and_library_answer_the_same(moodtune, trained):
    said = json_of(moodtune("recommend", "--model", trained.model, "--listener", 3, "--json"))
    profile = profile_of(known_profiles(trained.bundle), "3")
    answer = recommend(trained.bundle.index, Query(listener_profile=profile))
    assert said == json.loads(msgspec.json.encode(answer))


def test_text_shows_probabilities_first_then_the_list(moodtune, trained):
    ended = moodtune("recommend", "--model", trained.model, "--listener", 0)
    answer = recommend(
        trained.bundle.index,
        Query(listener_profile=profile_of(known_profiles(trained.bundle), "0")),
    )
    at = [ended.stdout.index(mood) for mood in trained.bundle.listener_model.moods]
    places = [ended.stdout.index(r.title) for r in answer.recommendations]
    assert max(at) < min(places)
    assert places == sorted(places)
    assert all(r.why in ended.stdout for r in answer.recommendations)


def test_csv_has_a_row_per_place(moodtune, trained):
    ended = moodtune("recommend", "--model", trained.model, "--mood", "happy", "--csv")
    rows = list(csv.DictReader(io.StringIO(ended.stdout)))
    expected = recommend(trained.bundle.index, Query(mood="happy")).recommendations
    assert [row["track_id"] for row in rows] == [r.track_id for r in expected]


def test_a_listener_of_a_new_table_is_found_by_row(moodtune, trained, tmp_path):
    people = pl.read_csv(trained.tables.listeners)
    few = people.drop("music_Influencial_mood", "Age").tail(5)
    few.write_csv(tmp_path / "new.csv")
    answer = json_of(
        moodtune(
            "recommend", "--model", trained.model, "--behavior", tmp_path / "new.csv",
            "--listener", 3, "--json",
        )
    )  # fmt: skip
    assert set(answer["listener_profile"]) == set(trained.bundle.listener_model.moods)


def test_a_listener_of_a_table_with_ids_is_found_by_id(moodtune, trained, tmp_path):
    people = pl.read_csv(trained.tables.listeners).head(3)
    people.insert_column(0, pl.Series("user_id", ["ada", "bob", "cy"])).write_csv(
        tmp_path / "n.csv"
    )
    table = ("--behavior", tmp_path / "n.csv", "--json")
    by_id = json_of(moodtune("recommend", "--model", trained.model, "--listener", "bob", *table))
    kept = profile_of(known_profiles(trained.bundle), "1")
    assert by_id["listener_profile"] == pytest.approx(kept)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "say whom the list is for: one of --listener ID, --mood MOOD and --blend MOOD=SHARE,..."),
        (["--mood", "relax", "--listener", "0"], "say whom the list is for: one of --listener ID, --mood MOOD and --blend MOOD=SHARE,..."),
        (["--mood", "relax", "--behavior", "x.csv"], "--behavior needs --listener, the id or row of a listener in that table"),
        (["--mood", "relax", "--json", "--csv"], "choose one of --json and --csv"),
        (["--listener", "200"], "there is no listener '200'; there are 200, from '0' to '199'"),
        (["--mood", "relaxx"], "no mood is called 'relaxx'; did you mean relax? The moods are happy, uplifting, party, motivating, fun, relax, calm, deep, melancholy, talkative, live"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence_and_status_2(moodtune, trained, arguments, sentence):
    ended = moodtune("recommend", "--model", trained.model, *arguments)
    assert (ended.status, ended.stdout, ended.stderr) == (2, "", f"moodtune: {sentence}\n")
