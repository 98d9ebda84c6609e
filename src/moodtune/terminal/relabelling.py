"""``moodtune relabel``: other moods for a trained model."""

from pathlib import Path
from typing import Annotated

import typer

from moodtune.terminal.listening import ModelOption, VerifyOption


def relabel(
    model: ModelOption,
    taxonomy: Annotated[Path, typer.Option(help="A moods.toml of one's own.")],
    out: Annotated[
        Path | None, typer.Option(help="Model folder to write; by default the model itself.")
    ] = None,
    verify: VerifyOption = False,
) -> None:
    """Give a trained model other moods, without clustering again."""
    from moodtune.artifacts import check_replaceable, load_bundle, save_bundle
    from moodtune.moods.taxonomy import load_taxonomy
    from moodtune.relabelling import relabel as relabel_model
    from moodtune.terminal.rendering import cell, console, show_shares

    place = out or model
    check_replaceable(place)
    bundle = load_bundle(model, verify=verify)
    found = relabel_model(bundle, load_taxonomy(taxonomy))
    save_bundle(found.bundle, place)
    screen = console()
    show_shares(screen, found.bundle.scores)
    screen.print("The clusters:")
    for c in found.clusters:
        screen.print(cell(f"  {c.number}: {c.mood} (then {c.runner_up}), {c.size:,} tracks"))
    for note in found.notes:
        screen.print(cell(f"Note: {note}."), soft_wrap=True)
    screen.print(cell(f"Model:  {place}"), soft_wrap=True)
