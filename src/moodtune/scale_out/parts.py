"""The folder of lists: parts that appear whole, each with its entry, and the manifest last."""

import hashlib
from pathlib import Path

import msgspec
import polars as pl

from moodtune.atomic import atomic_file
from moodtune.errors import UsageError
from moodtune.tables.writing import write_parquet

JOB = "job.json"
MANIFEST = "manifest.json"


class Job(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the lists are made from; two starts with the same one give the same bytes.

    ``moodtune``   the version that makes them: another may rank otherwise
    ``model``      sha256 of the model, as its own manifest has it
    ``listeners``  sha256 of the table of profiles
    ``n``          places of a list at most
    ``per_part``   listeners of a part; the last one has what is left
    ``parts``      how many there are
    """

    moodtune: str
    model: str
    listeners: str
    n: int
    per_part: int
    parts: int


class PartEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part that is there: its file's name, its rows, and the sha256 of its bytes."""

    name: str
    rows: int
    sha256: str


class ListsManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that was made; it is written when every part is there."""

    job: Job
    parts: tuple[PartEntry, ...]


def part_name(number: int) -> str:
    """Return the file name of part ``number``, from 0."""
    return f"part-{number:06d}.parquet"


def begin(out: Path, job: Job) -> None:
    """Make ``out`` the folder of ``job``, or find that it is; UsageError if it is another's."""
    if (out / JOB).is_file():
        if (out / JOB).read_bytes() != _json(job):
            raise UsageError(
                f"{out} holds lists of another model, other listeners or other options, or of "
                "another version; give a new folder, or start with the same ones to go on"
            )
        return
    if out.is_dir() and any(not entry.name.startswith(".") for entry in out.iterdir()):
        raise UsageError(f"{out} holds other files; name a folder that is new or empty")
    _write(out / JOB, _json(job))


def write_part(out: Path, number: int, lists: pl.DataFrame) -> PartEntry:
    """Write a part, then its entry; two writers of one part write the same bytes."""
    path = out / part_name(number)
    write_parquet(lists, path)
    entry = PartEntry(name=path.name, rows=lists.height, sha256=_sha256(path))
    _write(path.with_suffix(".json"), _json(entry))
    return entry


def finished(out: Path, number: int) -> PartEntry | None:
    """Return the entry of a part whose bytes are what it says; None if it must be made."""
    path = out / part_name(number)
    try:
        entry = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=PartEntry)
        whole = entry.name == path.name and entry.sha256 == _sha256(path)
        rows = pl.scan_parquet(path).select(pl.len()).collect().item() if whole else 0
    except (OSError, msgspec.DecodeError):
        return None
    return entry if whole and rows == entry.rows else None


def end(out: Path, job: Job, entries: list[PartEntry]) -> ListsManifest:
    """Write the manifest, which says that everything is there."""
    manifest = ListsManifest(job=job, parts=tuple(sorted(entries, key=lambda entry: entry.name)))
    _write(out / MANIFEST, _json(manifest))
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json(value: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _write(path: Path, data: bytes) -> None:
    with atomic_file(path) as work:
        work.write_bytes(data)
