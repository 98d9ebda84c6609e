"""Debian's wrk, driven by a script: another query and another listener with every request.

wrk waits for an answer before it asks again on the same connection. To ask at a fixed rate, all
its connections together take places from one schedule, whose gaps are drawn from the exponential
distribution (as of people who know nothing of each other), however long the answers take: so a slow
answer holds nobody back unless all connections wait.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

_SCRIPT = Path(__file__).with_name("wrk.lua")
_FOUND = re.compile(r"^measured (\{.*\})$", re.MULTILINE)
_TIMEOUT_S = 10
_PATIENCE_S = 120


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    """What wrk measured: latencies in ms, from a request's sending to its answer's end.

    ``errors``  answers that are no 2xx or 3xx, and connections that failed or timed out
    """

    requests: int
    seconds: float
    p50: float
    p90: float
    p99: float
    most: float
    refused: int
    broken: int

    @property
    def errors(self) -> int:
        return self.refused + self.broken

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def wrk_version() -> str:
    """Return what wrk says it is; RuntimeError where there is none."""
    if shutil.which("wrk") is None:
        raise RuntimeError("this needs wrk, a public load tool: apt-get install wrk")
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[:2])


def press(
    url: str,
    *,
    bodies: Sequence[bytes],
    tokens: Sequence[str],
    folder: Path,
    seconds: int,
    connections: int,
    rate: float | None = None,
) -> Pressed:
    """Send ``bodies`` in turn for some seconds; at ``rate`` a second, or as fast as it is answered.

    RuntimeError where wrk fails, or where the bodies did not last: a query would have come twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bodies").write_bytes(b"\n".join(bodies) + b"\n")
    (folder / "tokens").write_text("\n".join(tokens) + "\n", encoding="ascii")
    command = [
        *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={_TIMEOUT_S}s"),
        *("-s", str(_SCRIPT), f"{url}/v1/recommendations"),
        *("--", str(folder), str(rate or 0)),
    ]
    said = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + _PATIENCE_S
    )
    found = _FOUND.search(said.stdout)
    if found is None:
        raise RuntimeError(f"wrk failed:\n{said.stdout}{said.stderr}")
    pressed = msgspec.json.decode(found[1], type=Pressed)
    if pressed.requests + connections > len(bodies):
        raise RuntimeError(f"{len(bodies):,} queries are too few for {pressed.requests:,} requests")
    return pressed
