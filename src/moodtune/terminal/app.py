"""The verbs, gathered."""

import atexit
import gc
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from moodtune.errors import UsageError
from moodtune.terminal import (
    evaluating,
    list_evaluating,
    list_making,
    listeners,
    listening,
    looking,
    questioning,
    relabelling,
    serving,
    training,
)
from moodtune.terminal.boundary import error_boundary

EPILOG = (
    "Exit status: 0 done, 1 a file could not be read or written, 2 asked for what cannot be, "
    "3 a table cannot be used, 4 too little data, 5 a model cannot be used, 130 interrupted."
)

app = typer.Typer(
    name="moodtune",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(training.train)
app.command()(relabelling.relabel)
app.command()(listening.predict)
app.command()(listening.recommend)
app.command()(list_making.recommend_all)
app.command()(questioning.ask)
app.command()(training.score)
app.command()(evaluating.evaluate)
app.command()(list_evaluating.evaluate_lists)
app.command()(looking.inspect)
app.command()(looking.sample)
app.command()(serving.serve)
app.command()(serving.reload)
app.command(hidden=True)(serving.serve_process)
app.add_typer(serving.token)
app.add_typer(listeners.listener)


def _show_version(value: bool) -> None:
    if value:
        from moodtune.version import __version__

        typer.echo(f"moodtune {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere.")
    ] = False,
) -> None:
    """Find the mood of a listener and of every track, and recommend the tracks that fit."""
    del version, debug  # the first has acted by now, the second acts in main()


def main() -> None:
    """Run the command line; never return."""
    # All goes with the process: to look first for objects that hold each other takes .3 s of it.
    atexit.register(gc.freeze)
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    with error_boundary(debug=len(arguments) < len(sys.argv) - 1):
        try:
            status = app(args=arguments or ["--help"], standalone_mode=False)
        except typer.Abort:
            raise KeyboardInterrupt from None
        except TyperException as error:
            raise _as_sentence(error) from error
        sys.exit(status or 0)


def _as_sentence(error: TyperException) -> UsageError:
    """Return a usage error as one sentence, where the library would print four lines."""
    context = getattr(error, "ctx", None)
    asked = context.command_path if context is not None else "moodtune"
    message = " ".join(error.format_message().split()).rstrip(".")
    return UsageError(f"{message}; see {asked} --help")
