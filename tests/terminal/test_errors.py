"""Errors of the command: one sentence each, whatever the terminal can write."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sing"], "No such command 'sing'; see moodtune --help"),
        (["train"], "Missing option '--catalog'; see moodtune train --help"),
        (["inspect", "--x"], "No such option: --x; see moodtune inspect --help"),
    ],
)
def test_a_usage_error_is_one_sentence_and_status_2(moodtune, arguments, sentence):
    ended = moodtune(*arguments)
    assert (ended.status, ended.stdout, ended.stderr) == (2, "", f"moodtune: {sentence}\n")


def test_no_arguments_show_the_help(moodtune):
    ended = moodtune()
    assert ended.status == 0
    assert ended.stdout.startswith("Usage: moodtune")


def test_a_terminal_that_lacks_letters_gets_them_escaped(trained):
    said = subprocess.run(
        [sys.executable, "-m", "moodtune", "recommend", "--model", trained.model, "--mood", "happy"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert said.isascii()
    assert rb"\u2014" in said  # the dash in the sample's titles
