"""What ``descend export`` does once it is typed: check, load, write, run, say what that showed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.cli.console import facts, say, say_json, shell_words
from descend.cli.errors import UsageError, raise_usage
from descend.cli.interrupt import finishing
from descend.cli.notes import warnings_as_notes
from descend.cli.output import export_problem
from descend.describe.documents import document
from descend.errors import SpecError
from descend.exports.described import DISTIL
from descend.exports.door import checked_options, prepared
from descend.exports.formats import Format, find_format
from descend.files.load import load
from descend.models.model import Model


@dataclass(frozen=True)
class Job:
    """What was typed: model, format, output, table, words or a document, whether anything may be written over."""

    model: Path
    to: str | None
    output: Path | None
    table: str | None
    as_json: bool
    force: bool


def exported(job: Job, options: Mapping[str, Any]) -> None:
    """Write the export, and say what it is; Ctrl-C leaves no file, or comes too late."""
    form, path = _checked(job, options)
    loaded = load(job.model)
    with warnings_as_notes():
        try:
            ready = prepared(loaded, path, form.name, table=job.table, **options)
        except SpecError as error:
            raise SpecError(str(error).replace(DISTIL, _distil_words(job, loaded, path, options))) from None
    finishing()
    found = ready.write()
    if job.as_json:
        told = found.to_dict() | {"export": str(path)}
        say_json(document("export", model=str(job.model), table=job.table, **told))
    else:
        say(facts(found.facts()))


def _distil_words(job: Job, loaded: Any, path: Path, options: Mapping[str, Any]) -> str:
    """The commands that make one network of a model and export it, with the files of this one: to be copied."""
    record = loaded.record if isinstance(loaded, Model) else {}
    known = (record.get("table") or {}).get("source", "")
    tables = [job.table or known, str(job.model.with_name(known or job.model.name))]
    table = next((one for one in tables if one and Path(one).is_file() and one != str(job.model)), None)
    small = job.model.with_name(f"{job.model.stem}-small.descend")
    given = {"to": job.to, "table": job.table} | dict(options)
    words = [word for name, value in given.items() if value is not None for word in (f"--{name}", value)]
    distil = shell_words("descend", "distil", job.model, *([table] if table else []), "-o", small)
    return f"{distil} && {shell_words('descend', 'export', small, *words, '-o', path)}"


def _checked(job: Job, options: Mapping[str, Any]) -> tuple[Format, Path]:
    """The format and the file.

    Raises
    ------
    UsageError
        Listing all that is wrong.
    """
    try:
        form = find_format(job.to, job.output or Path("MODEL"))
    except SpecError as error:
        problem = str(error).removeprefix("export: ").replace('"MODEL" does not say which format', "say which format")
        raise UsageError(f"export: --to: {problem}") from None
    path = job.output or Path(f"{job.model.stem}{form.suffixes[0]}")
    problems = []
    try:
        checked_options(form, options)
    except SpecError as error:
        lines = str(error).removeprefix("export: ").splitlines()
        told = [line.removeprefix("  - ") for line in lines if not line.endswith("problems:")]
        problems += [re.sub(r"`(\w+)`", r"--\1", line).replace('There are: "table".', "Leave it out.") for line in told]
    read = [str(job.model), *([job.table] if job.table else [])]
    raise_usage("export", [*problems, *_place_problems(path, read, job.force, form)])
    return form, path


def _place_problems(path: Path, read: Sequence[str], force: bool, form: Format) -> list[str]:
    """Why the files must not be written there: the one that was asked for, and those that come with it."""
    if problem := export_problem(path, read, force, form.mark):
        return [problem]
    others = [path.with_suffix(suffix) for suffix in form.suffixes]
    found = [export_problem(one, read, force, form.mark) for one in others if one != path]
    return [problem for problem in found if problem]
