"""What ``descend train`` does once its options are checked: understand, train, save, and say what came out."""

from __future__ import annotations

import glob
from contextlib import nullcontext
from pathlib import Path
from time import monotonic

from descend.cli.console import facts, say, say_json
from descend.cli.interrupt import ctrl_c_told, kept_in
from descend.cli.live import watched
from descend.cli.notes import note, warnings_as_notes
from descend.cli.result import show_result
from descend.describe.documents import trained_document
from descend.describe.table import understanding_facts
from descend.models.options import TrainOptions
from descend.models.train import Trained
from descend.models.train import train as train_model
from descend.models.understand import Understanding, understand


def learn(
    table: str, target: str, asked: TrainOptions, jobs: int | None, path: Path, resume: bool, as_json: bool = False
) -> None:
    """Learn a table and write the model; every step is told.

    Parameters
    ----------
    table, target : str
        The table as it was typed, and its column to predict.
    asked : TrainOptions
        Checked.
    jobs : int or None
        Threads; None: all cores.
    path : Path
        Of the model; its checkpoint lies next to it.
    resume : bool
        Whether to go on from the checkpoint, if it is there.
    as_json : bool, default False
        Whether all is told at the end, as one JSON document.
    """
    with warnings_as_notes():
        understood = understand(table, target, asked)
    if not as_json:
        say(facts(understanding_facts(understood)))
    for text in understood.notes:
        note(text)
    checkpoint = path.with_name(path.name + ".checkpoint")
    _remove_halves(path)
    _tell_about_checkpoint(checkpoint, resume)
    if not as_json:
        say()
    start = monotonic()
    trained = _watched_training(understood, jobs, checkpoint, resume, as_json)
    seconds = monotonic() - start
    trained.model.save(path)
    checkpoint.unlink(missing_ok=True)  # only now: until here a kill would have lost the training
    if as_json:
        say_json(trained_document(trained, table, path, seconds))
    else:
        show_result(trained, path, table, seconds)


def _remove_halves(path: Path) -> None:
    """Remove half-written temporary files of the model and its checkpoint, which a killed training may have left."""
    for name in (path.name, path.name + ".checkpoint"):
        for half in path.parent.glob(f".{glob.escape(name)}.*.part"):
            half.unlink(missing_ok=True)


def _tell_about_checkpoint(checkpoint: Path, resume: bool) -> None:
    if resume and not checkpoint.exists():
        note(f"--resume: there is no {checkpoint}, so the training starts anew.")
    elif resume:
        note(f"going on from {checkpoint}.")
    elif checkpoint.exists():
        note(f"{checkpoint}, left by an interrupted training, will be overwritten; --resume would go on from it.")


def _watched_training(
    understood: Understanding, jobs: int | None, checkpoint: Path, resume: bool, unseen: bool
) -> Trained:
    """Train with the restarts on the screen, if they are to be seen; Ctrl-C says what was kept."""
    screen = nullcontext(lambda progress: None) if unseen else watched()
    with ctrl_c_told(lambda: kept_in(checkpoint)), warnings_as_notes(), screen as see:
        return train_model(understood, n_jobs=jobs, on_epoch=see, checkpoint=checkpoint, resume=resume)
