"""Every example in a docstring is run, and gives what it says."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import moodtune

SOURCE = Path(moodtune.__file__).parent
#: Modules with an example, as their import names them.
MODULES = sorted(
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
    for path in SOURCE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_give_what_they_say(module):
    found = doctest.testmod(import_module(module))
    assert found.attempted
    assert not found.failed
