"""The original two commands, which take no options and find their tables under ``input/``."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import typer

from moodtune.errors import TableError, UsageError
from moodtune.terminal.memory import set_up_for_training

INPUT = Path("input")
OUTPUT = Path("output")
TRACKS = Path("spotify-dataset")
MAIN_TABLE = TRACKS / "data" / "data.csv"
LISTENERS = Path("spotify-user-behavior-analysis")
#: Of several copies of the survey the first of these counts: a page is the one that may be cut.
LISTENER_ENDINGS = (".csv", ".xlsx", ".parquet", ".html", ".htm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The tables that ``train.py`` learns from."""

    catalog: Path
    behavior: Path | None


def find_inputs(root: Path) -> Inputs:
    """Return the tables under ``root``, laid out as the original documentation says."""
    main = root / MAIN_TABLE
    catalog = main if main.exists() else root / TRACKS
    if not catalog.exists():
        raise TableError(
            f"{root} has no {TRACKS} folder: put the track table at {main}, as README says, "
            f"or move {root} away to use the synthetic sample"
        )
    folder = root / LISTENERS
    found = sorted(path for path in folder.glob("[!.]*") if path.suffix in LISTENER_ENDINGS)
    found.sort(key=lambda path: LISTENER_ENDINGS.index(path.suffix))
    return Inputs(catalog=catalog, behavior=found[0] if found else None)


def train() -> None:
    """Learn from the tables under input/, or from the sample; write everything under output/."""
    inputs = find_inputs(INPUT) if INPUT.exists() else None
    set_up_for_training(filter(None, (inputs.catalog, inputs.behavior)) if inputs else ())
    from moodtune.config import Settings
    from moodtune.terminal.training import train_and_write

    if inputs is not None:
        if inputs.behavior is None:
            typer.echo(f"No behavior table in {INPUT / LISTENERS}: learning from tracks alone.")
        train_and_write(inputs.catalog, inputs.behavior, OUTPUT, Settings())
        return
    from moodtune.samples import SampleSettings, write_samples

    typer.echo("No input folder: using the synthetic sample; no track or person in it exists.")
    with tempfile.TemporaryDirectory() as folder:
        written = write_samples(Path(folder), SampleSettings())
        train_and_write(written.tracks, written.listeners, OUTPUT, Settings())


def recommend() -> None:
    """Print every listener's predicted mood, then the first listener's top 10."""
    from moodtune.answering import known_profiles, profile_of
    from moodtune.artifacts import load_bundle
    from moodtune.ranking.query import Query
    from moodtune.ranking.recommending import recommend as answer_query
    from moodtune.terminal.rendering import console, show_profiles, show_recommendations

    if not (OUTPUT / "model").exists():
        raise UsageError(f"there is no model at {OUTPUT / 'model'} yet: run python train.py first")
    bundle = load_bundle(OUTPUT / "model")
    if bundle.listeners is None:
        raise UsageError(
            f"the model knows no listeners: put their table into {INPUT / LISTENERS} and run "
            "python train.py again"
        )
    profiles = known_profiles(bundle)
    screen = console()
    show_profiles(screen, profiles)
    first = str(profiles["id"][0])
    screen.print(f"\nTen tracks for listener {first}\n")
    query = Query(listener_profile=profile_of(profiles, first))
    show_recommendations(screen, answer_query(bundle.index, query))
