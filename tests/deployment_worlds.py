"""What is documented of running the service, as it is run: its unit's command, nginx in front."""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

DOCS = Path(__file__).parents[1] / "docs"
SITE, UNIT = DOCS / "deploy" / "nginx.conf", DOCS / "deploy" / "moodtune.service"
NAME = "music.example"
_SECONDS = 60
#: What Debian's own nginx.conf has, as far as a site needs it. Nothing is written outside.
_MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/start.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    {kinds}_temp_path {folder}/bodies;
    include /etc/nginx/mime.types;
    include {folder}/site.conf;
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def missing(*programs: str) -> str | None:
    """Say which program is not here; None if all are."""
    absent = [name for name in programs if shutil.which(name) is None]
    return f"no {', '.join(absent)} on PATH; .ci/run installs it" if absent else None


def replaced(text: str, values: Mapping[str, str]) -> str:
    """Return a documented text with values in place of those it has, each of which it must have."""
    for documented, value in values.items():
        assert documented in text, f"{documented!r} is no longer in the documentation"
        text = text.replace(documented, value)
    return text


def unit_command(values: Mapping[str, str]) -> list[str]:
    """Return the command of the documented unit, with values replaced, run by this Python."""
    found = re.search(r"^ExecStart=(.+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    program, *options = shlex.split(replaced(found[1], values))
    assert program == "/opt/moodtune/bin/moodtune"
    return [sys.executable, "-m", "moodtune", *options]


@contextmanager
def started(
    folder: Path, model: Path, values: Mapping[str, str], *more: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run the unit's command over a model and a store in a folder; yield it and its address."""
    own = {
        "/srv/moodtune/model": str(model),
        "/var/lib/moodtune": str(folder),
        "--port 8000": "--port 0",
    }
    with (
        (folder / "stderr").open("wb") as log,
        subprocess.Popen(
            [*unit_command({**own, **values}), *more], stdout=subprocess.PIPE, stderr=log, text=True
        ) as service,
    ):
        try:
            said = re.search(r"http://\S+", service.stdout.readline())
            assert said, (folder / "stderr").read_text(encoding="utf-8")
            yield service, said[0]
        finally:
            service.terminate()


def free_port() -> int:
    """Return a port that nobody listens on: nginx cannot be given one by the system."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@dataclass(frozen=True)
class Certificate:
    """A certificate for the documented name, signed by itself."""

    folder: Path

    @property
    def public(self) -> Path:
        return self.folder / "fullchain.pem"

    @property
    def private(self) -> Path:
        return self.folder / "privkey.pem"

    def make(self) -> None:
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        )
        name = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
        files = ["-keyout", self.private, "-out", self.public]
        subprocess.run([*command.split(), *name, *files], check=True, capture_output=True)

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.public))


class Nginx:
    """The documented site, run by an nginx of our own in a folder, on loopback."""

    def __init__(self, folder: Path, upstream: int) -> None:
        self.folder, self.port, self.plain = folder, free_port(), free_port()
        self.certificate = Certificate(folder)
        self.certificate.make()
        site = replaced(SITE.read_text(encoding="utf-8"), self._values(upstream))
        (folder / "site.conf").write_text(site, encoding="utf-8")
        temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in _TEMPORARY)
        main = _MAIN.replace("    {kinds}_temp_path {folder}/bodies;\n", temporary)
        user = "user www-data;" if os.geteuid() == 0 else ""
        (folder / "main.conf").write_text(main.format(folder=folder, user=user), encoding="utf-8")
        self.process = subprocess.Popen(
            ["nginx", "-p", folder, "-c", folder / "main.conf", "-e", folder / "start.log"],
            stdin=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _values(self, upstream: int) -> dict[str, str]:
        return {
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl default_server;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "127.0.0.1:8000": f"127.0.0.1:{upstream}",
            f"/etc/letsencrypt/live/{NAME}": str(self.folder),
            "/var/log/nginx": str(self.folder),
        }

    def _wait(self) -> None:
        end = time.monotonic() + _SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self.process.poll() is None, self._said("start.log")
                assert time.monotonic() < end, self._said("start.log")
                time.sleep(0.02)
            else:
                return

    def client(self, *, source: str = "127.0.0.1", host: str | None = None) -> httpx.Client:
        """Return a client over TLS, at an address of its own, that asks for the documented name."""
        transport = httpx.HTTPTransport(verify=self.certificate.trusted(), local_address=source)
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}",
            transport=_Named(transport),
            headers={"host": host or f"{NAME}:{self.port}"},
            timeout=_SECONDS,
        )

    def log(self) -> str:
        return "".join(map(self._said, ("moodtune.log", "moodtune-error.log", "start.log")))

    def _said(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(_SECONDS)


class _Named(httpx.BaseTransport):
    """Has TLS ask for, and check, the documented name, wherever the address leads."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = NAME
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()
