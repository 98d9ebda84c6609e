"""Which tracks take the places: the mix, the limits, no song twice.

Without diversity and length a list is the beginning of one and the same list of ``NESTED`` places,
so that the top 5 is the prefix of the top 10 whatever the limits are. Longer lists are beginnings
of one of ``MAX_N``; it begins alike unless a mood has too few tracks for that many.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from moodtune.ranking.draft import Draft, Rules
from moodtune.ranking.exchange import Exchanges
from moodtune.ranking.lengthening import EXACT, lengthened, longest, most_possible
from moodtune.ranking.query import DEFAULT_N, Query
from moodtune.ranking.quota import turns
from moodtune.ranking.supply import Queue, Supply
from moodtune.ranking.timing import close_gap, gap_ms
from moodtune.ranking.variety import Variety

MAX_N = 500
NESTED = 64

#: Searches for an exchange per list, and ways that each may try.
SEARCHES, TRIES = 32, 24

#: Tracks per place and mood that a list of a length is first filled from, the best ones.
TIMED_REACH = 20

#: Tracks per mood whose durations say about how many places a length has.
_TYPICAL = 64

#: Tracks per mood that a list which ends too early is lengthened with, the best ones.
_INSERTED = 40

_MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a list: the row of the track, the mood it is given to, and the fit to it.

    ``instead_of``  the mood whose turn it was, where the track stands for another mood
    ``carries``     whether the track can stand for the mood; one that cannot is the nearest left
    ``of_a_kind``   the track is of a kind that lists keep out, taken for want of others
    """

    row: int
    mood: int
    score: float
    of_a_kind: bool
    instead_of: int | None = None
    carries: bool = True


def select(supply: Supply, query: Query) -> list[Place]:
    """Return the places of a list, best first, that keep the supply's mix in every prefix.

    Of ``query`` its caps, length and diversity count here. Each place takes the track that fits
    its mood best, ties by track id. The list is shorter than asked where the rules leave no more
    tracks.
    """
    return _Selection(supply, query).places()


def places_at_most(query: Query) -> int:
    """Return how many places the list of ``query`` has at most."""
    if query.n is not None:
        return query.n
    return DEFAULT_N if query.minutes is None else MAX_N


