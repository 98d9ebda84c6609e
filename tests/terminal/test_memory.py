"""What the commands free goes back to the system."""

import os
import subprocess
import sys
import textwrap

import pytest

from moodtune.terminal.memory import AT_ONCE, DECAY, JEMALLOC

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the allocators are told on Linux only"
)

FREED = """
import os, time
{first}
import numpy as np, polars as pl
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
texts = pl.Series(["warm up"] * 1000).str.to_uppercase()
before = resident()
texts = [pl.Series([f"{{i}} " + 50 * "x" for i in range(1000)]).str.to_uppercase() for _ in range(300)]
arrays = [np.ones(2**20 - i, dtype=np.float64) for i in range(10)]
held = resident() - before
del texts, arrays
{pause}
pl.Series(["more"] * 100_000).str.to_uppercase()
print(int(held), int(resident() - before))
"""
OURS = "from moodtune.terminal.memory import set_allocators; set_allocators()"


NOW = OURS.replace("()", "(at_once=True)")
PAUSE = "time.sleep(1.5)"


def told(first, script=FREED, **environment):
    code = script.format(first=first, pause="" if first == NOW else PAUSE)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "_RJEM_"))}
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=clean | environment,
    ).stdout.split()  # fmt: skip
    return [int(number) for number in out]


def test_the_command_is_told_also_where_another_program_has_its_allocator_keep_all():
    kept = {JEMALLOC: "dirty_decay_ms:-1,muzzy_decay_ms:-1"}
    _, untold = told("pass", **kept)
    held, left = told(OURS, **kept)
    assert held > 90
    assert left < 15 < untold


def test_of_small_tables_it_goes_back_when_it_is_freed():
    held, left = told(NOW)
    assert held > 90
    assert left < 15


KEPT = """
import os
{first}
import numpy as np
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
np.ones(2**21)  # 16 MB, freed: from now on glibc would keep what is smaller on its heap
before = resident()
arrays, pins = [], []
for _ in range(10):
    arrays.append(np.ones(2**20))
    pins.append(np.ones(2**12))  # above it, so that the heap cannot shrink
held = resident() - before
del arrays
print(int(held), int(resident() - before))
"""


def test_of_small_tables_large_arrays_go_back_however_large_the_ones_before():
    assert told(NOW, KEPT)[1] < 15
    assert told(OURS, KEPT)[1] > 60


@pytest.mark.parametrize(("megabytes", "decay"), [(1, AT_ONCE), (33, DECAY)])
def test_it_hangs_on_the_tables_whether_they_are_small(tmp_path, megabytes, decay):
    table = tmp_path / "tracks.csv"
    with table.open("wb") as file:
        file.truncate(megabytes << 20)
    code = f"""
        import os
        from pathlib import Path
        from moodtune.terminal.memory import set_up_for_training
        set_up_for_training([Path({str(table)!r}), Path("there/is/none.csv")])
        print(os.environ[{JEMALLOC!r}])
    """
    clean = {k: v for k, v in os.environ.items() if k != JEMALLOC}
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True,
        env=clean,
    ).stdout  # fmt: skip
    assert out.strip() == decay


def test_other_options_of_jemalloc_stay():
    code = f"{OURS}; import os; print(os.environ[{JEMALLOC!r}])"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {JEMALLOC: "narenas:1"},
    ).stdout  # fmt: skip
    assert out == f"narenas:1,{DECAY}\n"
