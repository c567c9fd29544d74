"""``descend export``: a model as a file that others run, proved by running it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from descend.cli.command import AsJson, ExampleTable, ModelFile, command


@command
def export(
    model: ModelFile,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="onnx, c, fortran or json.",
            show_default="what the name of --output says",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write it.",
            show_default="<name of MODEL> and the format's suffix",
        ),
    ] = None,
    table: ExampleTable = None,
    prefix: Annotated[
        str | None,
        typer.Option(
            "--prefix", metavar="NAME", help="C, Fortran: how all names begin.", show_default="the file's name"
        ),
    ] = None,
    fixed: Annotated[
        str | None,
        typer.Option(
            "--fixed",
            metavar="TYPE",
            help="C, Fortran: layers in integers, as large as rows of --table say: int8.",
            show_default="floating point",
        ),
    ] = None,
    opset: Annotated[
        int | None, typer.Option("--opset", metavar="N", help="ONNX: version of its operators.", show_default="17")
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            "--inputs",
            metavar="TYPE",
            help="ONNX: numbers come as float64 or float32.",
            show_default="float64; of networks their weights' type",
        ),
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(
            "--coverage", metavar="SHARE", help="ONNX: of the intervals of numbers.", show_default="0.9, where known"
        ),
    ] = None,
    as_json: AsJson = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over whatever there is under the output's name.", show_default=False)
    ] = False,
) -> None:
    """Write a model as a file that runs without descend: ONNX, C, Fortran or JSON.

    What is written is run first, on made rows that touch every branch (missing, unseen and extreme cells) and on those
    of a table; the largest difference from the model's own answers is told. A file that differs is not written.
    """
    from descend.cli.export_steps import Job, exported

    options = {"prefix": prefix, "fixed": fixed, "opset": opset, "inputs": inputs, "coverage": coverage}
    exported(Job(model, to, output, table, as_json, force), options)
