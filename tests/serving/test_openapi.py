"""The document describes the service: nothing that schemathesis thinks of is answered otherwise."""

import os

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
#: Per call and mode: few in the suite, and as many as MOODTUNE_EXAMPLES says for a deep look.
EXAMPLES = int(os.environ.get("MOODTUNE_EXAMPLES", "12"))

BOUNDED = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_every_answer_is_documented(live, mode):
    schema = schemathesis.openapi.from_url(f"{live(rate=0).url}/schema/openapi.json")
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode.is_negative and not (operation.body or operation.query):
            continue  # nothing can be wrong with it

        @BOUNDED
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def check(case):
            case.call_and_validate(checks=CHECKS)

        check()
