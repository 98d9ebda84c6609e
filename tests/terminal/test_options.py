"""Every option of recommend: the list is the one that was predicted, which it is not without the
option, and the command prints what the library answers to the Query built in Python.
"""

import json
import re

import msgspec
import polars as pl
import pytest

from moodtune.ranking.recommending import recommend
from option_limits import LIMITS
from option_people import PEOPLE
from option_worlds import options_world

CASES = {**PEOPLE, **LIMITS}


@pytest.fixture(scope="module")
def world(trained, tmp_path_factory):
    """The model, and beside it a table of some listeners of training, from the end."""
    folder = tmp_path_factory.mktemp("options")
    pl.read_csv(trained.tables.listeners).tail(20).write_csv(folder / "people.csv")
    return options_world(trained.bundle, folder)


def answer_of(world, query):
    return json.loads(msgspec.json.encode(recommend(world.bundle.index, query)))


@pytest.mark.parametrize("option", CASES)
def test_an_option_changes_the_list_as_predicted_from_command_and_library_alike(
    moodtune, world, tmp_path, option
):
    case = CASES[option](world)
    typed = list(case.typed)
    for name, lines in case.tables.items():
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        typed += [f"--{name}", path]
    said = moodtune("recommend", "--model", world.model, *typed, "--json")
    assert (said.status, said.stderr) == (0, "")
    answer = json.loads(said.stdout)
    assert answer == answer_of(world, case.query)
    assert case.holds(answer)
    assert not case.holds(answer_of(world, case.beside))


def test_every_option_that_can_change_a_list_is_tried(moodtune):
    options = re.compile(r"(?<!\S)(?:--[a-z-]+[a-z]|-n)")
    tried = {option for name in CASES for option in options.findall(name)}
    others = {"--model", "--json", "--csv", "--id-column", "--mood-column", "--verify", "--help"}
    assert set(options.findall(moodtune("recommend", "--help").stdout)) == tried | others
