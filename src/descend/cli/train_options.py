"""The options of ``descend train``, each with its words for ``--help``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

PRESET_DECIDES = "the preset's"


def _table(name: str, metavar: str | None, text: str, default: bool | str = False) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel="The table", show_default=default)


def _network(name: str, metavar: str, text: str, default: bool | str = PRESET_DECIDES) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel="The network", show_default=default)


def _training(name: str, metavar: str | None, text: str, default: bool | str = PRESET_DECIDES) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel="The training", show_default=default)


def _blend(name: str, metavar: str | None, text: str, default: bool | str = False) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel="The blend", show_default=default)


def _disk(name: str, metavar: str | None, text: str, default: bool | str = False) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel="More rows than memory", show_default=default)


def _answers(name: str, metavar: str | None, text: str, default: bool | str = False) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel="The answers", show_default=default)


Target = Annotated[
    str | None, _table("--target", "COLUMN", "The column to predict.", default="the model's, when going on")
]
From = Annotated[
    Path | None,
    _table("--from", "MODEL", "Go on with this model, on new rows; it stays if that makes it no better."),
]
Task = Annotated[str, _table("--task", "TASK", "auto (looks at the target), classify or regress.", default=True)]
Drop = Annotated[list[str] | None, _table("--drop", "COLUMN", "A column to leave out; may be given several times.")]
Test = Annotated[
    str, _table("--test", "SHARE|FILE", "Rows kept untouched for the honest score: a share, or a table.", default=True)
]
Validation = Annotated[
    str | None,
    _table(
        "--validation",
        "SHARE|FILE",
        "Rows by which the best is chosen: a share, or a table.",
        default="folds; 0.2 for one network",
    ),
]
Group = Annotated[str | None, _table("--group", "COLUMN", "Rows with the same value here stay on one side of a split.")]
Weight = Annotated[
    str | None, _table("--weight", "COLUMN", "What each row counts: numbers ≥ 0. It is no input; scores count by it.")
]
ClassWeight = Annotated[
    list[str] | None,
    _table("--class-weight", "balanced|LABEL=W", "What rows of a class count in training; several times for labels."),
]
Time = Annotated[str | None, _table("--time", "COLUMN", "Split by this column: learn from the past, judge later rows.")]

Types = Annotated[
    list[str] | None,
    _table("--type", "COLUMN=TYPE", "number, category, boolean, date or drop, whatever it looks like; several times."),
]
Missing = Annotated[
    list[str] | None,
    _table("--missing", "WORD", "A word that means missing, such as -999; in quotation marks: one that does not."),
]
Decimal = Annotated[str | None, _table("--decimal", "MARK", "Decimal mark of all numbers: . or ,")]
DateFormat = Annotated[
    str | None, _table("--date-format", "FORMAT", "Of dates: dmy, mdy, ymd, or a format such as %d.%m.%Y.")
]
RowHashes = Annotated[
    bool,
    _table(
        "--row-hashes/--no-row-hashes",
        None,
        "Keep short salted hashes of the rows, to tell later that rows were learnt.",
        default=True,
    ),
]

Threshold = Annotated[
    str | None,
    _answers(
        "--threshold", "METRIC|P", "Of two classes: chosen by f1, accuracy, balanced_accuracy or mcc; or 0 < P < 1."
    ),
]
Costs = Annotated[
    str | None, _answers("--costs", "TABLE", 'What answers cost: a row for each true class, as in "0,1;20,0".')
]
PriorCorrection = Annotated[
    bool, _answers("--prior-correction", None, "Undo in probabilities what --class-weight does to them.")
]

Preset = Annotated[
    str | None,
    _network(
        "--preset",
        "NAME",
        "tabular: a blend of networks; single: one, the best of many; textbook: the plain algorithm.",
        "tabular; single if an option shapes the network, or for few rows",
    ),
]
Quality = Annotated[str | None, _blend("--quality", "NAME", "fast, good or best: how much work it is given.", "good")]
TimeLimit = Annotated[
    float | None, _blend("--time-limit", "SECONDS", "Networks stop where they are; what there is is blended.", "none")
]
Refit = Annotated[
    bool, _blend("--refit", None, "Learn all again on all rows, the untouched ones too, after they have judged.")
]
Hidden = Annotated[str | None, _network("--hidden", "SIZES", "Hidden layers, such as 64,64; or none.")]
Activation = Annotated[
    str | None, _network("--activation", "NAME", "σ of the hidden layers, such as relu; or one per layer: relu,tanh.")
]

Restarts = Annotated[
    int | None,
    _training("--restarts", "K", "Separate descents, the best is kept; of a blend: of each member and fold."),
]
Race = Annotated[
    bool, _training("--race/--no-race", None, "Stop the worse half of the restarts on the way.", default=True)
]
Epochs = Annotated[int | None, _training("--epochs", "N", "Passes over the training rows.")]
BatchSize = Annotated[int | None, _training("--batch-size", "B", "Samples a round.")]
LearningRate = Annotated[float | None, _training("--learning-rate", "E", "Step size η.")]
Optimizer = Annotated[str | None, _training("--optimizer", "NAME", "sgd, momentum, nesterov, adam or adamw.")]
L2 = Annotated[float | None, _training("--l2", "L", "λ, how strongly weights are pulled towards 0.")]
Dropout = Annotated[float | None, _training("--dropout", "P", "Share of the hidden nodes that a sample leaves out.")]
Seed = Annotated[int, _training("--seed", "S", "Seed of split, initial weights and order of samples.", default=True)]
Jobs = Annotated[int | None, _training("--jobs", "N", "Threads; the result does not depend on it.", "all cores")]

OutOfCore = Annotated[
    bool,
    _disk("--out-of-core", None, "Rows stay on the disk, though they may fit into memory.", "where they do not fit"),
]
Cache = Annotated[
    Path | None,
    _disk("--cache", "DIR", "Folder for the prepared rows while they are learnt.", "beside the model"),
]
Window = Annotated[
    str | None,
    _disk("--window", "SIZE", "Prepared rows that are shuffled together, in memory twice.", "64MB"),
]

Cluster = Annotated[
    str | None,
    _training(
        "--cluster", "dask:ADDRESS", "Run on a Dask cluster, with the same result; by --jobs tasks at once.", False
    ),
]

Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where to write the model.",
        rich_help_panel="The result",
        show_default="<name of TABLE>.descend",
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Also write a report: one page about the table, the training and the answers to untouched rows.",
        rich_help_panel="The result",
        show_default=False,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on with an interrupted training of the same data and options.",
        rich_help_panel="The result",
        show_default=False,
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Write over whatever there is under the names of the model, its checkpoint and the report.",
        rich_help_panel="The result",
        show_default=False,
    ),
]
