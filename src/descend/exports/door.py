"""The one door: a fitted model -> files in a format, run and compared before they stand where they were asked for."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from descend.errors import FileError, SpecError, check_extra, closest, raise_problems
from descend.exports.fitted import described
from descend.exports.formats import FORMATS, Format, find_format
from descend.exports.proof import prove
from descend.exports.result import Export, Proof
from descend.exports.written import Written
from descend.files.atomic import check_name, write_atomically


def export(fitted: Any, path: str | Path, kind: str | None = None, *, table: Any = None, **options: Any) -> Export:
    """Write a fitted model in a format that others run, once running it has shown that it answers as the model does.

    Parameters
    ----------
    fitted : Network, Model, MLPClassifier, MLPRegressor, TabularClassifier or TabularRegressor
        What is exported.
    path : str or Path
        The file; older files of that name are replaced, when the export is proved.
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
    if not isinstance(path, str | os.PathLike):
        raise SpecError(f"export: `path` must be the name of a file; got {type(path).__name__}.")
    path = Path(path)
    check_name(path)
    form = find_format(kind, path)
    if path.is_dir():
        raise FileError(f"export: `path` must be a file; {path} is a folder. Give a name in it.")
    given = _options(form, options)
    if form.packages:
        check_extra(f"export to {form.name}", *form.packages, extra=form.extra)
    plain = described(fitted)
    written = form.write(plain, path.name, given)
    with tempfile.TemporaryDirectory(prefix="descend-export-") as folder:
        for name, content in written.files.items():
            (Path(folder) / name).write_bytes(content)
        proof = prove(plain, written, Path(folder), table)
    return _kept(form, path, written, proof)


def _options(form: Format, options: Mapping[str, Any]) -> dict[str, Any]:
    """What was given; an option of another format is refused with the name of that format."""
    given = {name: value for name, value in options.items() if value is not None}
    problems = []
    for name in given:
        if name not in form.options:
            others = [one.name for one in FORMATS.values() if name in one.options]
            hint = f"It is one of {' and '.join(others)}." if others else closest(name, form.options or ("table",))
            problems.append(f"{form.name} has no option `{name}`. {hint}")
    raise_problems(SpecError, "export", problems)
    return given


def _kept(form: Format, path: Path, written: Written, proof: Proof) -> Export:
    """Put proved files where they were asked for: all of them, or none."""
    new: list[Path] = []
    paths = [path.with_name(name) for name in written.files]
    try:
        for one, content in zip(paths, written.files.values(), strict=True):
            there = one.exists()
            write_atomically(one, lambda file, content=content: file.write(content))  # type: ignore[misc]
            new += [] if there else [one]
    except BaseException:
        for one in new:
            with contextlib.suppress(OSError):
                one.unlink()
        raise
    return Export(form.name, tuple(paths), sum(map(len, written.files.values())), proof, written.notes)
