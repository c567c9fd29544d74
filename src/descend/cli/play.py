"""``descend play``: the playground, a page over the same engine, in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from descend.cli.command import MaybeGiven, command
from descend.cli.errors import raise_usage

_SERVER = "The server"


@command
def play(
    given: MaybeGiven = None,
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="'#ADDRESS'",
            help="An experiment, as the page's address has it after its #, in quotation marks.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="TABLE", help="Rows to look at with a MODEL, and to train it.", show_default=False
        ),
    ] = None,
    port: Annotated[
        int,
        typer.Option("--port", help="Where to listen; 0 takes a free one.", rich_help_panel=_SERVER, min=0, max=65535),
    ] = 0,
    host: Annotated[
        str, typer.Option("--host", help="Another than this machine's own lets others in.", rich_help_panel=_SERVER)
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="WORD",
            help="Part of the address that none but you shall know, ≥ 16 signs.",
            rich_help_panel=_SERVER,
            show_default="random",
        ),
    ] = None,
    no_browser: Annotated[
        bool,
        typer.Option("--no-browser", help="Only print the address.", rich_help_panel=_SERVER, show_default=False),
    ] = False,
) -> None:
    """See how networks learn: a page in your browser, of this machine alone. Ctrl-C ends it.

    Without a TABLE or MODEL the page begins with made data; there, too, a table can be chosen.
    """
    from descend.cli.browser import open_browser
    from descend.cli.play_steps import sorted_words, tell_address, tell_unexpected
    from descend.play.server.door import Door, door_problem
    from descend.play.server.page_files import page_files
    from descend.play.start import check_installed, read_given, serve

    words = sorted_words(given, address, data)
    raise_usage("play", [problem for problem in (words.problem, door_problem(host, token)) if problem])
    check_installed()
    page_files()
    source = read_given(words.given, words.data)
    door = Door(host, port, token)
    tell_address(door, words.fragment)
    if not no_browser:
        open_browser(door.ticket_address + words.fragment)
    serve(door, source, tell_unexpected)
