"""What ``descend train`` does once its options are checked: understand, train, save, and say what came out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import typer

from descend.cli.console import facts, say, say_json, shell_words
from descend.cli.errors import UsageError
from descend.cli.interrupt import TYPED, ctrl_c_told, finishing, kept_in, resuming, written
from descend.cli.live import watched
from descend.cli.live_blend import watched_blend
from descend.cli.notes import note, warnings_as_notes
from descend.cli.output import checkpoint_of
from descend.cli.passes import passed
from descend.cli.result import show_result
from descend.cli.train_checks import as_options
from descend.clusters.dask_address import connected
from descend.describe.documents import trained_document
from descend.describe.table import understanding_facts
from descend.errors import ClusterError, SpecError
from descend.files.atomic import remove_halves
from descend.files.lock import only_writer
from descend.files.regular import kind_of_file
from descend.models.blend_train import loss_factor
from descend.models.options import TrainOptions
from descend.models.recipe import BlendRecipe
from descend.models.streamed.choose import understand_table
from descend.models.train import Trained
from descend.models.train import train as train_model
from descend.models.understand import Understanding
from descend.report.model import report_trained
from descend.training.cache_folder import remove_left
from descend.training.checkpoint import RefusedCheckpointError, when_accepted


@dataclass(frozen=True)
class Job:
    """What is to be done: the table as it was typed, its column to predict, where the model goes, threads, resume.

    Parameters
    ----------
    table, target : str
        The table as it was typed, and its column to predict.
    path : Path
        Of the model; its checkpoint lies next to it.
    jobs : int or None
        Threads; None: all cores.
    resume : bool
        Whether to go on from the checkpoint, if it is there.
    as_json : bool, default False
        Whether all is told at the end, as one JSON document.
    report : Path or None, default None
        Where a report is written, too.
    cluster : str or None, default None
        On which cluster, by its address; None: here.
    """

    table: str
    target: str
    path: Path
    jobs: int | None
    resume: bool
    as_json: bool = False
    report: Path | None = None
    cluster: str | None = None

    @property
    def checkpoint(self) -> Path:
        """Where an interrupted training can go on."""
        return checkpoint_of(self.path)


def learn(job: Job, asked: TrainOptions) -> None:
    """Learn a table and write the model; every step is told. No other training writes this model meanwhile.

    Parameters
    ----------
    job : Job
        Checked.
    asked : TrainOptions
        Checked.
    """
    machines = nullcontext() if job.cluster is None else connected(job.cluster)
    with only_writer(job.path), machines:
        _learn(job, asked)


def _learn(job: Job, asked: TrainOptions) -> None:
    try:
        with warnings_as_notes(), passed(job.as_json) as told:
            unfinished = job.checkpoint if job.resume else None
            understood = understand_table(job.table, job.target, asked, told, unfinished)
    except SpecError as error:  # options that do not suit the table
        raise UsageError(as_options(str(error))) from error
    on_disk = understood.on_disk
    try:
        _learn_understood(understood, job)
    except typer.Exit:  # Ctrl-C, and what is kept was told
        raise
    except BaseException as error:
        kept = on_disk is not None and on_disk.let_go(error, job.checkpoint)
        if on_disk is not None and kept and not isinstance(error, RefusedCheckpointError):  # it would come again
            note(f"what was reached is kept in {on_disk.folder}; go on with: {resuming(TYPED.get())}")
        raise
    finally:
        if on_disk is not None:
            on_disk.release()
    if on_disk is None and asked.cache is not None:
        remove_left(Path(asked.cache))  # of an interrupted training, whose checkpoint is gone as well


def _learn_understood(understood: Understanding, job: Job) -> None:
    if not job.as_json:
        say(facts(understanding_facts(understood)))
    for text in understood.notes:
        note(text)
    remove_halves(job.path)
    source = _prepare_checkpoint(job, understood)
    if not job.as_json:
        say()
    start = monotonic()
    with when_accepted(lambda: note(f"going on from {source}.")):
        trained = _watched_training(understood, job)
    seconds = monotonic() - start
    finishing()
    trained.model.save(job.path)
    _remove_checkpoint(job.checkpoint)  # only now: until here a kill would have lost the training
    if understood.on_disk is not None:
        understood.on_disk.remove()
    report = None
    try:
        if job.report is not None:
            with warnings_as_notes():
                report_trained(trained, understood, job.report, [shell_words("descend", *TYPED.get())])
            report = job.report
    finally:  # a disk that is full now, or Ctrl-C: what was learnt is told all the same
        if job.as_json:
            say_json(trained_document(trained, job.table, job.path, seconds, report))
        else:
            show_result(trained, job.path, job.table, seconds, report)


def _prepare_checkpoint(job: Job, understood: Understanding) -> Path:
    """Remove its halves, and what --force allows to; tell of one that is not gone on from; return where to go on."""
    on_disk = understood.on_disk
    checkpoint = job.checkpoint
    remove_halves(checkpoint)
    there = os.path.isfile(checkpoint)
    if there and kind_of_file(checkpoint) == "foreign":
        checkpoint.unlink()  # the options were checked: it is there with --force only
        there = False
    if not there and on_disk is not None and on_disk.has_descents():
        return on_disk.folder
    if job.resume and not there:
        note(f"--resume: there is no {checkpoint}, so the training starts anew.")
    elif there and not job.resume:
        note(f"{checkpoint}, left by an interrupted training, will be overwritten; --resume would go on from it.")
    return checkpoint


def _remove_checkpoint(checkpoint: Path) -> None:
    with suppress(OSError):
        if kind_of_file(checkpoint) == "checkpoint":
            checkpoint.unlink()


@contextmanager
def _loss_told(checkpoint: Path, older: tuple[int, int] | None) -> Iterator[None]:
    """Say of a cluster that is lost in the middle what is kept, if anything is."""
    try:
        yield
    except ClusterError as error:
        if written(checkpoint) in (None, older):
            raise
        raise ClusterError(f"{error} {kept_in(checkpoint, older)}") from error


def _watched_training(understood: Understanding, job: Job) -> Trained:
    """Train with the restarts on the screen, if they are to be seen; Ctrl-C says what was kept."""
    older = None if job.resume else written(job.checkpoint)
    recipe, silent = understood.recipe, nullcontext(lambda progress: None)
    factor = loss_factor(understood.task.kind)
    blend = watched_blend(recipe, factor) if isinstance(recipe, BlendRecipe) and not job.as_json else silent
    one = watched() if not isinstance(recipe, BlendRecipe) and not job.as_json else silent
    rows = None if understood.on_disk is None else understood.on_disk.folder
    told = ctrl_c_told(lambda: kept_in(job.checkpoint, older, rows))
    with told, _loss_told(job.checkpoint, older), warnings_as_notes(), one as on_epoch, blend as on_net:
        return train_model(
            understood,
            n_jobs=job.jobs,
            on_epoch=on_epoch,
            on_net=on_net,
            checkpoint=job.checkpoint,
            resume=job.resume,
        )
