"""What the commands free goes back to the system."""

import os
import subprocess
import sys

import pytest

from moodtune.terminal.memory import DECAY, JEMALLOC

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
time.sleep(1.5)
pl.Series(["more"] * 100_000).str.to_uppercase()
print(int(held), int(resident() - before))
"""
OURS = "from moodtune.terminal.memory import set_allocators; set_allocators()"


def told(first, **environment):
    code = FREED.format(first=first)
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


def test_other_options_of_jemalloc_stay():
    code = f"{OURS}; import os; print(os.environ[{JEMALLOC!r}])"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {JEMALLOC: "narenas:1"},
    ).stdout  # fmt: skip
    assert out == f"narenas:1,{DECAY}\n"
