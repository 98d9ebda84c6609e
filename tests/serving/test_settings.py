"""What is written of the settings is what they are."""

import re
import tomllib
from pathlib import Path

import msgspec

from moodtune.serving.settings import ServingSettings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(ServingSettings)}


def test_the_document_names_every_setting_with_its_default():
    (block,) = re.findall(r"^```toml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    unset = {name for name, value in DEFAULTS.items() if value is None}
    assert tomllib.loads(block) == {k: v for k, v in DEFAULTS.items() if k not in unset}
    assert set(re.findall(r"^# (\w+) = ", block, re.MULTILINE)) == unset


def test_the_code_says_what_every_setting_is():
    assert {name for name in DEFAULTS if f"``{name}``" not in ServingSettings.__doc__} == set()
