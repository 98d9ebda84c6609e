"""The settings of the service; every default is written here and nowhere else."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

_Count: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
_Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=86_400)]
_Rate: TypeAlias = Annotated[float, Meta(ge=0, le=100_000)]


class ServingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the service allows, how much at once, and for how long.

    Work
      ``search_threads``     requests of one process that are worked on at a time
      ``queue_length``       requests that may wait for a thread; one more is told to come back
      ``queue_wait_s``       a request that has waited so long is given up
      ``retry_after_s``      what a client is told to wait then
      ``budget``             units of work that one query may take (`ranking.work`); None: any
    Rates, per listener and address once the secret is known, else per address; 0: no bound
      ``rate``, ``burst``    requests a second that are let through, and how many at once
      ``failed_rate``, ``failed_burst``  the same for secrets that are no token, per address
      ``rate_keys``          buckets that are remembered at most
      ``good_secrets``       secrets whose owners are let through while others guess, at most
    Sizes
      ``body_bytes``         of a request
      ``head_bytes``         of its first line and headers
      ``search_characters``  of a search text
      ``found``, ``most_found``  tracks that a search gives, where it does not say, and at most
      ``nearest``            tracks that are named beside a track
      ``map_points``         points of the mood map at most
      ``catalog_genres``     genres that the catalog's description names at most
      ``answers``, ``answer_characters``  answers of a listener, and characters of each
    What the store keeps of a listener, at most
      ``playlists``          saved lists
      ``playlist_tracks``    tracks of one saved list
      ``feedback_events``    likes, skips and bans; one more is refused, none is ever dropped
      ``shown_days``         days back that what was listed counts, and is kept
    and what it hands out for a list
      ``recalled_events``    the newest likes and skips; bans are all handed out
      ``recalled_shown``     pairs of a day and a track, the newest days first
      ``recalled_lists``     lists that are looked through for these, in parts of 20 tracks
      ``store_threads``      threads that use the store at once: so many connections are kept open
      ``store_wait``         seconds that a statement waits for a lock or for a free connection
    Connections
      ``head_s``, ``body_s`` a request's head, and its body, must have come by then
      ``answer_s``           its answer must have been taken by then
      ``idle_s``             a connection without a request is closed then
      ``connections``, ``connections_per_address``  open at once; trusted proxies count as the first
      ``stop_s``             requests in flight may take so long when the service stops
    People
      ``cookie_days``        after which a session ends
      ``sessions``           of a token at a time; one more ends the oldest
      ``tokens_looked_for_s``  how often a service without tokens asks whether there are any
    Reload
      ``watch_s``            how often the generation file is looked at
      ``reload_s``           how long ``moodtune reload`` waits for the processes to tell
    """

    search_threads: Annotated[int, Meta(ge=1, le=64)] = 2
    queue_length: _Count = 64
    queue_wait_s: _Seconds = 0.5
    retry_after_s: _Count = 1
    budget: Annotated[int, Meta(ge=1)] | None = 8_000_000

    rate: _Rate = 20.0
    burst: _Count = 60
    failed_rate: _Rate = 0.2
    failed_burst: _Count = 10
    rate_keys: _Count = 20_000
    good_secrets: _Count = 2_000

    body_bytes: _Count = 64 * 1024
    head_bytes: _Count = 16 * 1024
    search_characters: _Count = 200
    found: _Count = 20
    most_found: _Count = 100
    nearest: _Count = 10
    map_points: _Count = 100_000
    catalog_genres: _Count = 500
    answers: _Count = 200
    answer_characters: _Count = 500

    playlists: _Count = 200
    playlist_tracks: _Count = 500
    feedback_events: _Count = 20_000
    shown_days: _Count = 60
    recalled_events: _Count = 1_000
    recalled_shown: _Count = 2_000
    recalled_lists: _Count = 1_000
    store_threads: _Count = 8
    store_wait: _Seconds = 5.0

    head_s: _Seconds = 10.0
    body_s: _Seconds = 10.0
    answer_s: _Seconds = 120.0
    idle_s: _Seconds = 15.0
    connections: _Count = 2_000
    connections_per_address: _Count = 500
    stop_s: _Seconds = 10.0

    cookie_days: Annotated[int, Meta(ge=1, le=400)] = 30
    sessions: _Count = 20
    tokens_looked_for_s: _Seconds = 1.0

    watch_s: _Seconds = 0.5
    reload_s: _Seconds = 120.0
