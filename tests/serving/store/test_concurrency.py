"""Many at once, in threads and in processes, leave what the same calls one by one would leave."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from moodtune.errors import AllowanceError, KeyConflictError
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store
from store_processes import StoreProcesses
from store_worlds import DAY, NOW, TODAY, event

THREADS = 8


@pytest.fixture
def roomy(address):
    with closing(Store.open(address, ServingSettings(playlists=5))) as store:
        yield store


def at_once(call, items):
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(call, items))


def test_two_processes_that_write_one_key_agree_on_one_event(address):
    keys = 40
    with StoreProcesses() as processes:
        racers = [
            processes.start("race", address, "ada", action, keys) for action in ("like", "skip")
        ]
        likes, skips = (processes.ended(racer)[0] for racer in racers)
    with closing(Store.open(address)) as store:
        stored = {said["key"]: said["action"] for said in store.export("ada")["feedback"]}
    assert len(likes) == len(skips) == len(stored) == keys
    for (key, *like), (same, *skip) in zip(likes, skips, strict=True):
        assert key == same
        # One made it, and the other was told that it stands for something else.
        assert {stored[key]: "1", "loser": "conflict"} == (
            {"like": like[0], "loser": skip[0]}
            if stored[key] == "like"
            else {"skip": skip[0], "loser": like[0]}
        )


def test_threads_that_write_one_event_store_it_once(roomy):
    added = at_once(
        lambda n: roomy.add_feedback("ada", event(f"k{n // THREADS}")), range(10 * THREADS)
    )
    assert Counter((said.key, created) for said, created in added) == {
        (f"k{n}", created): (1 if created else THREADS - 1)
        for n in range(10)
        for created in (True, False)
    }
    assert len(roomy.memory("ada", TODAY).feedback) == 10


def test_threads_that_disagree_on_a_key_store_one_of_them(roomy):
    def write(n):
        try:
            return roomy.add_feedback("ada", event(action=("like", "skip")[n % 2]))
        except KeyConflictError:
            return None

    told = [found for found in at_once(write, range(4 * THREADS)) if found is not None]
    assert sum(created for _, created in told) == 1
    assert len({said for said, _ in told}) == 1


def test_many_listeners_write_at_once_and_each_has_its_own(roomy):
    def write(n):
        name = f"listener {n % 10}"
        roomy.add_feedback(name, event(f"k{n}", f"t{n}"))
        roomy.add_shown(name, [f"t{n}"], NOW - DAY)
        roomy.save_answers(name, {"n": str(n)}, NOW)
        return roomy.memory(name, TODAY)

    at_once(write, range(80))
    for number in range(10):
        memory = roomy.memory(f"listener {number}", TODAY)
        own = {f"t{n}" for n in range(number, 80, 10)}
        assert {said.track_id for said in memory.feedback} == own
        assert {shown.track_id for shown in memory.shown} == own
        assert int(roomy.answers(f"listener {number}").answers["n"]) % 10 == number


def test_what_is_shown_at_once_counts_once(roomy):
    lists = [[f"t{n}", f"t{n + 1}"] for n in range(4)]
    at_once(lambda n: roomy.add_shown("ada", lists[n % 4], NOW - DAY), range(8 * THREADS))
    shown = roomy.memory("ada", TODAY).shown
    assert sorted(one.track_id for one in shown) == [f"t{n}" for n in range(5)]


def test_an_allowance_holds_at_once(roomy):
    def save(n):
        try:
            return roomy.add_playlist("ada", f"list {n}", [], NOW)
        except AllowanceError:
            return None

    made = [playlist for playlist in at_once(save, range(4 * THREADS)) if playlist is not None]
    assert len(made) == len(roomy.playlists("ada")) == 5


def test_reading_writing_dropping_and_forgetting_at_once_end_well(roomy):
    for n in range(5):
        roomy.new_token(f"listener {n}", False, NOW)

    def work(n):
        name = f"listener {n % 5}"
        match n % 8:
            case 0:
                roomy.prune(TODAY)
            case 1:
                roomy.forget(name)
                roomy.new_token(name, False, NOW)
            case 2:
                roomy.export(name)
            case _:
                roomy.add_shown(name, [f"t{n}"], NOW - n % 90 * DAY)
                roomy.memory(name, TODAY)

    at_once(work, range(20 * THREADS))
    roomy.ready()
    assert {entry.listener for entry in roomy.tokens()} == {f"listener {n}" for n in range(5)}
