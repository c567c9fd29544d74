"""The one door: a fitted model -> files in a format, run and compared before they stand where they were asked for."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.errors import FileError, SpecError, check_extra, closest, raise_problems
from descend.exports.fitted import described
from descend.exports.formats import FORMATS, Format, find_format
from descend.exports.proof import prove
from descend.exports.result import Export, Proof
from descend.exports.written import Written
from descend.files.atomic import check_name, write_together
from descend.files.regular import kind_of_file


def export(fitted: Any, path: str | Path, kind: str | None = None, *, table: Any = None, **options: Any) -> Export:
    """Write a fitted model in a format that others run, once running it has shown that it answers as the model does.

    Parameters
    ----------
    fitted : Network, Model, MLPClassifier, MLPRegressor, TabularClassifier or TabularRegressor
        What is exported.
    path : str or Path
        The file; an older file of that name is replaced, when the export is proved, unless it is a model of descend's.
        What a format writes beside it, such as a header, replaces older exports alone.
    kind : {"onnx", "c", "fortran", "json"} or None, default None
        The format; None: what the suffix of `path` says.
    table : Table, path, data frame, array or None, default None
        Rows that are run besides made ones, at most 1,000.
    **options
        Of the format.

    Returns
    -------
    Export
        Files, size, and what running them showed.

    Raises
    ------
    SpecError
        If there is no such format or option, the format cannot hold the model, a package is absent, or the export
        differs from the model: then nothing is written.
    DataError
        If the table does not fit the model.
    FileError
        If files that are there would be lost, or the folder cannot be written into.
    OSError
        If a file cannot be written; those that were there are intact.

    Examples
    --------
    >>> import pathlib, tempfile, descend
    >>> net = descend.Network([2, 3, 1], seed=0)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "net.json"
    >>> str(export(net, path).proof)
    '74 rows by descend.load: no difference'
    >>> bool((descend.load(path).theta == net.theta).all())
    True
    """
    form, place = _asked_for(path, kind)
    losses = [_loss(form, one, place) for one in form.files(place)]
    raise_problems(FileError, "export", [*filter(None, [_closed(place), *losses])])
    return prepared(fitted, place, form.name, table=table, **options).write()


@dataclass(frozen=True, eq=False)
class Prepared:
    """An export that is proved, and not yet written where it was asked for.

    Parameters
    ----------
    form : Format
        Its format.
    path : Path
        The file that was asked for.
    written : Written
        Its files.
    proof : Proof
        What running them showed.
    """

    form: Format
    path: Path
    written: Written
    proof: Proof

    def write(self) -> Export:
        """Put the files where they were asked for: all of them, or none."""
        files = self.written.files
        paths = [self.path.with_name(name) for name in files]
        write_together(dict(zip(paths, files.values(), strict=True)))
        return Export(self.form.name, tuple(paths), sum(map(len, files.values())), self.proof, self.written.notes)


def prepared(fitted: Any, path: str | Path, kind: str | None = None, *, table: Any = None, **options: Any) -> Prepared:
    """Do all of `export` but the writing; parameters and errors as there."""
    form, path = _asked_for(path, kind)
    given = checked_options(form, options)
    if form.packages:
        check_extra(f"export to {form.name}", *form.packages, extra=form.extra)
    plain = described(fitted)
    written = form.write(plain, path.name, given | ({"table": table} if form.sees_table and table is not None else {}))
    with _to_be_run(written.files) as folder:
        proof = prove(plain, written, folder, table)
    return Prepared(form, path, written, proof)


def _asked_for(path: Any, kind: str | None) -> tuple[Format, Path]:
    """The format and the file."""
    if not isinstance(path, str | os.PathLike):
        raise SpecError(f"export: `path` must be the name of a file; got {type(path).__name__}.")
    path = Path(path)
    check_name(path)
    if path.is_dir():
        raise FileError(f"export: `path` must be a file; {path} is a folder. Give a name in it.")
    return find_format(kind, path), path


def _closed(path: Path) -> str:
    """Why nothing can be written there, which is better known before the proof; or nothing. Absent folders are made."""
    there = next(one for one in path.absolute().parents if one.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        return ""
    return (
        f"{there} {'cannot be written into' if there.is_dir() else 'is no folder'}. Give another one for {path.name}."
    )


def _loss(form: Format, path: Path, asked: Path) -> str:
    """What would be lost if an export were written to a path, or nothing."""
    there = kind_of_file(path)
    if there in ("absent", "empty"):
        return ""
    if path.is_dir():
        return f"{path} is a folder, where a file is to be that comes with {asked.name}. Give another name."
    if there != "foreign":
        kind = "checkpoint" if there == "checkpoint" else "model"
        return f"{path} is a {kind} of descend's, which would be lost. Give another name."
    if path.name == asked.name or form.wrote(path):
        return ""
    return (
        f"{path}, which comes with {asked.name}, is there already and no export of descend's: it would be lost. Give "
        "another name."
    )


@contextlib.contextmanager
def _to_be_run(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder of its own that holds the files, for as long as they are run."""
    with contextlib.ExitStack() as until:
        try:
            folder = Path(until.enter_context(tempfile.TemporaryDirectory(prefix="descend-export-")))
            for name, content in files.items():
                (folder / name).write_bytes(content)
        except OSError as error:
            place = error.filename or tempfile.gettempdir()
            raise FileError(
                f"export: an export is run in a temporary folder before it is written; {place}: {error.strerror}. Set "
                f"TMPDIR to a folder that has {sum(map(len, files.values())) // 1000 + 1:,} kB."
            ) from error
        yield folder


def checked_options(form: Format, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given; None is not.

    Raises
    ------
    SpecError
        If the format does not have one; it names the formats that do.
    """
    given = {name: value for name, value in options.items() if value is not None}
    problems = []
    for name in given:
        if name not in form.options:
            others = [one.name for one in FORMATS.values() if name in one.options]
            hint = f"It is one of {' and '.join(others)}." if others else closest(name, ("table", *form.options))
            problems.append(f"{form.name} has no option `{name}`. {hint}")
    raise_problems(SpecError, "export", problems)
    return given
