"""What was acknowledged is there after kill -9, of whoever wrote and of the server, at any moment."""

import sqlite3
import threading
import time
from contextlib import closing

from moodtune.errors import StoreError
from moodtune.seeding import derive
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store
from store_processes import StoreProcesses
from store_worlds import NOW, TODAY, event

KILLS = 50
#: Seconds that a writer lives at most, from its first acknowledgement.
LIFE = 0.03


def stored_keys(address):
    with closing(Store.open(address)) as store:
        return {said["key"] for said in store.export("ada")["feedback"]}


def test_acknowledged_feedback_outlives_its_writer(address):
    rng = derive(0, "kills", address.split(":")[0])
    acknowledged = []
    with StoreProcesses() as processes:
        for kill in range(KILLS):
            writer = processes.start("write", address, "ada")
            if kill % 5:  # of five, one is killed while it opens, perhaps
                processes.acknowledged(writer)
            time.sleep(rng.uniform(0, LIFE))
            processes.kill(writer)
            acks, status = processes.ended(writer)
            assert status == -9
            acknowledged += [key for key, created in acks if created == "1"]
    stored = stored_keys(address)
    assert len(acknowledged) >= KILLS * 4 / 5
    assert set(acknowledged) <= stored
    # Each was killed between a write and its acknowledgement at most once.
    assert len(stored) - len(acknowledged) <= KILLS
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_many_writers_are_killed_at_once(address):
    with StoreProcesses() as processes:
        writers = [processes.start("write", address, "ada") for _ in range(5)]
        for writer in writers:
            processes.acknowledged(writer)
        for writer in writers:
            processes.kill(writer)
        acknowledged = {key for writer in writers for key, _ in processes.ended(writer)[0]}
    assert acknowledged <= stored_keys(address)


def test_acknowledged_feedback_outlives_the_server(postgres):
    address, rng = postgres.fresh(), derive(1, "kills")
    acknowledged = []
    with closing(Store.open(address, ServingSettings(feedback_events=10**6))) as store:
        store.save_answers("ada", {"a": "x"}, NOW)

        def write(round_number):
            n = 0
            while True:
                key = f"k-{round_number}-{n}"
                try:
                    store.add_feedback("ada", event(key))
                except StoreError:
                    return
                acknowledged.append(key)
                n += 1

        for round_number in range(5):
            writer = threading.Thread(target=write, args=(round_number,))
            writer.start()
            time.sleep(rng.uniform(0.05, 0.2))
            postgres.kill()
            writer.join()
            postgres.start()
            # The same store goes on by itself, whichever way the next statement goes.
            if round_number % 2:
                assert store.answers("ada").answers == {"a": "x"}
            else:
                store.ready()
                store.new_token("root", True, NOW)
        told = {said["key"] for said in store.export("ada")["feedback"]}
    assert acknowledged
    assert set(acknowledged) <= told
    assert len(told) - len(acknowledged) <= 5


def test_what_was_shown_outlives_the_process(address):
    # Written without waiting for the disk, but handed to the system before the call returns.
    with StoreProcesses() as processes:
        writer = processes.start("show", address, "ada")
        processes.acknowledged(writer)
        processes.kill(writer)
        (acks, _) = processes.ended(writer)
    with closing(Store.open(address)) as store:
        shown = {event.track_id for event in store.memory("ada", TODAY).shown}
    if address.startswith("sqlite"):
        assert {track for track, _ in acks} <= shown
    assert len(acks) > 0
