"""A taxonomy as it is written: what moods.toml may say, and a sentence for each thing it may not.

The form is two arrays of tables::

    [[mood]]
    name = "calm"
    valence = 0.6
    arousal = 0.2
    offered = true                                # the default
    cues.energy = { rank = 0.15, weight = 2.0 }   # weight is 1 unless given

    [[listener_mood]]
    name = "Relaxation and stress relief"
    phrases = ["to relax"]                        # other things that tables call it
    weights = { calm = 0.4, relax = 0.6 }         # over song moods, summing to 1

The same form as JSON goes into a model directory.
"""

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.errors import TaxonomyError
from moodtune.moods.toml_lines import TomlLines, TomlPath

#: No taxonomy that a person wrote comes near these; a hostile file is refused before it is read.
MAX_BYTES = 64 * 1024
MAX_LINE_LENGTH = 2000  # a key of many dots takes tomllib the square of its length
MAX_MOODS = 64
MAX_LISTENER_MOODS = 64
MAX_PHRASES = 64
MAX_NAME_LENGTH = 60
MAX_PHRASE_LENGTH = 200

#: How far the sum of a listener mood's weights may be from 1.
SUM_TOLERANCE = 1e-6

#: The label of a cluster that is near no mood; no mood may be called so.
OTHER = "other"

#: Says where a path stands, as a message begins: ``moods.toml line 12``.
Locate = Callable[[TomlPath], str]


class CueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One cue of a mood."""

    rank: float
    weight: float = 1.0


class MoodEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ``[[mood]]``."""

    name: str
    valence: float
    arousal: float
    cues: Mapping[str, CueEntry]
    offered: bool = True


class ListenerMoodEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ``[[listener_mood]]``."""

    name: str
    weights: Mapping[str, float]
    phrases: tuple[str, ...] = ()


class TaxonomyEntries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    mood: tuple[MoodEntry, ...] = ()
    listener_mood: tuple[ListenerMoodEntry, ...] = ()


_Entry = TypeVar("_Entry", bound=msgspec.Struct)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that says what else ``word`` may have meant."""
    names = list(known)
    close = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(names)}"


def entries_from_toml(text: str, *, name: str) -> TaxonomyEntries:
    """Return what a TOML text says; TaxonomyError names the line of the first fault."""
    _check_size(text, name)
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise TaxonomyError(f"{name}: nested too deeply to be a taxonomy") from error
    except ValueError as error:  # TOMLDecodeError, and integers too long to convert
        raise TaxonomyError(_unreadable(name, str(error))) from error
    lines = TomlLines(text)
    return entries_from_document(document, lambda path: f"{name} line {lines.line(path)}")


def _check_size(text: str, name: str) -> None:
    if len(text) > MAX_BYTES:
        raise TaxonomyError(
            f"{name}: expected a taxonomy of at most {MAX_BYTES // 1024} KiB, got more; "
            "is this the right file?"
        )
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > MAX_LINE_LENGTH:
            raise TaxonomyError(
                f"{name} line {number}: expected lines of at most {MAX_LINE_LENGTH} characters, "
                f"got {len(line)}; break it"
            )


def _unreadable(name: str, message: str) -> str:
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if place is None:
        return f"{name}: not readable as TOML: {message}"
    line, column = place.groups()
    return (
        f"{name} line {line}: not readable as TOML at column {column}: {message[: place.start()]}"
    )


def entries_from_document(document: Mapping[str, Any], locate: Locate) -> TaxonomyEntries:
    """Return the entries of a parsed file, all of them checked."""
    _check_keys(document, TaxonomyEntries, (), locate)
    moods = [_mood(raw, ("mood", i), locate) for i, raw in _tables(document, "mood", locate)]
    listener_moods = [
        _listener_mood(raw, ("listener_mood", i), locate)
        for i, raw in _tables(document, "listener_mood", locate)
    ]
    _check_moods(moods, locate)
    _check_phrases(moods, listener_moods, locate)
    for number, entry in enumerate(listener_moods):
        _check_weights(entry, moods, ("listener_mood", number), locate)
    return TaxonomyEntries(mood=tuple(moods), listener_mood=tuple(listener_moods))


