"""``descend distil``: one small network that imitates a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from descend.cli.command import AsJson, MaybeTable, ModelFile, command


@command
def distil(
    model: ModelFile,
    table: MaybeTable = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write the network.",
            show_default="<name of MODEL>-distilled.descend",
        ),
    ] = None,
    hidden: Annotated[str, typer.Option("--hidden", metavar="SIZES", help="Its hidden layers.")] = "64,64",
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs", metavar="N", help="Passes over the rows that it learns.", show_default="8 million samples"
        ),
    ] = None,
    restarts: Annotated[int, typer.Option("--restarts", metavar="K", help="Separate descents, the best is kept.")] = 2,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="Seed of made rows, initial weights and order of samples.")
    ] = 0,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", metavar="N", help="Threads; the result does not depend on it.", show_default="all cores"
        ),
    ] = None,
    as_json: AsJson = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over whatever there is under the output's name.", show_default=False)
    ] = False,
) -> None:
    """Teach one small network to answer as a model does, and say what it lost.

    It learns the model's answers to the rows of TABLE, at best those of the training, and to rows made around them; one
    row in ten is held out to compare. Without TABLE all rows are made, from what MODEL keeps of its training rows.
    """
    from descend.cli.distil_steps import Job, checked, distilled

    path = output or model.with_name(f"{model.stem}-distilled.descend")
    options = checked(hidden, epochs, restarts, seed, jobs, (model, table, path, force))
    distilled(Job(model, table, path, as_json), options)
