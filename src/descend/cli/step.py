"""``descend step``: one round of SGD on one row of a table, with the numbers plugged in."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from descend.cli.app import ModelFile, TableFile, command, load_table_model, raise_usage

if TYPE_CHECKING:
    from descend.cli.arithmetic import Round
    from descend.models.model import Model
    from descend.tables.table import Table


@command
def step(
    model: ModelFile,
    table: TableFile,
    row: Annotated[int, typer.Option("--row", help="The row, counted from 1.", show_default=False)],
    learning_rate: Annotated[float, typer.Option("--learning-rate", help="η of the round.")] = 0.1,
    layer: Annotated[
        list[int] | None,
        typer.Option("--layer", help="Only this layer, 1 … d; may be given several times.", show_default=False),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Write out long sums and large layers.", show_default=False)
    ] = False,
    digits: Annotated[int, typer.Option("--digits", help="Significant digits; 17 is exact.")] = 6,
    as_json: Annotated[
        bool, typer.Option("--json", help="All numbers as JSON, with full precision.", show_default=False)
    ] = False,
) -> None:
    """Show one round of SGD on one row, with the numbers plugged in.

    The forward pass, the loss, the backward pass and the new weights. The model file is not changed.
    """
    _check_options(learning_rate, digits)
    loaded = load_table_model(model)
    _check_layers(layer, loaded.network.spec.depth)
    one = _read_row(loaded, table, row)
    r = _one_round(loaded, one, learning_rate, digits, full)
    if as_json:
        json.dump(_as_json(loaded, one, row, r), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _show(loaded, one, f"Row {row:,} of {table}", r, layer)


def _check_options(learning_rate: float, digits: int) -> None:
    problems = []
    if not 0 <= learning_rate < float("inf"):
        problems.append(f"--learning-rate must be a number ≥ 0; got {learning_rate}.")
    if not 1 <= digits <= 17:
        problems.append(f"--digits must be from 1 to 17; got {digits}.")
    raise_usage("step", problems)


def _check_layers(layers: list[int] | None, depth: int) -> None:
    wrong = [str(one) for one in layers or () if not 1 <= one <= depth]
    if wrong:
        raise_usage("step", [f"--layer must be from 1 to {depth}, the layers of this network; got {', '.join(wrong)}."])


def _read_row(model: Model, source: str, row: int) -> Table:
    """Return a table of the one row, after making sure that it is there and has its target."""
    from descend.errors import DataError
    from descend.tables.read import read_table

    table = read_table(source)
    target = model.preprocessing.target
    if not 1 <= row <= table.rows:
        raise DataError(f"{source}: --row counts from 1, and the table has {table.rows:,} rows; got {row}.")
    one = table.take([row - 1])
    if one.column(target).missing[0]:
        raise DataError(
            f'{source}: row {row} has no value of the target "{target}", which the loss needs; take another row.'
        )
    return one


def _one_round(model: Model, one: Table, learning_rate: float, digits: int, full: bool) -> Round:
    """Run the round on a copy of the network."""
    from descend.cli.arithmetic import Round
    from descend.cli.console import console, warnings_as_notes
    from descend.nets.network import Network

    net = model.network
    with warnings_as_notes():
        x, y = model.inputs_and_targets(one)
    copy = Network.from_spec(net.spec, net.theta.copy(), dtype=net.dtype.name, seed=net.seed, engine="reference")
    seen = copy.step(x[0], y[0], learning_rate=learning_rate)
    return Round(net.spec, seen, y[0], learning_rate, digits, full, console().width)


# ---------------------------------------------------------------- as text


def _show(model: Model, one: Table, title: str, r: Round, layers: list[int] | None) -> None:
    from descend.cli.arithmetic import delta_lines, forward_lines, loss_line, weight_parts
    from descend.cli.console import plain, say, say_lines

    depth, names = r.spec.depth, model.preprocessing.feature_names
    chosen = sorted(set(layers)) if layers else list(range(1, depth + 1))
    say(title)
    _show_inputs(model, one, r)
    say("", "FORWARD PASS")
    for layer in chosen:
        say_lines([*forward_lines(r, layer), ""])
    targets = ", ".join(r.value(y) for y in r.y)
    say_lines([f"LOSS {r.spec.loss.name} of output v_{depth}, for target y = ({targets})", loss_line(r)])
    say(f"  The output stands for the prediction {plain(_prediction(model, r))}.", "", "BACKWARD PASS AND NEW WEIGHTS")
    for layer in reversed(chosen):
        say_lines([*delta_lines(r, layer), "", *weight_parts(r, layer - 1, names if layer == 1 else None), ""])
    say_lines([f"After this round the loss of this row is {r.value(_loss_after(r))}; it was {r.value(r.seen.loss)}."])


def _show_inputs(model: Model, one: Table, r: Round) -> None:
    """The row as it stands in the table, and as the network sees it."""
    from descend.cli.arithmetic import row_of_inputs
    from descend.cli.console import plain, say, table

    prep = model.preprocessing
    columns = [name for name in (*prep.input_names, prep.target) if name in one.names]
    raw = [(name, plain(one.column(name)[0]), "target" if name == prep.target else "") for name in columns]
    say("", table(["column", "value", ""], raw), "")
    inputs = row_of_inputs(prep.feature_names, r.seen.v[0], r.value)
    say("Inputs after preprocessing, v_0", table(["", "input", "value"], inputs, left=(0, 1)))


def _prediction(model: Model, r: Round) -> Any:
    """Label or number that the output stands for."""
    return model.preprocessing.decode(r.seen.output[None, :]).tolist()[0]


def _loss_after(r: Round) -> float:
    """L of the same row with the new weights."""
    from descend.reference.forward import forward, sample_losses

    assert r.seen.W_new is not None
    x = r.seen.v[0][: r.spec.sizes[0]]
    return float(sample_losses(r.spec, forward(r.spec, r.seen.W_new, x[None, :]), r.y[None, :])[0])


# ---------------------------------------------------------------- as JSON


def _as_json(model: Model, one: Table, row: int, r: Round) -> dict[str, Any]:
    """Every quantity under its name in the mathematics; numbers read back exactly."""
    prep, seen = model.preprocessing, r.seen
    lists = {
        name: [None if part is None else part.tolist() for part in getattr(seen, name) or ()]
        for name in ("v", "s", "delta", "dL_dv", "dL_dW", "W", "W_new")
    }
    columns = [name for name in (*prep.input_names, prep.target) if name in one.names]
    return {
        "row": row,
        "columns": {name: one.column(name)[0] for name in columns},
        "inputs": list(prep.feature_names),
        "network": r.spec.to_dict(),
        "learning_rate": r.learning_rate,
        "y": r.y.tolist(),
        "output": seen.output.tolist(),
        "prediction": _prediction(model, r),
        "loss": seen.loss,
    } | lists