def _tables(document: Mapping[str, Any], key: str, locate: Locate) -> list[tuple[int, Any]]:
    tables = document.get(key, [])
    limit = MAX_MOODS if key == "mood" else MAX_LISTENER_MOODS
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise TaxonomyError(f"{locate((key,))}: expected tables headed [[{key}]]")
    if len(tables) > limit:
        raise TaxonomyError(
            f"{locate((key, limit))}: expected at most {limit} of [[{key}]], got {len(tables)}"
        )
    return list(enumerate(tables))


def _check_keys(
    raw: Mapping[str, Any], kind: type[msgspec.Struct], path: TomlPath, locate: Locate
) -> None:
    for key in raw:
        if key not in kind.__struct_fields__:
            hint = nearest(key, kind.__struct_fields__)
            raise TaxonomyError(f"{locate((*path, key))}: unknown key {key!r}; {hint}")


def _convert(raw: Any, kind: type[_Entry], path: TomlPath, locate: Locate) -> _Entry:
    """Return ``raw`` as ``kind``; every key and type is checked."""
    if isinstance(raw, dict):
        _check_keys(raw, kind, path, locate)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        message, _, at = str(error).partition(" - at ")
        key = re.match(r"`\$\.(\w+)", at)
        where = (*path, key[1]) if key else path
        inside = f" in {key[1]}" if key else ""
        message = message.replace("Object", path_name(path)).replace("`", "")
        raise TaxonomyError(f"{locate(where)}: {message[0].lower()}{message[1:]}{inside}") from None


def path_name(path: TomlPath) -> str:
    """Return what a table is called in a sentence: ``cue energy``, or ``[[mood]]``."""
    return f"cue {path[-1]}" if "cues" in path else f"[[{path[0]}]]"


def _mood(raw: Mapping[str, Any], path: TomlPath, locate: Locate) -> MoodEntry:
    cues = raw.get("cues", {})
    for feature, cue in cues.items() if isinstance(cues, dict) else ():
        _check_cue(feature, cue, (*path, "cues", feature), locate)
    entry = _convert({"cues": {}, **raw}, MoodEntry, path, locate)
    _check_name(entry.name, "name", MAX_NAME_LENGTH, (*path, "name"), locate)
    for key in ("valence", "arousal"):
        _check_share(getattr(entry, key), key, (*path, key), locate)
    if not entry.cues:
        raise TaxonomyError(
            f"{locate(path)}: mood {entry.name!r} has no cues; "
            "give at least one, as in cues.energy = { rank = 0.9 }"
        )
    if entry.name.casefold() == OTHER:
        raise TaxonomyError(
            f"{locate((*path, 'name'))}: {OTHER!r} is what clusters near no mood are called; "
            "give the mood another name"
        )
    return entry


def _check_cue(feature: str, raw: Any, path: TomlPath, locate: Locate) -> None:
    if feature not in AUDIO_FEATURES:
        hint = nearest(feature, AUDIO_FEATURES)
        raise TaxonomyError(f"{locate(path)}: unknown feature {feature!r}; {hint}")
    cue = _convert(raw, CueEntry, path, locate)
    _check_share(cue.rank, f"rank of {feature}", path, locate)
    if not 0 < cue.weight < math.inf:
        raise TaxonomyError(
            f"{locate(path)}: weight of {feature} must be a number above 0, got {cue.weight:g}"
        )


def _listener_mood(raw: Mapping[str, Any], path: TomlPath, locate: Locate) -> ListenerMoodEntry:
    entry = _convert(raw, ListenerMoodEntry, path, locate)
    _check_name(entry.name, "name", MAX_PHRASE_LENGTH, (*path, "name"), locate)
    if len(entry.phrases) > MAX_PHRASES:
        raise TaxonomyError(
            f"{locate((*path, 'phrases'))}: expected at most {MAX_PHRASES} phrases, "
            f"got {len(entry.phrases)}"
        )
    for phrase in entry.phrases:
        _check_name(phrase, "phrase", MAX_PHRASE_LENGTH, (*path, "phrases", phrase), locate)
    return entry


