"""What the service remembers: tokens, answers, feedback, saved lists, and what was shown."""

from moodtune.serving.store.nouns import (
    Identity,
    Memory,
    NewToken,
    Playlist,
    PlaylistEntry,
    SavedAnswers,
    TokenEntry,
)
from moodtune.serving.store.store import Store

__all__ = [
    "Identity",
    "Memory",
    "NewToken",
    "Playlist",
    "PlaylistEntry",
    "SavedAnswers",
    "Store",
    "TokenEntry",
]
