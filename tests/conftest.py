"""What many tests stand on: the real tables where there are any, and one small trained model."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from moodtune.artifacts import ModelBundle, load_bundle
from moodtune.pipeline import train, write
from moodtune.samples import SampleSettings, WrittenSamples, write_samples
from moodtune.terminal.app import main

# No test hangs on a clock: how long an example takes says more of the machine than of the code.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real tables; what needs it skips without it."""
    named = os.environ.get("MOODTUNE_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("MOODTUNE_DATA names no folder of real tables")
    return Path(named)


@dataclass(frozen=True)
class Trained:
    """A training on a small sample: its tables, everything that was written, and the model."""

    tables: WrittenSamples
    out: Path
    bundle: ModelBundle

    @property
    def model(self) -> Path:
        return self.out / "model"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Two thousand synthetic tracks and two hundred synthetic listeners, trained with figures."""
    folder = tmp_path_factory.mktemp("trained")
    tables = write_samples(folder / "input", SampleSettings(tracks=2000, listeners=200))
    out = folder / "output"
    write(train(tables.tracks, tables.listeners), out)
    return Trained(tables=tables, out=out, bundle=load_bundle(out / "model", verify=True))


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


@pytest.fixture
def moodtune(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run the command in this process, as its script would."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["moodtune", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(status=ended.value.code or 0, stdout=said.out, stderr=said.err)

    return run