class _Selection:
    """A list in the making."""

    def __init__(self, supply: Supply, query: Query) -> None:
        self._supply = supply
        self._wanted = places_at_most(query)
        self._timed = query.minutes is not None
        nested = not self._timed and not query.diversity
        self._most = self._wanted
        if nested:
            self._most = NESTED if self._wanted <= NESTED else MAX_N
        columns = supply.index.columns
        self._draft = Draft(
            rules_of(query),
            columns.artists,
            columns.durations_ms if self._timed else None,
            supply.work,
        )
        self._variety = None
        if query.diversity and supply.moods:
            self._variety = Variety(supply, query.diversity, self._expected())
        self._turns: Iterator[int] = turns(supply.profile.tolist())
        self._turn: list[int] = []  # whose turn each place was
        self._given: list[int | None] = []  # what its track stands for; None: no mood of the mix
        self._closed: set[int] = set()
        self._searches = SEARCHES
        self._reach: int | None = None  # tracks per mood that are looked at; None: all
        self._exchanged = False
        self._queues: dict[tuple[str, int], Queue] = {}

    def places(self) -> list[Place]:
        if self._plainly():
            return self._placed(self._wanted)
        if self._supply.any_admitted():
            if not (self._timed and self._in_time()):
                self._fill()
            self._lengthen()
            self._tidy()
            if self._timed and len(self._draft) < self._wanted:
                close_gap(self._draft, self._supply, self._given)
        return self._placed(min(len(self._draft), self._wanted))

    def _plainly(self) -> bool:
        """Fill a list in which every turn finds a track of its own; say whether it is one.

        Most lists are, and then the queues, exchanges and counts of a draft are not needed: each
        place takes the best track of its mood whose artists have room. Nothing is changed where a
        turn finds none.
        """
        rules, supply = self._draft.rules, self._supply
        if rules.artist_gap or self._timed or self._variety or not supply.moods:
            return False
        artists = supply.index.columns.artists
        if artists.n_names * rules.artist_cap < self._most and not artists.n_blank:
            return False  # too few artists for so many places, whatever tracks are taken
        order = list(islice(self._turns, self._most))
        self._turns = chain(order, self._turns)
        own = {mood: self._with_artists(mood, order.count(mood)) for mood in set(order)}
        counts: dict[int, int] = {}
        full: set[int] = set()
        rows: dict[int, None] = {}
        for turn in order:
            for row, names in own[turn]:
                if row not in rows and full.isdisjoint(names):
                    break
            else:
                return False
            rows[row] = None
            for name in names:
                counts[name] = given = counts.get(name, 0) + 1
                if given >= rules.artist_cap:
                    full.add(name)
        self._draft.rows, self._turn, self._given = list(rows), order, list(order)
        return True

    def _with_artists(self, mood: int, places: int) -> Iterator[tuple[int, list[int]]]:
        """Yield a mood's own tracks, best first, and their artists: read many at a time."""
        own, artists = self._supply.own(mood), self._supply.index.columns.artists
        done, count = 0, places
        while rows := own.first(count)[done:]:
            self._supply.work.step(2 * len(rows))
            yield from zip(rows, artists.of_rows(np.array(rows)), strict=True)
            done, count = done + len(rows), 2 * count

    def _in_time(self) -> bool:
        """Fill a length with tracks that fit well; say whether exchanges then made it full.

        Without this the last minute would go to whatever is short enough, however badly it fits.
        """
        self._reach = reach = TIMED_REACH * self._expected()
        self._fill()
        self._reach, self._queues = None, {}
        if len(self._draft) == self._most or not self._stopped_by_time(reach):
            return False
        close_gap(self._draft, self._supply, self._given)
        if self._variety:
            self._variety.restart()
        return 2 * gap_ms(self._draft) <= self._supply.shortest_ms

    def _stopped_by_time(self, reach: int) -> bool:
        draft = self._draft
        return any(
            row not in draft and not draft.full(row)
            for mood in self._supply.moods
            for row in self._supply.own(mood).first(reach)
        )

    def _expected(self) -> int:
        """Return about how many places the list will have."""
        limit = self._draft.rules.limit_ms
        if limit is None:
            return self._wanted
        supply = self._supply
        rows = [row for mood in supply.moods for row in supply.own(mood).first(_TYPICAL)]
        if not rows:
            return self._wanted
        typical = float(np.median(supply.index.columns.durations_ms[rows]))
        return min(self._wanted, 1 + int(limit // typical)) if typical else self._wanted

    def _fill(self) -> None:
        for turn in islice(self._turns, self._most - len(self._draft)):
            self._turn.append(turn)
            if not (self._own(turn) or self._another(turn) or self._nearest(turn)):
                # Its turn comes again, should the list go on.
                self._turns = chain([self._turn.pop()], self._turns)
                break

    def _own(self, turn: int) -> bool:
        row = self._variety.take(turn, self._draft) if self._variety else None
        if row is None:
            queue = self._queues.get(("own", turn)) or self._queue("own", turn)
            row = queue.take(self._draft)
        return self._add(row, turn) or self._exchange(turn)

    def _another(self, turn: int) -> bool:
        """Give the place to the mood that is farthest below its share."""
        return any(
            self._add(self._queue("own", mood).take(self._draft), mood)
            for mood in self._by_deficit()
            if mood != turn
        )

    def _nearest(self, turn: int) -> bool:
        """Give the place to a track that can stand for no mood of the mix."""
        if self._reach is not None:
            return False
        rest, strangers = self._queue("rest", turn), self._queue("strangers", turn)
        return self._add(rest.take(self._draft), None) or self._add(
            strangers.take(self._draft), None
        )

    def _add(self, row: int | None, given: int | None) -> bool:
        if row is None:
            return False
        self._draft.add(row)
        self._given.append(given)
        return True

    def _by_deficit(self) -> list[int]:
        places = len(self._given) + 1
        below = {
            mood: self._supply.profile[mood] * places - self._given.count(mood)
            for mood in self._supply.moods
        }
        return sorted(below, key=lambda mood: (-below[mood], mood))

    def _exchange(self, turn: int) -> bool:
        one = len(self._supply.moods) == 1
        if one or turn in self._closed or not self._searches:
            return False
        self._searches -= 1
        is_own = [t == g for t, g in zip(self._turn, self._given, strict=False)]
        search = Exchanges(self._draft, self._supply, self._turn, is_own, self._refill)
        for way in islice(search.ways(turn), TRIES):
            if self._draft.change(way):
                self._changed(sorted(way))
                return True
        if not self._timed and not self._draft.rules.artist_gap:
            self._closed.add(turn)  # what could not be had now cannot be had later either
        return False

    def _refill(self, position: int) -> Iterator[int]:
        supply, turn = self._supply, self._turn[position]
        own = (iter(supply.own(mood)) for mood in self._by_deficit() if mood != turn)
        return chain(*own, supply.rest(turn), supply.strangers(turn))

    def _changed(self, positions: list[int]) -> None:
        self._given += [None] * (len(self._draft) - len(self._given))
        for position in positions:
            self._given[position] = self._stands_for(position)
        self._exchanged = True
        self._queues.clear()
        if self._variety:
            self._variety.restart()

    def _stands_for(self, position: int) -> int | None:
        row, turn = self._draft.rows[position], self._turn[position]
        return turn if self._supply.carries(turn, row) else self._supply.stands_for(row)

    def _lengthen(self) -> None:
        """Look for a longer list where this one ends before the tracks do."""
        draft = self._draft
        if len(draft) >= self._most or len(draft) >= len(self._supply.admitted):
            return
        admitted = self._supply.admitted
        if len(admitted) <= EXACT:
            rows = longest(draft, admitted.tolist(), self._preferred, self._most)
        elif not self._timed:
            columns = self._supply.index.columns
            bound = most_possible(admitted, columns.artists, draft.rules, self._most)
            if len(draft) >= bound:
                return
            best = [self._supply.own(mood).first(_INSERTED) for mood in self._supply.moods]
            rows = lengthened(draft, list(dict.fromkeys(chain(*best))), bound)
        else:
            return
        if len(rows) > len(draft):
            self._restart(rows)

    def _preferred(self, position: int) -> list[int]:
        turn, supply = self._turn_at(position), self._supply
        others = (supply.own(mood) for mood in supply.moods if mood != turn)
        ranked = chain(supply.own(turn), *others, supply.rest(turn), supply.strangers(turn))
        return list(dict.fromkeys(ranked))

    def _turn_at(self, position: int) -> int:
        return next(islice(turns(self._supply.profile.tolist()), position, None))

    def _restart(self, rows: list[int]) -> None:
        self._draft.restart(rows)
        self._turn = list(islice(turns(self._supply.profile.tolist()), len(rows)))
        self._given = [None] * len(rows)
        self._changed(list(range(len(rows))))

    def _tidy(self) -> None:
        """After exchanges, let the best track of each mood come first again."""
        if not self._exchanged or self._draft.rules.artist_gap or self._variety:
            return
        rows = list(self._draft.rows)
        for mood in self._supply.moods:
            positions = [p for p, given in enumerate(self._given) if given == mood]
            mine = np.array([rows[p] for p in positions], dtype=np.intp)
            ordered = mine[np.lexsort((mine, -self._supply.keys(mood, mine)))].tolist()
            for position, row in zip(positions, ordered, strict=True):
                rows[position] = row
        self._draft.restart(rows)

    def _queue(self, which: str, mood: int) -> Queue:
        if (which, mood) not in self._queues:
            ranked = {"own": self._supply.own, "rest": self._supply.rest}.get(
                which, self._supply.strangers
            )
            rows = ranked(mood)
            self._queues[which, mood] = Queue(
                rows if self._reach is None else rows.first(self._reach)
            )
        return self._queues[which, mood]

    def _placed(self, count: int) -> list[Place]:
        """Return the first places, each with its mood and the fit to it."""
        rows, turns_ = self._draft.rows[:count], self._turn[:count]
        moods = [
            turn if given is None else given
            for turn, given in zip(turns_, self._given, strict=False)
        ]
        scores = self._supply.fits_each(np.array(moods, np.intp), np.array(rows, np.intp))
        return [
            Place(
                row=row,
                mood=mood,
                score=score,
                of_a_kind=self._supply.is_kind(row),
                instead_of=None if mood == turn else turn,
                carries=given is not None,
            )
            for row, mood, turn, given, score in zip(
                rows, moods, turns_, self._given, scores.tolist(), strict=False
            )
        ]


def rules_of(query: Query) -> Rules:
    """Return what ``query`` wants to hold between the tracks of a list."""
    limit = None if query.minutes is None else int(query.minutes * _MS_PER_MINUTE)
    gap = query.artist_gap if query.artist_cap > 1 else 0  # nobody comes twice
    return Rules(artist_cap=query.artist_cap, artist_gap=gap, limit_ms=limit)
