"""Work that goes on ahead on other threads."""

import threading
import time

import pytest

from moodtune.ahead import in_order, one_ahead


def test_results_come_in_the_order_of_the_items_though_the_first_takes_longest():
    def work(n):
        time.sleep(0.02 if n == 0 else 0)
        return n * n

    assert list(in_order(work, range(20))) == [n * n for n in range(20)]
    assert list(in_order(work, [])) == []


def test_few_items_are_taken_before_their_turn():
    taken = []

    def items():
        for n in range(100):
            taken.append(n)
            yield n

    results = in_order(lambda n: n, items())
    assert next(results) == 0
    assert len(taken) <= 6
    results.close()
    assert len(taken) <= 6


def test_what_the_work_raises_is_raised_in_its_turn_and_the_rest_left_undone():
    done = []

    def work(n):
        if n == 3:
            raise ValueError("three")
        done.append(n)
        return n

    results = in_order(work, range(1000))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match=r"^three$"):
        next(results)
    assert len(done) < 20
    assert not [t for t in threading.enumerate() if t.name.startswith("ahead")]


def test_what_the_items_raise_is_raised():
    def items():
        yield 1
        raise KeyError("two")

    with pytest.raises(KeyError, match="two"):
        list(in_order(lambda n: n, items()))


def test_one_item_is_made_while_another_is_used():
    made = []

    def items():
        for n in range(10):
            made.append(n)
            yield n

    coming = one_ahead(items())
    assert next(coming) == 0
    while len(made) < 2:
        time.sleep(0.001)
    time.sleep(0.01)
    assert made == [0, 1]
    assert list(coming) == list(range(1, 10))
    assert list(one_ahead([])) == []


def test_what_is_made_ahead_fails_in_its_turn_and_nothing_stays_behind():
    def items():
        yield 1
        raise KeyError("two")

    coming = one_ahead(items())
    assert next(coming) == 1
    with pytest.raises(KeyError, match="two"):
        next(coming)
    left = one_ahead(iter(range(5)))
    next(left)
    left.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("ahead")]