def _check_share(value: float, what: str, path: TomlPath, locate: Locate) -> None:
    if not 0 <= value <= 1:
        raise TaxonomyError(f"{locate(path)}: {what} must be in [0, 1], got {value:g}")


def _check_name(text: str, what: str, longest: int, path: TomlPath, locate: Locate) -> None:
    if not text or text != text.strip():
        raise TaxonomyError(
            f"{locate(path)}: a {what} must be text without spaces at its ends, got {text!r}"
        )
    if len(text) > longest:
        raise TaxonomyError(
            f"{locate(path)}: a {what} may have {longest} characters, got {len(text)}"
        )
    if not text.isprintable():
        raise TaxonomyError(
            f"{locate(path)}: a {what} may not have control or invisible characters, got {text!a}"
        )


def _check_moods(moods: list[MoodEntry], locate: Locate) -> None:
    if not any(mood.offered for mood in moods):
        what = "every [[mood]] says offered = false" if moods else "there is no [[mood]]"
        raise TaxonomyError(f"{locate(())}: {what}; lists need at least one mood to offer")
    first: dict[str, int] = {}
    for number, mood in enumerate(moods):
        path: TomlPath = ("mood", number, "name")
        _check_new(mood.name, first, path, locate, f"mood {mood.name!r}")
        first[mood.name.casefold()] = number


def _check_new(
    text: str, first: Mapping[str, int], path: TomlPath, locate: Locate, what: str
) -> None:
    """Refuse a text that an earlier table of the same kind has already."""
    if text.casefold() in first:
        earlier = locate((path[0], first[text.casefold()])).rpartition(" ")[2]
        raise TaxonomyError(
            f"{locate(path)}: {what} is there twice, first in the [[{path[0]}]] of line {earlier}"
        )


def _check_phrases(
    moods: list[MoodEntry], listener_moods: list[ListenerMoodEntry], locate: Locate
) -> None:
    song_moods = {mood.name.casefold(): mood.name for mood in moods}
    first: dict[str, int] = {}
    for number, entry in enumerate(listener_moods):
        path: TomlPath = ("listener_mood", number)
        places = [(entry.name, (*path, "name"))]
        places += [
            (phrase, (*path, "phrases", phrase)) for phrase in entry.phrases if phrase != entry.name
        ]
        for phrase, where in places:
            _check_new(phrase, first, where, locate, f"phrase {phrase!r}")
            mood = song_moods.get(phrase.casefold())
            if mood is not None and list(entry.weights) != [mood]:
                raise TaxonomyError(
                    f"{locate(where)}: phrase {phrase!r} is also the song mood {mood!r}, "
                    "so it must weight that mood alone; rename one of the two"
                )
            first[phrase.casefold()] = number


def _check_weights(
    entry: ListenerMoodEntry, moods: list[MoodEntry], path: TomlPath, locate: Locate
) -> None:
    where = (*path, "weights")
    offered = {mood.name: mood.offered for mood in moods}
    for mood, weight in entry.weights.items():
        if mood not in offered:
            hint = nearest(mood, offered)
            raise TaxonomyError(
                f"{locate((*where, mood))}: {entry.name!r} leads to {mood!r}, "
                f"which is no mood; {hint}"
            )
        if not 0 < weight < math.inf:
            raise TaxonomyError(
                f"{locate((*where, mood))}: weight of {mood} must be a number above 0, "
                f"got {weight:g}"
            )
    if not any(offered[mood] for mood in entry.weights):
        raise TaxonomyError(
            f"{locate(where)}: {entry.name!r} leads to no mood that lists may offer; "
            "weight at least one that is offered"
        )
    total = math.fsum(entry.weights.values())
    if abs(total - 1) > SUM_TOLERANCE:
        raise TaxonomyError(
            f"{locate(where)}: weights of {entry.name!r} must sum to 1, got {total:g}"
        )
