"""Which moods stand for which of a table's labels: ``melancholy=Sad;calm,relax,deep=Calm``."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from moodtune.errors import UsageError
from moodtune.tables.text import literal, quoted

_EXAMPLE = "write moods=label and part several by ';', as in 'melancholy=Sad;calm,relax=Calm'"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMatch:
    """A label as it is called here, and the song moods whose probabilities add up to it."""

    label: str
    moods: tuple[str, ...]


def parse_match(text: str, moods: Sequence[str]) -> tuple[LabelMatch, ...]:
    """Return what ``text`` matches, labels in the order of their first mention.

    A label named twice has the moods of both; one mood may stand for several labels. Case and
    spaces around names make no difference. UsageError for anything that is not of this form, and
    for a mood that is none of ``moods``, with the nearest name.
    """
    found: dict[str, LabelMatch] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        before, equals, after = part.partition("=")
        label, names = after.strip(), [name.strip() for name in before.split(",")]
        if not equals or not label or not all(names):
            raise UsageError(f"--match {quoted(part)} is not understood: {_EXAMPLE}")
        known = found.setdefault(label_key(label), LabelMatch(label=label, moods=()))
        asked = (*known.moods, *(_mood(name, moods) for name in names))
        found[label_key(label)] = LabelMatch(label=known.label, moods=tuple(dict.fromkeys(asked)))
    if not found:
        raise UsageError(f"--match is empty: {_EXAMPLE}")
    return tuple(found.values())


def match_by_name(labels: Sequence[str], moods: Sequence[str]) -> tuple[LabelMatch, ...]:
    """Match each label that is called like a mood to that mood; UsageError if none is."""
    present = {label_key(label): label for label in sorted(labels, reverse=True)}
    found = [
        LabelMatch(label=present[mood.casefold()], moods=(mood,))
        for mood in moods
        if mood.casefold() in present
    ]
    if not found:
        raise UsageError(
            f"no label is called like a mood of the model; say with --match which moods stand for "
            f"which label: the labels are {shown(sorted(labels))}, the moods {shown(moods)}"
        )
    return tuple(found)


def label_key(label: str) -> str:
    """Return what two spellings of one label share."""
    return label.strip().casefold()


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint at the nearest of ``known``, as the end of a sentence."""
    near = difflib.get_close_matches(name.casefold(), [k.casefold() for k in known], n=1)
    meant = next((k for k in known if near and k.casefold() == near[0]), None)
    return f"did you mean {literal(meant)}?" if meant else f"it has {shown(known)}"


def shown(names: Sequence[str], most: int = 12) -> str:
    """Return names for a sentence; of many only the first, and how many more there are."""
    said = ", ".join(literal(name)[:60] for name in names[:most])
    rest = len(names) - most
    return f"{said} and {rest:,} more" if rest > 0 else said


def _mood(name: str, moods: Sequence[str]) -> str:
    for mood in moods:
        if mood.casefold() == name.casefold():
            return mood
    raise UsageError(
        f"--match names the mood {quoted(name)}, which the model does not have; "
        f"{nearest(name, moods)}"
    )
