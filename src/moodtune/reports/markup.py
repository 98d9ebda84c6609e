"""Text as Markdown that shows it as it is, and tables."""

import re
from collections.abc import Sequence

from moodtune.tables.text import literal

_MARKUP = re.compile(r"([\\`*\[\]|~$@#])")
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # inside a word an underscore is itself
_LINK = re.compile(r"(?i)(www)\.|(:)//")
_LIST_START = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=])(?=[-+=\s]|$)")


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is: no markup, no HTML, no link."""
    shown = literal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _EMPHASIS.sub(r"\\_", _MARKUP.sub(r"\\\1", shown))
    shown = _LINK.sub(lambda m: rf"{m[1]}\." if m[1] else r"\://", shown)
    return _LIST_START.sub(lambda m: rf"{m[1]}\{m[2]}" if m[1] else rf"\{m[3]}", shown)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, n_words: int = 1) -> str:
    """Return a table whose columns after the first ``n_words`` of a number are set to the right."""
    numeric = [
        k >= n_words and all(re.fullmatch(r"[-\d.,]*", row[k]) for row in rows)
        for k in range(len(head))
    ]
    rule = ["--:" if right else ":--" for right in numeric]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
