"""Fuzzed bodies sent 16 at once: how each is answered, and how soon."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import httpx
import numpy as np
from fuzzed_bodies import Fuzzed, fuzzed_bodies
from service_queries import Words

AT_ONCE = 16
MOST_S = 2.0
_PROBLEM = "application/problem+json"
_PATIENCE_S = 60.0
_SHOWN = 300
_SLOWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a body was answered; ``status`` is 0 where the connection broke."""

    asked: Fuzzed
    status: int
    content_type: str
    seconds: float
    said: str

    @property
    def fault(self) -> str | None:
        """What is wrong with the answer, however soon it came."""
        if self.status == 0:
            return f"no answer: {self.said}"
        if self.status >= 500 and self.status != 503:
            return f"{self.status}"
        if self.status >= 400 and self.content_type != _PROBLEM:
            return f"{self.status} as {self.content_type or 'nothing'}"
        if self.status < 200 or 300 <= self.status < 400:
            return f"{self.status}"
        return None


async def _send(
    client: httpx.AsyncClient, asked: Fuzzed, token: str | None, at_once: asyncio.Semaphore
) -> Answered:
    headers = {"content-type": asked.content_type}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    async with at_once:
        began = time.perf_counter()
        try:
            answer = await client.post("/v1/recommendations", content=asked.body, headers=headers)
        except httpx.HTTPError as error:
            status, kind, said = 0, "", repr(error)
        else:
            status, kind = answer.status_code, answer.headers.get("content-type", "")
            said = answer.text[:_SHOWN]
        seconds = time.perf_counter() - began
    return Answered(asked=asked, status=status, content_type=kind, seconds=seconds, said=said)


async def _sent(url: str, bodies: Iterable[Fuzzed], tokens: Sequence[str]) -> list[Answered]:
    at_once = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S) as client:
        return await asyncio.gather(
            *(
                _send(client, asked, tokens[number % len(tokens)] if tokens else None, at_once)
                for number, asked in enumerate(bodies)
            )
        )


def answers(url: str, bodies: Iterable[Fuzzed], tokens: Sequence[str] = ()) -> list[Answered]:
    """Send every body, ``AT_ONCE`` of them at a time, by one token after another."""
    return asyncio.run(_sent(url, bodies, tokens))


def fuzz_table(
    url: str, tokens: Sequence[str], words: Words, ids: Sequence[str], *, count: int
) -> tuple[str, bool]:
    """Return how ``count`` bodies are answered as markdown, and whether all are as they must be."""
    found = answers(url, fuzzed_bodies(words, ids, count, seed=1), tokens)
    faults = [answer for answer in found if answer.fault is not None]
    late = [answer for answer in found if answer.seconds > MOST_S]
    lines = [
        f"{count:,} bodies, {AT_ONCE} at once: half valid and extreme, half broken.",
        "",
        "| bodies | answers | median ms | p99 ms | slowest ms | by status |",
        "|---|---|---|---|---|---|",
        *(_row(found, valid=valid) for valid in (True, False)),
        "",
        f"- other than 2xx, or 4xx and 503 as problems: {len(faults)}",
        f"- later than {MOST_S:g} s: {len(late)}",
        *_told(faults),
        *_told(sorted(late, key=lambda answer: -answer.seconds)[:_SLOWEST]),
    ]
    return "\n".join(lines), not faults and not late


def _row(found: Sequence[Answered], *, valid: bool) -> str:
    rows = [answer for answer in found if answer.asked.valid == valid]
    ms = [1000 * answer.seconds for answer in rows]
    by_status = Counter(answer.status for answer in rows)
    said = ", ".join(f"{number:,} × {status}" for status, number in sorted(by_status.items()))  # noqa: RUF001
    return (
        f"| {'valid' if valid else 'broken'} | {len(rows):,} | {np.median(ms):.0f} "
        f"| {np.quantile(ms, 0.99):.0f} | {max(ms):.0f} | {said} |"
    )


def _told(rows: Iterable[Answered]) -> Iterator[str]:
    for row in rows:
        asked = row.asked.body[:_SHOWN].decode(errors="replace")
        yield f"  - {row.status}, {1000 * row.seconds:.0f} ms, `{asked}`: `{row.said}`"
