"""What the service can be told; every default is written here, once."""

from typing import Annotated

import msgspec

_Count = Annotated[int, msgspec.Meta(ge=1)]


class ServingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The constants of the service.

    The store keeps, for each listener, at most:

    ``playlists``         saved lists
    ``playlist_tracks``   tracks of one saved list
    ``feedback_events``   likes, skips and bans; one more is refused, none is ever dropped
    ``shown_a_day``       tracks that were listed, per day: the first ones of the day
    ``shown_days``        days back that what was listed counts, and is kept

    and hands out for a list at most:

    ``recalled_events``   the newest likes and skips; bans are all handed out
    ``recalled_likes``    tracks that were liked last
    ``recalled_shown``    pairs of a day and a track, the newest days first

    ``store_threads``     threads that use the store at once: so many connections are kept open
    ``store_wait``        seconds that a statement waits for a lock or for a free connection
    """

    playlists: _Count = 200
    playlist_tracks: _Count = 500
    feedback_events: _Count = 20_000
    shown_a_day: _Count = 2_000
    shown_days: _Count = 60
    recalled_events: _Count = 1_000
    recalled_likes: _Count = 200
    recalled_shown: _Count = 2_000
    store_threads: _Count = 8
    store_wait: Annotated[float, msgspec.Meta(gt=0)] = 5.0
