"""What ``descend distil`` does once it is typed: check, load, teach, save, and say what was lost."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from descend.cli.console import LABEL_WIDTH, facts, say, say_json, say_unbroken, shell_words
from descend.cli.console import table as shown_table
from descend.cli.errors import raise_usage
from descend.cli.interrupt import finishing
from descend.cli.live import watched
from descend.cli.models import load_table_model
from descend.cli.notes import warnings_as_notes
from descend.cli.output import FORCE, model_problem, same_file
from descend.cli.train_checks import as_options, checked_hidden
from descend.describe.distil import distilled_facts, judged_words, lost_grid, spared_facts
from descend.describe.documents import distilled_document
from descend.describe.network import network_words
from descend.describe.numbers import file_size
from descend.errors import DescendError, SpecError
from descend.files.atomic import remove_halves
from descend.files.lock import only_writer
from descend.models.distil.figures import microseconds
from descend.models.distil.of_model import Distilled, distil_model
from descend.models.distil.student import DistilOptions
from descend.models.model import Model


@dataclass(frozen=True)
class Job:
    """What is to be done: the model, the table as it was typed, where the network goes, words or a document."""

    model: Path
    table: str | None
    path: Path
    as_json: bool


def checked(
    hidden: str,
    epochs: int | None,
    restarts: int,
    seed: int,
    jobs: int | None,
    files: tuple[Path, str | None, Path, bool],
) -> DistilOptions:
    """Return the options; `files` are the model, the table, the output, and whether that may be written over.

    Raises
    ------
    UsageError
        Listing all that is wrong.
    """
    problems: list[str] = []
    layers = checked_hidden(hidden, problems)
    options = DistilOptions(layers or (1,), epochs, restarts, seed, jobs)
    try:
        options.check("")
    except SpecError as error:
        problems.append(as_options(str(error).removeprefix(": ")))
    if layers == ():
        problems.append("--hidden must be at least one layer, such as 64,64; got none.")
    if jobs is not None and jobs < 1:
        problems.append(f"--jobs must be a whole number ≥ 1; got {jobs}.")
    model, table, path, force = files
    if same_file(path, [str(model)]) and not force:
        problems.append(f"--output {path} is the model itself: it would be lost. {FORCE}")
    elif problem := model_problem(path, [table or str(model)], force):
        problems.append(problem)
    raise_usage("distil", problems)
    return options


def distilled(job: Job, options: DistilOptions) -> None:
    """Teach a network, write it, and say what came out; Ctrl-C leaves no file, or comes too late."""
    with only_writer(job.path):
        model = load_table_model(job.model)
        start = monotonic()
        silent = nullcontext(lambda progress: None)
        with warnings_as_notes(), silent if job.as_json else watched() as on_epoch:
            found = distil_model(model, job.table, options, on_epoch)
        seconds = monotonic() - start
        sizes = job.model.stat().st_size
        remove_halves(job.path)
        finishing()
        found.model.save(job.path)
    told = (sizes, job.path.stat().st_size), _times(model, found), seconds
    if job.as_json:
        say_json(distilled_document(found, (job.model, job.table, job.path), *told))
    else:
        _show(job, found, *told)


def _times(model: Model, found: Distilled) -> tuple[float, float] | None:
    """Microseconds of an answer to a record by teacher and student; None if the example cannot be read as a record."""
    small: Any = found.model
    try:
        return microseconds(lambda: model.predict(found.example)), microseconds(lambda: small.predict(found.example))
    except DescendError:
        return None


def _show(
    job: Job, found: Distilled, sizes: tuple[int, int], times: tuple[float, float] | None, seconds: float
) -> None:
    told = [("Network", network_words(found.model.network.spec))]
    say("", facts([*told, *distilled_facts(found.model.record, seconds), *spared_facts(sizes, times)]))
    if grid := lost_grid(found):
        say("", shown_table(grid), "", judged_words(found))
    say("", facts([("Model", f"{job.path} ({file_size(job.path.stat().st_size)})")]))
    following = [("predict", job.path, job.table or "TABLE"), ("inspect", job.path)]
    for place, words in enumerate(following):
        say_unbroken(f"{'' if place else 'Next':<{LABEL_WIDTH}} {shell_words('descend', *words)}")
