"""``moodtune serve``, ``reload`` and ``token``: the service, and who may use it."""

from pathlib import Path
from typing import Annotated

import typer

from moodtune.terminal.listening import ModelOption

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="MOODTUNE_DATABASE",
        help="Where listeners' data is kept: sqlite:///FILE or postgresql+psycopg://...; by "
        "default a file in the user's data directory.",
        show_default=False,
    ),
]
RunDirOption = Annotated[
    Path | None,
    typer.Option(
        "--run-dir",
        help="Where serve and reload find each other; by default in the user's data directory.",
        show_default=False,
    ),
]

token = typer.Typer(name="token", no_args_is_help=True, help="Make, list and revoke tokens.")


def serve(
    model: ModelOption,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but loopback needs tokens.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that serve, on one socket.")
    ] = 1,
    database: DatabaseOption = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="A name that requests may be for, with tokens; repeatable."),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(help="Address of a proxy whose X-Forwarded-For counts; repeatable."),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(help="TOML file of rates, limits and times; docs/service.md names them."),
    ] = None,
    run_dir: RunDirOption = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Log no line per request, only what happens.")
    ] = False,
) -> None:
    """Serve the API and the page; Ctrl-C stops."""
    from moodtune.config import read_settings
    from moodtune.serving.run_directory import RunDirectory, default_run_directory
    from moodtune.serving.running import ServeOptions, address_of, bind, serve_here
    from moodtune.serving.settings import ServingSettings

    directory = RunDirectory(run_dir or default_run_directory())
    options = ServeOptions(
        model=str(model),
        database=database,
        run_directory=str(directory.path),
        host=host,
        port=port,
        workers=workers,
        allowed_hosts=tuple(allowed_host or ()),
        trusted_proxies=tuple(trusted_proxy or ()),
        request_log=not quiet,
        settings=ServingSettings()
        if settings is None
        else read_settings(settings, ServingSettings),
    )
    with directory.held(), bind(host, port) as bound:
        directory.raise_generation()

        def ready() -> None:
            typer.echo(f"Moodtune serves {model} at {address_of(bound)}")

        if workers == 1:
            serve_here(options, bound, ready=ready, among_others=False)
        else:
            from moodtune.serving.parent import serve_with_workers

            serve_with_workers(options, bound, ready)


def serve_process() -> None:
    """Serve as one of several workers; started by serve itself."""
    import os
    import socket

    import msgspec

    from moodtune.serving.parent import SOCKET
    from moodtune.serving.running import ServeOptions, serve_here

    line = bytearray()
    while not line.endswith(b"\n"):
        line += os.read(0, 1 << 16)
    options = msgspec.json.decode(line, type=ServeOptions)
    with socket.socket(fileno=int(os.environ[SOCKET])) as bound:
        serve_here(options, bound, ready=lambda: None, among_others=True)


def reload(run_dir: RunDirOption = None) -> None:
    """Have a running service load its model again; a broken one is refused."""
    from moodtune.serving.run_directory import RunDirectory, default_run_directory, reload_model
    from moodtune.serving.settings import ServingSettings

    directory = RunDirectory(run_dir or default_run_directory())
    states = reload_model(directory, within_s=ServingSettings().reload_s)
    processes = "process serves" if len(states) == 1 else "processes serve"
    typer.echo(f"{len(states)} {processes} generation {states[0].serving} of the model")


@token.command("new")
def new_token(
    listener: Annotated[str, typer.Option(help="Whose token it is.")],
    admin: Annotated[bool, typer.Option("--admin", help="It may read the metrics too.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Make a token and print it; it is shown this once."""
    from datetime import UTC, datetime

    from moodtune.serving.store import Store

    store = Store.open(database)
    made = store.new_token(listener, admin, datetime.now(UTC))
    typer.echo(made.secret)
    typer.echo(f"Token {made.id} of {listener}: it is not shown again.", err=True)
    store.close()


@token.command("list")
def list_tokens(database: DatabaseOption = None) -> None:
    """List the tokens: id, listener, when it was made; never the token itself."""
    from moodtune.serving.store import Store
    from moodtune.tables.text import literal

    store = Store.open(database)
    for entry in store.tokens():
        admin = "  admin" if entry.admin else ""
        typer.echo(f"{entry.id}  {literal(entry.listener)}  {entry.created_at}{admin}")
    store.close()


@token.command("revoke")
def revoke_token(
    token_id: Annotated[int, typer.Argument(help="The id that token list gives.")],
    database: DatabaseOption = None,
) -> None:
    """Revoke a token, and every session that was started with it."""
    from moodtune.errors import UsageError
    from moodtune.serving.store import Store

    store = Store.open(database)
    revoked = store.revoke(token_id)
    store.close()
    if not revoked:
        raise UsageError(f"there is no token {token_id}; moodtune token list names them")
    typer.echo(f"Token {token_id} is revoked.")
