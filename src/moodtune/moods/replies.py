"""What a person replies to a question: an answer, or a mood said outright."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moodtune.errors import UsageError
from moodtune.listeners.phrases import MoodPhrases
from moodtune.moods.listener_model import listener_phrases
from moodtune.moods.questionnaire import Question
from moodtune.moods.taxonomy import Taxonomy

#: What is typed for a cell left blank.
BLANK_KEY = "-"
#: A mood said outright is at least so probable.
SAID_PROBABILITY = 0.95
#: The part of a profile that moods said outright hold at least.
SAID_PART = 0.75
_FEEL = re.compile(
    r"^\s*(?:i\s*(?:feel|am\s+feeling|am|['’]m\s+feeling|['’]m)|feeling)\b"  # noqa: RUF001 -- typed so
    r"\s*(?:(?:like|really|very|so|quite|rather|pretty|a\s+bit|a\s+little)\s+)*",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+(?:and|&)\s+", re.IGNORECASE)
_LIST = re.compile(r"\s*[,;]\s*|\s+")
_COMMAS = re.compile(r"\s*[,;]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Moods that a person says they are in: names of listener moods, or of song moods."""

    moods: tuple[str, ...]


def read_said(text: str, taxonomy: Taxonomy) -> Said | None:
    """Return the moods of "I feel ...", or of a mood's name or phrase alone; else None.

    UsageError where it begins with "I feel" and names what is no mood.

    >>> from moodtune.moods.taxonomy import load_taxonomy
    >>> read_said("I feel very sad", load_taxonomy())
    Said(moods=('Sadness or melancholy',))
    """
    known = MoodPhrases(listener_phrases(taxonomy))
    felt = _FEEL.match(text)
    phrase = text[felt.end() :] if felt else text
    for attempt in (phrase.strip(" .!"), _AND.sub(",", phrase.strip(" .!"))):
        moods, unknown = known.read(attempt)
        if moods and not unknown:
            return Said(moods=tuple(dict.fromkeys(moods)))
    if felt is None:
        return None
    near = known.nearest(phrase)
    hint = f"; did you mean {near!r}?" if near else ""
    raise UsageError(
        f"no mood is called {phrase.strip()[:60]!r}{hint} The moods are {', '.join(known.moods)}"
        if hint
        else f"no mood is called {phrase.strip()[:60]!r}; the moods are {', '.join(known.moods)}"
    )


def outweighed(profile: Mapping[str, float], said: Iterable[str]) -> dict[str, float]:
    """Return a listener's profile in which the moods said outright outweigh all others.

    Each that was said gets a probability of `SAID_PROBABILITY` or more; the others are made
    smaller alike, where they must be, until those said hold `SAID_PART` of the sum and none is
    above them. So a list, whose mix follows the profile, is theirs by three parts of four whatever
    the survey suggests.
    """
    named = tuple(dict.fromkeys(said))
    felt = {mood: max(profile.get(mood, 0.0), SAID_PROBABILITY) for mood in named}
    others = [p for mood, p in profile.items() if mood not in felt and p > 0]
    room = sum(felt.values()) * (1 - SAID_PART) / SAID_PART
    shrink = (
        min(1.0, room / sum(others), SAID_PROBABILITY / max(others)) if felt and others else 1.0
    )
    suggested = {mood: p if mood in felt else p * shrink for mood, p in profile.items()}
    return {**suggested, **felt}


def keys_of(question: Question) -> dict[str, str | None]:
    """Return what is typed for each option, and the option: a number from 1, or the blank's sign.

    Options that are numbers themselves are typed as they are, in their order.
    """
    answers = [option.answer for option in question.options if option.answer is not None]
    if answers and all(_is_number(answer) for answer in answers):
        keys: dict[str, str | None] = {a: a for a in sorted(answers, key=float)}
    else:
        keys = {str(i): answer for i, answer in enumerate(answers, start=1)}
    if any(option.answer is None for option in question.options):
        keys[BLANK_KEY] = None
    return keys


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", text) is not None


def cell_of(question: Question, text: str) -> str | None:
    """Return the cell of a behavior table that a reply comes to; None is a cell left blank.

    A reply is the numbers of options, or the options themselves; for a number or a date it is
    that. UsageError where it is neither.
    """
    keys, typed = keys_of(question), text.strip()
    if typed == BLANK_KEY and BLANK_KEY in keys:
        return None
    if question.kind in {"number", "date"}:
        return typed
    words = {_folded(answer): answer for answer in keys.values() if answer is not None}
    choices = {key: answer for key, answer in keys.items() if answer is not None} | words
    for parts in ([typed], _COMMAS.split(typed), _LIST.split(typed)):
        chosen = [choices.get(_folded(part)) for part in parts if part]
        named = [answer for answer in chosen if answer is not None]
        if named and len(named) == len(chosen):
            return _one_or_several(question, tuple(dict.fromkeys(named)))
    raise UsageError(f"{typed[:60]!r} is none of the answers; {_how(question, keys)}")


def _one_or_several(question: Question, named: tuple[str, ...]) -> str:
    if question.kind == "one" and len(named) > 1:
        raise UsageError("this question takes one answer; type one of the numbers")
    return ", ".join(named)


def _how(question: Question, keys: Mapping[str, str | None]) -> str:
    numbers = [key for key in keys if key != BLANK_KEY]
    several = ", or several with commas between" if question.kind == "several" else ""
    return f"type one of {', '.join(numbers)}{several}"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
