"""Lists over HTTP are the command's lists, and go by what is stored of their listener."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

QUERIES = [
    ({"mood": "relax"}, ["--mood", "relax"]),
    ({"mood": "unwind", "n": 3}, None),
    ({"mood": "party", "n": 25, "artist_cap": 1, "artist_gap": 3}, ["--mood", "party", "-n", "25", "--artist-cap", "1", "--artist-gap", "3"]),
    ({"blend": {"melancholy": 0.6, "calm": 0.4}, "diversity": 0.3}, ["--blend", "melancholy=.6,calm=.4", "--diversity", ".3"]),
    ({"mood": "happy", "tempo": [90, 130], "max_popularity": 80, "no_explicit": True}, ["--mood", "happy", "--tempo", "90-130", "--max-popularity", "80", "--no-explicit"]),
    ({"mood": "happy", "minutes": 45}, ["--mood", "happy", "--minutes", "45"]),
    ({"mood": "deep", "seed": 4, "n": 64}, ["--mood", "deep", "--seed", "4", "-n", "64"]),
    ({"mood": "happy", "year": [2000, 1990]}, ["--mood", "happy", "--year", "2000-1990"]),
    ({"journey": {"start": "melancholy", "goal": "happy"}, "n": 8}, ["--from", "melancholy", "--to", "happy", "-n", "8"]),
    ({"journey": {"start": [0.2, 0.3], "goal": [0.8, 0.7], "step": 0.3}, "n": 6}, ["--from", "0.2,0.3", "--to", "0.8,0.7", "--step", "0.3", "-n", "6"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "options"), QUERIES)
def test_a_list_is_the_commands_list(local, moodtune, model, body, options):
    answer = local.post("/v1/recommendations", json=body)
    said = moodtune(
        "recommend", "--model", model, "--json", *(options or ["--mood", "unwind", "-n", "3"])
    )
    if said.status:
        assert answer.status_code == 422
        assert said.stderr == f"moodtune: {answer.json()['detail']}\n"
    else:
        assert json.loads(answer.content) == json.loads(said.stdout)


def test_a_listeners_list_is_the_commands_list(local, moodtune, model):
    """The probabilities that a table's listener gets, given as a profile."""
    said = json.loads(moodtune("recommend", "--model", model, "--listener", "3", "--json").stdout)
    answer = local.post("/v1/recommendations", json={"profile": said["listener_profile"]})
    assert answer.json() == said


def test_answers_give_the_list_of_their_profile(local):
    (first, *_) = local.get("/v1/questions").json()["questions"]
    answers = {first["column"]: first["options"][0]}
    mood = local.post("/v1/mood", json={"answers": answers}).json()
    answered = local.post("/v1/recommendations", json={"answers": answers}).json()
    given = local.post("/v1/recommendations", json={"profile": mood["probabilities"]}).json()
    assert answered == given
    assert answered["listener_profile"] == mood["probabilities"]


