"""``descend train``: a table in, the best of many descents out."""

from __future__ import annotations

import glob
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import typer

from descend.cli import train_options as options
from descend.cli.app import INTERRUPTED, TYPED, TableFile, command, tell

if TYPE_CHECKING:
    from descend.models.model import Trained, Understanding
    from descend.models.recipe import TrainOptions


@command
def train(
    table: TableFile,
    target: options.Target,
    task: options.Task = "auto",
    drop: options.Drop = None,
    test: options.Test = "0.2",
    validation: options.Validation = "0.2",
    group: options.Group = None,
    time: options.Time = None,
    preset: options.Preset = "tabular",
    hidden: options.Hidden = None,
    activation: options.Activation = None,
    restarts: options.Restarts = None,
    race: options.Race = False,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    learning_rate: options.LearningRate = None,
    optimizer: options.Optimizer = None,
    l2: options.L2 = None,
    dropout: options.Dropout = None,
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    output: options.Output = None,
    resume: options.Resume = False,
) -> None:
    """Train on a table and keep the best of many restarts.

    Types of columns, missing values and scales are taken care of. Ctrl-C and kills are safe: --resume goes on.
    """
    from descend.cli.options import Words, checked_options, default_output, one_or_several
    from descend.models.recipe import TrainOptions

    path = output or default_output(table)
    given = TrainOptions(
        task=task,
        preset=preset,
        activation=one_or_several(activation),
        restarts=restarts,
        race=race,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        optimizer=optimizer,
        l2=l2,
        dropout=dropout,
        group=group,
        time=time,
        drop=tuple(drop or ()),
        seed=seed,
    )
    checked = checked_options(Words(table, hidden, validation, test, jobs, path), given)
    _train(table, target, checked, jobs, path, resume)


def _train(table: str, target: str, asked: TrainOptions, jobs: int | None, path: Path, resume: bool) -> None:
    """Understand, train, save, and say what came out."""
    from descend.cli.console import note, say, warnings_as_notes
    from descend.cli.result import show_result
    from descend.cli.understood import show_understanding
    from descend.models.model import understand
    from descend.tables.read import read_table

    rows = read_table(table)
    with warnings_as_notes():
        understood = understand(rows, target, asked)
    show_understanding(rows, understood)
    for text in understood.notes:
        note(text)
    checkpoint = path.with_name(path.name + ".checkpoint")
    _remove_halves(path)
    _tell_about_checkpoint(checkpoint, resume)
    say()
    start = monotonic()
    trained = _watched_training(understood, jobs, checkpoint, resume)
    seconds = monotonic() - start
    trained.model.save(path)
    checkpoint.unlink(missing_ok=True)  # only now: until here a kill would have lost the training
    show_result(trained, path, table, seconds)


def _remove_halves(path: Path) -> None:
    """Remove half-written temporary files of the model and its checkpoint, which a killed training may have left."""
    for name in (path.name, path.name + ".checkpoint"):
        for half in path.parent.glob(f".{glob.escape(name)}.*.part"):
            half.unlink(missing_ok=True)


def _tell_about_checkpoint(checkpoint: Path, resume: bool) -> None:
    from descend.cli.console import note

    if resume and not checkpoint.exists():
        note(f"--resume: there is no {checkpoint}, so the training starts anew.")
    elif resume:
        note(f"going on from {checkpoint}.")
    elif checkpoint.exists():
        note(f"{checkpoint}, left by an interrupted training, will be overwritten; --resume would go on from it.")


def _watched_training(understood: Understanding, jobs: int | None, checkpoint: Path, resume: bool) -> Trained:
    """Train with the restarts on the screen; Ctrl-C says what was kept."""
    from descend.cli.console import warnings_as_notes
    from descend.cli.live import watched
    from descend.cli.options import resuming
    from descend.models.model import train as train_model

    try:
        with warnings_as_notes(), watched() as see:
            return train_model(understood, n_jobs=jobs, on_epoch=see, checkpoint=checkpoint, resume=resume)
    except KeyboardInterrupt:
        kept = f"What was reached is kept in {checkpoint}; go on with: {resuming(TYPED.get())}"
        tell(f"Interrupted. {kept if checkpoint.exists() else 'Nothing was kept yet.'}")
        raise typer.Exit(INTERRUPTED) from None
