"""How often somebody may ask: token buckets, as many as memory is set aside for.

A bucket holds ``burst`` requests and fills at ``rate`` a second (a token bucket, RFC 2697 in
requests). The bucket that was asked least lately is forgotten when there are too many.
"""

from collections import OrderedDict
from collections.abc import Hashable
from math import ceil


class Buckets:
    """Buckets by whatever is counted; not for several threads."""

    def __init__(self, *, rate: float, burst: int, most: int) -> None:
        self._rate = rate
        self._burst = burst
        self._most = most
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key: Hashable, now: float) -> int | None:
        """Take one from a bucket at ``now`` (seconds); None, or the seconds until there is one."""
        if not self._rate:
            return None
        left = self._filled(key, now)
        if left < 1:
            self._keep(key, left, now)
            return ceil((1 - left) / self._rate)
        self._keep(key, left - 1, now)
        return None

    def give(self, key: Hashable, now: float) -> None:
        """Put back one that was taken from a bucket; none is ever more than full."""
        self._keep(key, min(float(self._burst), self._filled(key, now) + 1), now)

    def wait(self, key: Hashable, now: float) -> int | None:
        """Return the seconds until there is one in a bucket, None for now; takes nothing."""
        left = self._filled(key, now) if self._rate else 1
        return None if left >= 1 else ceil((1 - left) / self._rate)

    def _filled(self, key: Hashable, now: float) -> float:
        left, at = self._left.get(key, (float(self._burst), now))
        return min(float(self._burst), left + max(now - at, 0.0) * self._rate)

    def _keep(self, key: Hashable, left: float, now: float) -> None:
        self._left[key] = (left, now)
        self._left.move_to_end(key)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
