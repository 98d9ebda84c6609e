"""The calls of docs/service.md are made as they stand there, and answered as it says."""

import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from deployment_worlds import DOCS, missing, replaced

SECTION = (DOCS / "service.md").read_text(encoding="utf-8").partition("## Calling it\n")[2]
SETUP, *CALLS = re.findall(
    r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?",
    SECTION.partition("\n## ")[0],
    re.MULTILINE | re.DOTALL,
)
ADDRESS, LIST = "http://127.0.0.1:8000", "uPXr4YLBoKrJSR45"
MORE = "..."


def told(text):
    """Return an answer of the document as JSON, and where it leaves something out a mark."""
    marked = re.sub(r"\.\.\.\}", f'"{MORE}": null}}', text)
    return json.loads(re.sub(r"\.\.\.\]", f'"{MORE}"]', marked))


def shape_differs(told, answered, at="$"):
    """Return where an answer is not of the form that was told; None where it is."""
    if isinstance(told, dict) and isinstance(answered, dict):
        names = told.keys() - {MORE}
        if names != answered.keys() and not (MORE in told and names < answered.keys()):
            return f"{at}: {sorted(names)}, not {sorted(answered)}"
        return next(
            filter(None, (shape_differs(told[n], answered[n], f"{at}.{n}") for n in names)), None
        )
    if isinstance(told, list) and isinstance(answered, list):
        parts = [part for part in told if part != MORE]
        if len(answered) != len(parts) and not (MORE in told and len(parts) < len(answered)):
            return f"{at}: {len(parts)} parts, not {len(answered)}"
        pairs = enumerate(zip(parts, answered, strict=False))
        return next(filter(None, (shape_differs(*p, f"{at}[{i}]") for i, p in pairs)), None)
    kinds = {int: float}
    same = kinds.get(type(told), type(told)) is kinds.get(type(answered), type(answered))
    return None if same else f"{at}: {told!r}, not {answered!r}"


@pytest.mark.parametrize(
    ("document", "answer", "differs"),
    [
        ('{"a": 1, ...}', {"a": 2.5, "b": None}, None),
        ('{"a": 1}', {"a": 2, "b": None}, "$: ['a'], not ['a', 'b']"),
        ('{"a": 1, ...}', {"b": 1}, "$: ['a'], not ['b']"),
        ('[{"a": "x"}, ...]', [{"a": "y"}, 3], None),
        ('["x"]', ["y", "z"], "$: 1 parts, not 2"),
        ('["x", ...]', [], "$: 1 parts, not 0"),
        ('{"a": [null]}', {"a": ["x"]}, "$.a[0]: None, not 'x'"),
        ("true", 1, "$: True, not 1"),
    ],
)
def test_a_form_is_told_from_another(document, answer, differs):
    assert shape_differs(told(document), answer) == differs


@pytest.mark.skipif(missing("curl") is not None, reason=str(missing("curl")))
def test_every_call_is_answered_as_it_is_documented(live, tmp_path):
    service = live(tokens_looked_for_s=1e-9)
    database = f"sqlite:///{tmp_path / 'store0.sqlite3'}"

    def run(commands):
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=tmp_path,
            env=os.environ | {"MOODTUNE_DATABASE": database},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    moodtune = shlex.join([sys.executable, "-m", "moodtune"])
    run(replaced(SETUP[0], {"moodtune token": f"{moodtune} token"}))
    made = LIST
    for command, expected in CALLS:
        said = run(replaced(command, {ADDRESS: service.url}).replace(LIST, made))
        body, status = said[:-1].rsplit("\n", 1)
        expected_body, expected_status = expected[:-1].rsplit("\n", 1)
        assert status == expected_status, (command, said)
        if not expected_body.startswith("{"):
            assert body == expected_body
            continue
        assert (command, shape_differs(told(expected_body), json.loads(body))) == (command, None)
        made = json.loads(body).get("id", made)
    assert len(CALLS) == 11
