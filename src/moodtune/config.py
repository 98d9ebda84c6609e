"""The settings of all stages in one place; the only reader of settings files.

Every default is written once, in its stage's own settings. A settings file names only what it
changes::

    seed = 3

    [clusters]
    clusters = 16

    [catalog]
    percent = ["energy"]
"""

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from moodtune.catalog.settings import CatalogSettings
from moodtune.errors import SettingsError
from moodtune.evaluation.fidelity import FidelitySettings
from moodtune.listeners.settings import ListenerSettings
from moodtune.moods.clustering import ClusterSettings
from moodtune.moods.label_learning import LabelSettings
from moodtune.moods.listener_model import ListenerModelSettings
from moodtune.moods.naming import NamingSettings
from moodtune.moods.song_model import SongModelSettings
from moodtune.tables.limits import TableLimits

#: A settings file of a mebibyte is no settings file.
MAX_BYTES = 1 << 20

_T = TypeVar("_T")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that training can be told, stage by stage.

    ``keep_listeners``  whether the model keeps the training listeners' mood profiles
    """

    seed: int = 0
    keep_listeners: bool = True
    limits: TableLimits = TableLimits()
    catalog: CatalogSettings = CatalogSettings()
    listeners: ListenerSettings = ListenerSettings()
    song_model: SongModelSettings = SongModelSettings()
    labels: LabelSettings = LabelSettings()
    clusters: ClusterSettings = ClusterSettings()
    naming: NamingSettings = NamingSettings()
    fidelity: FidelitySettings = FidelitySettings()
    listener_model: ListenerModelSettings = ListenerModelSettings()


def read_settings(path: Path, kind: type[_T] = Settings) -> _T:  # type: ignore[assignment]
    """Return the settings that a TOML file changes; SettingsError where it cannot be read."""
    with path.open("rb") as file:
        text = file.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise SettingsError(f"{path.name} is larger than {MAX_BYTES:,} bytes: name a settings file")
    try:
        document = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{path.name} is not TOML: {error}") from error
    try:
        return checked(kind, document)
    except SettingsError as error:
        raise SettingsError(f"{path.name}: {error}") from error


def checked(kind: type[_T], values: Mapping[str, Any]) -> _T:
    """Return ``values`` as ``kind``; SettingsError names the first key or value that is off."""
    for sentence in _unknown_keys(kind, values, ""):
        raise SettingsError(sentence)
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(_wrong_value(kind, values, str(error))) from error


def _wrong_value(kind: Any, values: Any, problem: str) -> str:
    """Say which setting is off, what it must be and what it is; msgspec says only where."""
    at = re.search(r"at `\$\.([\w.]+)", problem)
    if at is None:
        return f"a setting is off: {problem}"
    for name in at[1].split("."):
        kind, values = get_type_hints(kind, include_extras=True)[name], values[name]
    return f"{at[1]} must be {_expected(kind)}, got {values!r}"


def _expected(hint: Any) -> str:
    """Return a type in words: ``a whole number from 1 to 256 or auto``."""
    if hint in _WORDS:
        return _WORDS[hint]
    parts = get_args(hint)
    if get_origin(hint) is Literal:
        return " or ".join(map(str, parts))
    if get_origin(hint) is Annotated:
        bounds = [(m.ge, m.le) for m in parts[1:] if isinstance(m, msgspec.Meta)]
        low, high = bounds[0] if bounds else (None, None)
        above = "" if low is None else f" from {low}"
        return f"{_expected(parts[0])}{above}" + ("" if high is None else f" to {high}")
    if get_origin(hint) is tuple:
        return "a list"
    return " or ".join(_expected(part) for part in parts if part is not type(None)) or str(hint)


_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def with_changes(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with the values of ``changes``, nested as in a settings file."""
    merged = msgspec.to_builtins(settings)
    for name, value in changes.items():
        if isinstance(value, Mapping):
            merged[name] = {**merged[name], **value}
        else:
            merged[name] = value
    return checked(Settings, merged)


def _unknown_keys(kind: type, values: Mapping[str, Any], where: str) -> Iterator[str]:
    if not (dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct)):
        return
    hints = get_type_hints(kind)
    for name, value in values.items():
        if name not in hints:
            near = difflib.get_close_matches(name, hints, n=1)
            meant = f"did you mean {where}{near[0]}?" if near else f"known: {', '.join(hints)}"
            yield f"no setting is called {where}{name}; {meant}"
        elif isinstance(value, Mapping) and not get_args(hints[name]):
            yield from _unknown_keys(hints[name], value, f"{where}{name}.")


def plain(settings: Settings) -> dict[str, Any]:
    """Return ``settings`` as a manifest holds them: objects, lists, numbers and text."""
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(settings))
    return values


def trained_listener_settings(
    trained: Mapping[str, Any], *, id_column: str | None = None, mood_column: str | None = None
) -> ListenerSettings:
    """Return how to read new listeners: as the model's were read, but for what is said anew.

    ``trained`` is the ``settings`` of a model's manifest. An id column is looked for anew, as a
    new table need not have the old one's.
    """
    listeners = {**trained["listeners"], "id_column": id_column}
    if mood_column is not None:
        listeners["mood_column"] = mood_column
    return checked(ListenerSettings, listeners)
