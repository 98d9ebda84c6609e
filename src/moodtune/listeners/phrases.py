"""What a cell of the mood column says: a few phrases, each of which means a mood."""

import difflib
import re
from collections.abc import Mapping

_SEPARATORS = re.compile(r"\s*[,;]\s*")
_SPACES = re.compile(r"\s+")


def _canonical(text: str) -> str:
    folded = _SPACES.sub(" ", text.casefold()).strip()
    return ",".join(part for part in _SEPARATORS.split(folded) if part)


class MoodPhrases:
    """The phrases that mean a mood, and how to read them in a cell that ticks several.

    Case, doubled spaces, and spaces around commas do not matter. Where two phrases are the same
    but for these, the first counts.
    """

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self._meanings: dict[str, str] = {}
        self._spellings: dict[str, str] = {}
        for phrase, mood in meanings.items():
            self._meanings.setdefault(_canonical(phrase), mood)
            self._spellings.setdefault(_canonical(phrase), phrase)
        self.moods = tuple(dict.fromkeys(meanings.values()))
        self._longest = max((phrase.count(",") + 1 for phrase in self._meanings), default=1)

    def read(self, cell: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the moods of a cell in its order, and the parts that mean none.

        Phrases stand between commas or semicolons, and may have commas of their own: the longest
        phrase that fits is taken.

        >>> phrases = MoodPhrases({"Quiet, slow": "calm", "Quiet": "relax"})
        >>> phrases.read("quiet , SLOW,Quiet, Loud,")
        (('calm', 'relax'), ('loud',))
        """
        parts = [part for part in _canonical(cell).split(",") if part]
        moods: dict[str, None] = {}
        unknown: list[str] = []
        start = 0
        while start < len(parts):
            taken = self._longest_phrase(parts, start)
            if taken:
                moods[self._meanings[",".join(parts[start : start + taken])]] = None
            else:
                unknown.append(parts[start])
            start += taken or 1
        return tuple(moods), tuple(unknown)

    def _longest_phrase(self, parts: list[str], start: int) -> int:
        """Return how many parts from ``start`` on are one known phrase; 0 if none are."""
        for taken in range(min(self._longest, len(parts) - start), 0, -1):
            if ",".join(parts[start : start + taken]) in self._meanings:
                return taken
        return 0

    def nearest(self, text: str) -> str | None:
        """Return the known phrase that ``text`` may be a slip of, or None."""
        close = difflib.get_close_matches(_canonical(text)[:200], self._meanings, n=1)
        return self._spellings[close[0]] if close else None
