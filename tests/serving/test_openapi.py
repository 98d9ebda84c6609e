"""The document describes the service: nothing that schemathesis thinks of is answered otherwise.

The suite tries few requests per call; ``MOODTUNE_EXAMPLES=300 pytest tests/serving/test_openapi.py``
tries more, and others each time.
"""

import json
import os
import re

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ASKED = os.environ.get("MOODTUNE_EXAMPLES")
EXAMPLES = int(ASKED or 12)


BOUNDED = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=ASKED is None,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


def test_the_document_has_every_schema_that_it_names(local):
    text = local.get("/schema/openapi.json").text
    named = set(re.findall(r'"\$ref":"#/components/schemas/(\w+)"', text))
    assert {"Problem", "RecommendationRequest", "Recommendations"} <= named
    assert named <= set(json.loads(text)["components"]["schemas"])


def with_known_words(document: dict, ids: list[str], moods: list[str]) -> dict:
    """Return the document with moods and tracks that there are, or hardly anything would be found."""
    schemas = document["components"]["schemas"]
    mood, track = {"enum": moods}, {"enum": ids}
    for name, known in {
        "FeedbackRequest": {"track_id": track, "mood": mood},
        "PlaylistRequest": {"track_ids": {"type": "array", "items": track, "minItems": 1}},
        "JourneyRequest": {"goal": mood, "start": mood},
        "RecommendationRequest": {"mood": mood, "likes": {"type": "array", "items": track}},
    }.items():
        schemas[name]["properties"] |= known
    schemas["RecommendationRequest"]["oneOf"] = [{"required": ["mood"]}, {"required": ["journey"]}]
    document["paths"]["/v1/tracks/{track_id}"]["get"]["parameters"][0]["schema"] = track
    return document


def of_strangers(document: dict, ids: list[str], moods: list[str]) -> dict:
    """Return the document as it is: what is asked by who has read nothing else."""
    del ids, moods
    return document


@pytest.mark.parametrize("asked", [of_strangers, with_known_words])
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_every_answer_is_documented(live, models, mode, asked):
    bundle, url = models.current.bundle, live(rate=0, failed_rate=0).url
    document = httpx.get(f"{url}/schema/openapi.json").json()
    asked(document, bundle.tracks["track_id"][:20].to_list(), list(bundle.taxonomy.names))
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    answered = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode.is_negative and not (operation.body or operation.query):
            continue  # nothing can be wrong with it
        assert operation.skipped_parameters == []

        @BOUNDED
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def check(case):
            answered.add((case.operation.label, case.call_and_validate(checks=CHECKS).status_code))

        check()
    if asked is with_known_words and mode.is_positive:
        assert {
            ("POST /v1/recommendations", 200), ("POST /v1/feedback", 201),
            ("POST /v1/playlists", 201), ("GET /v1/tracks/{track_id}", 200),
        } <= answered  # fmt: skip
