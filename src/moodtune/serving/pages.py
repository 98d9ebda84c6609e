"""The page: its files as they lie in the package, read once, with their tags and packed sizes."""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from litestar.response.base import ASGIResponse

from moodtune.errors import NotFoundError
from moodtune.serving.service import raw_answer

INDEX = "index.html"
#: Files whose names have a hash never change; others are asked for again each time.
_CACHE = "no-cache"
_PACKED = ("text/", "application/javascript", "application/json", "image/svg+xml")
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_NOT_SERVED = (".py", ".pyc")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """A file: its bytes, the same packed where that makes them fewer, its type and tag."""

    body: bytes
    packed: bytes | None
    kind: str
    etag: str


def page_files() -> Mapping[str, PageFile]:
    """Return the files of the page by their path in its folder, ``style.css``; {} without one."""
    folder = resources.files("moodtune.serving").joinpath("page")
    return dict(_files(folder, "")) if folder.is_dir() else {}


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, PageFile]]:
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            yield from _files(entry, f"{name}/")
        elif not name.endswith(_NOT_SERVED):
            yield name, _file(name, entry.read_bytes())


def _file(name: str, body: bytes) -> PageFile:
    kind = _type_of(name)
    packed = gzip.compress(body, mtime=0) if kind.startswith(_PACKED) else None
    return PageFile(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        kind=kind,
        etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
    )


def _type_of(name: str) -> str:
    ending = f".{name.rpartition('.')[2]}"
    return _TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def page_answer(
    files: Mapping[str, PageFile], name: str, *, known: str | None, takes_packed: bool
) -> ASGIResponse:
    """Return a file, or that it is as the client knows it; NotFoundError without one."""
    found = files.get(name)
    if found is None:
        raise NotFoundError("the page has no file of that name")
    headers = {"etag": found.etag, "cache-control": _CACHE, "vary": "accept-encoding"}
    if known == found.etag:
        return raw_answer(b"", status=304, kind=found.kind, headers=headers)
    body = found.body
    if takes_packed and found.packed is not None:
        body = found.packed
        headers["content-encoding"] = "gzip"
    return raw_answer(body, kind=found.kind, headers=headers)
