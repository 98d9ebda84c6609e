"""The ``moodtune`` command: one thin function per verb, one error boundary."""
