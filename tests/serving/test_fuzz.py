"""Bodies that are extreme, and bodies that are broken, many at once on a real socket."""

import importlib
from collections import Counter
from pathlib import Path

import pytest

from moodtune.catalog.schema import TRACK_ID

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
COUNT = 300


@pytest.fixture
def benchmark_module(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


@pytest.fixture
def bodies(benchmark_module, models):
    """Return a function that draws bodies for the small model."""
    bundle = models.current.bundle
    words = benchmark_module("service_queries").words_of(bundle)
    ids = bundle.index.tracks[TRACK_ID].to_list()

    def drawn(count, seed=2):
        return list(benchmark_module("fuzzed_bodies").fuzzed_bodies(words, ids, count, seed=seed))

    return drawn


def test_whatever_a_body_says_the_answer_is_a_list_or_a_problem(live, bodies, benchmark_module):
    sent = bodies(COUNT)
    found = benchmark_module("fuzzing").answers(live().url, sent)
    wrong = [(a.fault, a.asked.body[:200], a.said) for a in found if a.fault is not None]
    assert wrong == []
    # What is valid gets a list, or is told that it is too much; none of it is misunderstood.
    valid = Counter(answer.status for answer in found if answer.asked.valid)
    assert valid[200] > 0  # how many are told to come back hangs on the machine
    assert valid.keys() <= {200, 422, 503}
    # 422 says that it is too much, or that such a journey cannot be: never that it is not read.
    unread = [a.said for a in found if a.asked.valid and a.status == 422 and "expected" in a.said]
    assert unread == []
    assert {400, 413, 415, 422} <= {a.status for a in found if not a.asked.valid}


def test_every_way_to_break_a_body_is_tried_and_the_same_seed_draws_the_same(
    bodies, benchmark_module
):
    module = benchmark_module("fuzzed_bodies")
    assert bodies(40) == bodies(40)
    assert bodies(40) != bodies(40, seed=3)
    drawn = bodies(200)
    assert [one.valid for one in drawn] == [True, False] * 100
    assert max(len(one.body) for one in drawn if one.valid) <= module.MOST_BYTES
    assert len({one.content_type for one in drawn}) > 3


def test_an_answer_that_is_no_problem_is_a_fault(benchmark_module):
    fuzzing, module = benchmark_module("fuzzing"), benchmark_module("fuzzed_bodies")
    problem, asked = "application/problem+json", module.Fuzzed(valid=True, body=b"{}")

    def fault(status, kind=problem):
        return fuzzing.Answered(
            asked=asked, status=status, content_type=kind, seconds=0.1, said="?"
        ).fault

    assert [fault(200, "application/json"), fault(422), fault(503)] == [None, None, None]
    assert [fault(500), fault(502), fault(0)] == ["500", "502", "no answer: ?"]
    assert fault(422, "text/plain") == "422 as text/plain"
