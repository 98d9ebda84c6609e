"""``python -m moodtune`` is the ``moodtune`` command."""

from moodtune.terminal.app import main

main()