def test_a_journey_begins_where_the_answers_are(local):
    (first, *_) = local.get("/v1/questions").json()["questions"]
    body = {"answers": {first["column"]: first["options"][0]}, "journey": {"goal": "happy"}, "n": 5}
    assert local.post("/v1/recommendations", json=body).json()["journey"]["goal"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "a request names exactly one of mood, blend, answers, profile, journey (a journey without a start also answers or a profile), got none"),
        ({"mood": "relax", "blend": {"calm": 1}}, "a request names exactly one of mood, blend, answers, profile, journey (a journey without a start also answers or a profile), got mood and blend"),
        ({"journey": {"goal": "happy"}}, "a journey without a start needs answers or a profile to begin from"),
        ({"mood": "relax", "artist_cup": 3}, "no field is called 'artist_cup'; did you mean 'artist_cap'?"),
        ({"journey": {"goal": "happy", "stat": "calm"}}, "no field is called 'journey.stat'; did you mean 'start'?"),
        ({"mood": "relax", "listener": "bob"}, "no field is called 'listener'; known: mood, blend, answers, profile, journey, "),
        ({"mood": "relax", "feedback": []}, "no field is called 'feedback'; known: "),
        ({"mood": "relax", "n": 501}, "n: expected `int` <= 500"),
        ({"mood": "relax", "n": "ten"}, "n: expected `int | null`, got `str`"),
        ({"mood": "relex"}, "no mood is called 'relex'; did you mean relax? The moods are happy, "),
        ({"blend": {"sad": 1}}, "no mood is called 'sad'"),
        ({"profile": {"Sadnes or melancholy": 1}}, "profile: no listener mood is called 'Sadnes or melancholy'; did you mean 'Sadness or melancholy'?"),
        ({"profile": {"Sadness or melancholy": 1.5}}, "profile[...]: expected `float` <= 1.0"),
        ({"answers": {"Agee": "3"}}, "answers: no question is called 'Agee'"),
        ({"answers": {"Age": "3" * 501}}, "answers.Age: expected at most 500 characters, got 501"),
        ({"mood": "relax", "today": "soon"}, "today: expected `str` matching regex"),
        ({"mood": "relax", "today": "2026-13-40"}, "today must be a day, as in 2026-11-23, got '2026-13-40'"),
        ([], "the body is off: expected `object`, got `array`"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_said_in_one_sentence(local, body, detail):
    refused = local.post("/v1/recommendations", json=body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["detail"].startswith(detail)
    assert problem == {
        "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": problem["detail"],
        "instance": "/v1/recommendations", "request_id": refused.headers["x-request-id"],
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"mood": "\\ud800"}', b"nul"])
def test_what_is_no_json_is_refused(local, body):
    refused = local.post(
        "/v1/recommendations", content=body, headers={"content-type": "application/json"}
    )
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("the body is ")


# --- what is stored ------------------------------------------------------------------------------


def ids(answer):
    return [place["track_id"] for place in answer.json()["recommendations"]]


def test_a_ban_keeps_a_track_out_and_undoing_it_lets_it_in(local):
    query = {"mood": "relax", "n": 5}
    before = ids(local.post("/v1/recommendations", json=query))
    ban = {"track_id": before[0], "mood": "relax", "action": "ban", "key": "k"}
    local.post("/v1/feedback", json=ban)
    assert before[0] not in ids(local.post("/v1/recommendations", json=query))
    local.delete("/v1/feedback/k")
    assert ids(local.post("/v1/recommendations", json=query)) == before


def test_what_the_store_adds_is_not_repeated(local):
    today = datetime.now(UTC).date()
    query = {"mood": "relax", "n": 2, "today": str(today + timedelta(days=1))}
    first = local.post("/v1/recommendations", json=query | {"today": str(today)}).json()
    local.post(
        "/v1/feedback",
        json={
            "track_id": first["recommendations"][0]["track_id"],
            "mood": "relax",
            "action": "like",
        },
    )
    answer = local.post("/v1/recommendations", json=query).json()
    asked = answer["query"]
    assert (asked["likes"], asked["feedback"], asked["shown"]) == (None, [], [])
    assert asked["today"] == query["today"]
    assert any("taste" in place["parts"] for place in answer["recommendations"])


def test_what_was_shown_yesterday_is_held_back_and_today_is_not(local):
    query = {"mood": "relax", "n": 10}
    today = datetime.now(UTC).date()
    before, after = str(today - timedelta(days=1)), str(today + timedelta(days=1))
    first = [local.post("/v1/recommendations", json=query | {"today": before}) for _ in range(2)]
    assert ids(first[0]) == ids(first[1])
    later = local.post("/v1/recommendations", json=query | {"today": after})
    again = len(set(ids(later)) & set(ids(first[0])))
    assert again <= 7  # three of ten are new, as freshness says


def test_a_list_of_a_day_far_away_is_stored_as_shown_now(local):
    local.post("/v1/recommendations", json={"mood": "relax", "n": 2, "today": "9999-12-31"})
    (shown,) = local.get("/v1/me/export").json()["shown"]
    assert abs(date.fromisoformat(shown["day"]) - datetime.now(UTC).date()) <= timedelta(days=1)


def test_likes_of_the_request_stand_for_the_stored_ones(local):
    query = {"mood": "relax", "n": 3, "likes": []}
    answer = local.post("/v1/recommendations", json=query).json()
    assert answer["query"]["likes"] == []
    assert any("no track is liked yet" in note for note in answer["notes"])


def test_feedback_in_a_mood_that_a_new_model_lacks_stops_no_list(shared, local):
    from moodtune.preferences.events import FeedbackEvent

    query = {"mood": "relax", "n": 5}
    before = ids(local.post("/v1/recommendations", json=query))
    for i, (track, action) in enumerate(((before[0], "ban"), (before[1], "like"))):
        event = FeedbackEvent(
            key=str(i), track_id=track, mood="gone", action=action, at="2026-11-23T10:00:00Z"
        )
        shared[0].store.add_feedback("local", event)
    assert before[0] not in ids(local.post("/v1/recommendations", json=query))


# --- how somebody is -----------------------------------------------------------------------------


def test_questions_are_asked_until_it_is_sure_or_enough(local):
    answers = {}
    for asked in range(6):
        mood = local.post("/v1/mood", json={"answers": answers}).json()
        if mood["next"] is None:
            break
        assert mood["left"] == 5 - asked
        question = mood["next"]
        answers[question["column"]] = (
            question["options"][0] if question["options"] else question["low"]
        )
    assert mood["next"] is None
    assert mood["left"] == 0
    assert mood["sure"] or len(answers) == 5
    assert len(mood["probabilities"]) == 4


def test_several_answers_are_one_cell(local):
    question = next(q for q in local.get("/v1/questions").json()["questions"] if q["several"])
    both = local.post("/v1/mood", json={"answers": {question["column"]: question["options"][:2]}})
    text = local.post(
        "/v1/mood", json={"answers": {question["column"]: ", ".join(question["options"][:2])}}
    )
    assert both.json() == text.json()


def test_the_latest_answers_are_kept(shared, local):
    question = local.get("/v1/questions").json()["questions"][0]
    local.post("/v1/mood", json={"answers": {question["column"]: question["options"][0]}})
    kept = shared[0].store.answers("local")
    assert dict(kept.answers) == {question["column"]: question["options"][0]}


def test_a_query_over_its_budget_is_told_apart(serve):
    client = serve(budget=1).client()
    refused = client.post("/v1/recommendations", json={"mood": "relax"})
    assert (refused.status_code, refused.json()["type"]) == (
        422,
        "urn:moodtune:problem:over-budget",
    )


@pytest.mark.parametrize("today", ["0001-01-01", "9999-12-31"])
def test_a_list_can_be_asked_for_on_any_day_there_is(local, today):
    answer = local.post("/v1/recommendations", json={"mood": "relax", "n": 3, "today": today})
    assert answer.status_code == 200
    assert len(answer.json()["recommendations"]) == 3
