"""``moodtune listener``: what the service keeps of a person, for whoever runs it."""

from typing import TYPE_CHECKING, Annotated

import typer

from moodtune.terminal.serving import DatabaseOption

if TYPE_CHECKING:
    from moodtune.errors import UsageError

NameArgument = Annotated[str, typer.Argument(help="The name that listener list gives.")]

listener = typer.Typer(
    name="listener", no_args_is_help=True, help="List, export and forget the service's listeners."
)


@listener.command("list")
def list_listeners(database: DatabaseOption = None) -> None:
    """List the listeners by name, those without a token too."""
    from moodtune.serving.store import Store
    from moodtune.tables.text import literal

    store = Store.open(database)
    for name in store.listeners():
        typer.echo(literal(name))
    store.close()


@listener.command("export")
def export_listener(name: NameArgument, database: DatabaseOption = None) -> None:
    """Print everything that is stored of a listener as JSON."""
    import json

    from moodtune.serving.store import Store

    store = Store.open(database)
    known, stored = store.has_listener(name), store.export(name)
    store.close()
    if not known:
        raise _unknown(name)
    typer.echo(json.dumps(stored, indent=2))  # in ASCII, so that no terminal obeys it


@listener.command("forget")
def forget_listener(name: NameArgument, database: DatabaseOption = None) -> None:
    """Remove everything of a listener, tokens and sessions as well, while the service runs too."""
    from moodtune.serving.store import Store
    from moodtune.tables.text import quoted

    store = Store.open(database)
    forgotten = store.forget(name)
    store.close()
    if not forgotten:
        raise _unknown(name)
    typer.echo(f"Everything of {quoted(name)} is removed.")


def _unknown(name: str) -> "UsageError":
    from moodtune.errors import UsageError
    from moodtune.tables.text import quoted

    return UsageError(f"no listener is called {quoted(name)}; moodtune listener list names them")
