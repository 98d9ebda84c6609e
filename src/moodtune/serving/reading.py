"""Bodies and parameters as types, and what is wrong with them in one sentence."""

import difflib
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from moodtune.errors import InvalidError, RequestError

_T = TypeVar("_T")

_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$\.?(.*)`)?", re.DOTALL)
_AT = re.compile(r"(.*?) - at `\$\.?(.*)`", re.DOTALL)
_SHOWN = 60
_DECODERS: "dict[Any, msgspec.json.Decoder[Any]]" = {}


def read_body(kind: type[_T], body: bytes) -> _T:
    """Return a body as ``kind``; RequestError where it is no JSON, InvalidError otherwise."""
    try:
        found: _T = _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise InvalidError(_sentence(kind, str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"the body is no JSON that can be read: {error}") from error
    return found


def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    if kind not in _DECODERS:
        _DECODERS[kind] = msgspec.json.Decoder(kind)
    return _DECODERS[kind]


def _sentence(kind: type[Any], problem: str) -> str:
    """Return what msgspec says with the path first, and the nearest key for an unknown one."""
    unknown = _UNKNOWN.fullmatch(problem)
    if unknown is not None:
        where = f"{unknown[2]}." if unknown[2] else ""
        return f"no field is called {where + unknown[1][:_SHOWN]!r}; {_nearest(kind, unknown)}"
    found = _AT.fullmatch(problem)
    if found is None:
        return f"the body is off: {_lowered(problem)}"
    return f"{found[2] or 'the body'}: {_lowered(found[1])}"


def _nearest(kind: type[Any], unknown: "re.Match[str]") -> str:
    """Return a hint at the key that was meant."""
    for name in (unknown[2] or "").split("."):
        fields = {f.name: f.type for f in msgspec.structs.fields(kind)}
        kind = _struct_in(fields[name]) if name in fields else kind
    return nearest(unknown[1], [field.name for field in msgspec.structs.fields(kind)])


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint at which of the known names was meant, or at all of them."""
    near = difflib.get_close_matches(name[:_SHOWN], known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def _struct_in(hint: Any) -> Any:
    """Return the struct among the types of a hint such as ``Struct | None``."""
    parts = getattr(hint, "__args__", (hint,))
    return next((p for p in parts if isinstance(p, type) and issubclass(p, msgspec.Struct)), hint)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
