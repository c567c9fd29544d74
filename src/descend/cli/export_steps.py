"""What ``descend export`` does once it is typed: check, load, write, run, say what that showed."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
        told = found.to_dict() | {"export": str(found.paths[0])}
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
    own = job.table if job.table and Path(job.table).is_file() else None
    given = {"to": job.to, "table": own} | dict(options)
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
    raise_usage("export", [*problems, *_place_problems(path, job, form)])
    return form, path


def _place_problems(path: Path, job: Job, form: Format) -> list[str]:
    """Why the files must not be written there: the one that was asked for, and those that come with it."""
    read = [str(job.model), *([job.table] if job.table else [])]
    none = path.is_dir() or path == Path("-")
    try:
        first, *others = [path] if none else form.files(path)
    except SpecError as error:
        return [f"--output: {str(error).removeprefix('export: ')}"]
    if problem := export_problem(first, read, job.force, form.wrote):
        return [problem]
    return [problem for one in others if (problem := export_problem(one, read, job.force, form.wrote))]
