"""On which line of a TOML text a value stands, which ``tomllib`` does not tell.

The text is known to be valid TOML, so a small scan is enough: it splits the text into statements
(a header, or ``key = value`` over as many lines as its brackets and strings reach) and notes the
line on which each starts.
"""

import re

#: Where a value stands: ``("mood", 0, "cues", "energy")`` is the cue of the first ``[[mood]]``.
TomlPath = tuple[str | int, ...]

_PIECE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[^\"'\#\[\]{}\n]+"
    r"|.",
    re.DOTALL,
)
_KEY_PART = re.compile(r"""\s*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)\s*(\.?)""")


def statements(text: str) -> list[tuple[int, str]]:
    """Return each statement of a valid TOML text with the number of its first line, from 1."""
    found: list[tuple[int, str]] = []
    line, start, depth = 1, 1, 0
    parts: list[str] = []
    for piece in (match.group() for match in _PIECE.finditer(text + "\n")):
        depth += (piece in ("[", "{")) - (piece in ("]", "}"))
        if piece == "\n" and depth == 0:
            found.append((start, "".join(parts).strip()))
            start, parts = line + 1, []
        elif not piece.startswith("#"):
            parts.append(piece)
        line += piece.count("\n")
    return [(number, statement) for number, statement in found if statement]


def _dotted(key: str) -> tuple[str, ...]:
    """Split a dotted key into its parts, up to the first thing that is no key."""
    parts, end, more = [], 0, "."
    while more and (match := _KEY_PART.match(key, end)):
        parts.append(match[1].strip("\"'"))
        more, end = match[2], match.end()
    return tuple(parts)


class TomlLines:
    """The line of every table and key of one valid TOML text."""

    def __init__(self, text: str) -> None:
        self._lines: dict[TomlPath, int] = {(): 1}
        self._texts: dict[TomlPath, str] = {}
        self._counts: dict[TomlPath, int] = {}
        prefix: TomlPath = ()
        for line, statement in statements(text):
            if statement.startswith("["):
                prefix = self._header(statement)
                self._note(prefix, line)
            else:
                path = prefix + _dotted(statement)
                self._note(path, line)
                self._texts[path] = statement

    def _header(self, statement: str) -> TomlPath:
        """Return the path that a header opens; an array of tables counts its entries."""
        path: TomlPath = ()
        for part in _dotted(statement.strip("[]")):
            path = (*path, part)
            if path in self._counts:
                path = (*path, self._counts[path])
        if statement.startswith("[["):
            path = path[:-1] if path and isinstance(path[-1], int) else path
            self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, self._counts[path])
        return path

    def _note(self, path: TomlPath, line: int) -> None:
        """Note the line of ``path``, and of what it opens on its way."""
        for end in range(1, len(path) + 1):
            self._lines.setdefault(path[:end], line)

    def line(self, path: TomlPath) -> int:
        """Return the line on which ``path`` stands, or what it is written inside of.

        A string inside an array of several lines is found by its text: end the path with it.
        """
        known = path
        while known not in self._lines:
            known = known[:-1]
        return self._lines[known] + (self._offset(known, str(path[-1])) if path else 0)

    def _offset(self, known: TomlPath, sought: str) -> int:
        """Return how many lines below the start of its statement a text stands."""
        _, _, value = self._texts.get(known, "").partition("=")
        found = re.search(f"([\"']){re.escape(sought)}\\1", value)
        return value.count("\n", 0, found.start()) if found else 0
