"""Moodtune: the mood of a listener, the moods of a catalog, and the tracks that fit."""

__version__ = "0.1.0"
