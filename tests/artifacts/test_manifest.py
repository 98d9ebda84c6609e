import hashlib
import json
import re

import msgspec
import pytest

from moodtune.artifacts.manifest import (
    FORMAT,
    MAX_MANIFEST_BYTES,
    REQUIRED_FILES,
    FileEntry,
    Manifest,
    SourceTable,
    decode_manifest,
    encode_manifest,
)
from moodtune.errors import BundleError

SHA = "ab" * 32
MANIFEST = Manifest(
    settings={"clustering": {"clusters": 12, "tolerance": 1e-4}, "names": ["a", None, True]},
    seed=7,
    synthetic=False,
    sources=(SourceTable(name="tracks.csv", sha256=SHA, rows=114_000),),
    files=tuple(FileEntry(name=name, size=1, sha256=SHA) for name in REQUIRED_FILES),
)


def changed(**parts):
    """The manifest's text with some of its entries replaced."""
    return json.dumps({**json.loads(encode_manifest(MANIFEST)), **parts}).encode()


def test_a_manifest_comes_back_as_it_was_written():
    back = decode_manifest(encode_manifest(MANIFEST), "m")
    assert msgspec.structs.replace(back, own_sha256="") == MANIFEST


def test_a_manifest_carries_its_own_hash():
    back = decode_manifest(encode_manifest(MANIFEST), "m")
    empty = encode_manifest(MANIFEST).replace(back.own_sha256.encode(), b"")
    assert back.own_sha256 == hashlib.sha256(empty).hexdigest()
    assert encode_manifest(back) == encode_manifest(MANIFEST)


@pytest.mark.parametrize(("old", "new"), [(b'"seed": 7', b'"seed": 8'), (b"\n}\n", b"\n} ")])
def test_a_changed_manifest_is_refused(old, new):
    text = encode_manifest(MANIFEST)
    assert text.count(old) == 1
    message = "m is damaged: it is not what Moodtune wrote; copy the model again, or train anew"
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        decode_manifest(text.replace(old, new), "m")


def test_a_manifest_is_json_with_sorted_keys_and_no_time_of_day():
    document = json.loads(encode_manifest(MANIFEST))
    assert list(document) == sorted(document)
    assert set(document) == {
        "files", "format", "lessons", "like", "own_sha256", "seed", "settings", "sources", "synthetic", "versions",
    }  # fmt: skip
    assert set(document["versions"]) == {"moodtune", "numpy", "polars", "python", "scikit-learn"}


@pytest.mark.parametrize(
    "settings",
    [{"a": float("nan")}, {"a": float("inf")}, {"a": (1, 2)}, {"a": {1: 2}}, {"a": b"x"}],
)
def test_settings_that_json_would_change_are_refused(settings):
    with pytest.raises(
        ValueError,
        match=r"^the manifest's settings must be plain JSON: no NaN, no tuples, no objects$",
    ):
        encode_manifest(msgspec.structs.replace(MANIFEST, settings=settings))


def test_settings_too_long_to_be_read_back_are_refused():
    settings = {"a": "x" * MAX_MANIFEST_BYTES}
    with pytest.raises(ValueError, match=r"^a manifest of 1,0\d\d,\d{3} bytes; at most 1,048,576$"):
        encode_manifest(msgspec.structs.replace(MANIFEST, settings=settings))


def test_a_newer_format_is_refused_whatever_else_it_holds():
    message = (
        "m has format 2, newer than format 1 of moodtune 0.1.0: update moodtune, "
        "or train the model with this version"
    )
    assert FORMAT == 1
    for parts in ({}, {"files": None, "something": "new"}):
        with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
            decode_manifest(changed(format=2, **parts), "m")


@pytest.mark.parametrize("number", [0, -1])
def test_a_format_that_never_was_is_refused(number):
    message = (
        f"m has format {number}, which no version of moodtune wrote: "
        "give the model folder that moodtune train wrote"
    )
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        decode_manifest(changed(format=number), "m")


ENTRY = {"name": "tracks.parquet", "size": 1, "sha256": SHA, "rows": None}
OTHERS = [{**ENTRY, "name": name} for name in REQUIRED_FILES if name != "tracks.parquet"]


def test_the_twin_of_the_entries_below_is_read():
    files = msgspec.convert([*OTHERS, ENTRY], tuple[FileEntry, ...])
    text = encode_manifest(msgspec.structs.replace(MANIFEST, files=files))
    assert decode_manifest(text, "m").files == files


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"format": "1"}, "Expected `int`, got `str`"),
        ({"color": "red"}, "contains unknown field `color`"),
        ({"seed": None}, "Expected `int`, got `null`"),
        ({"files": [*OTHERS, {**ENTRY, "size": -1}]}, "Expected `int` >= 0"),
        ({"files": [*OTHERS, {**ENTRY, "size": 1 << 60}]}, "Expected `int` <="),
        ({"files": [*OTHERS, {**ENTRY, "sha256": SHA.upper()}]}, "matching regex"),
        ({"files": [*OTHERS, {**ENTRY, "path": "/"}]}, "contains unknown field `path`"),
        ({"files": OTHERS}, "it must list taxonomy.json, "),
        ({"files": [*OTHERS, ENTRY, ENTRY]}, "it must list taxonomy.json, "),
        ({"files": [*OTHERS, ENTRY, {**ENTRY, "name": "../x"}]}, "it must list taxonomy.json, "),
        ({"files": [*OTHERS, ENTRY, {**ENTRY, "name": "x.pkl"}]}, "it must list taxonomy.json, "),
    ],
)
def test_a_manifest_with_a_wrong_entry_is_refused(parts, why):
    with pytest.raises(BundleError, match=f"^m is damaged.*{re.escape(why)}.*; copy the model"):
        decode_manifest(changed(**parts), "m")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"format": NaN}',
        b"\xff\xfe{}",
        b'{"format": 1, "seed": "\xff"}',
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
    ],
)
def test_a_manifest_that_is_no_json_of_ours_is_refused(text):
    with pytest.raises(
        BundleError, match=r"^m is damaged, or no manifest of a Moodtune model: .*; copy the model"
    ):
        decode_manifest(text, "m")


def test_settings_nested_too_deeply_are_refused():
    deep = changed(settings="DEEP").replace(b'"DEEP"', b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    with pytest.raises(BundleError, match=r"^m is damaged, or no manifest of a Moodtune model: "):
        decode_manifest(deep, "m")
