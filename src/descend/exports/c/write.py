"""A model with one network -> its header and its source, and what runs them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from descend.describe.numbers import count
from descend.errors import SpecError, quoted
from descend.exports.c.answers import LARGEST
from descend.exports.c.compilers import compiler_here, measured, shared_library
from descend.exports.c.integers import InIntegers, in_integers
from descend.exports.c.names import prefix_of
from descend.exports.c.row import packed, spelled
from descend.exports.c.self_test import self_test
from descend.exports.c.source import Program, header, program, source
from descend.exports.described import LABEL, PREDICTION, PROBABILITIES, Answers, Described, only_net
from descend.exports.rows import ProofRows
from descend.exports.written import NotProvedError, Written
from descend.typing import Array


@dataclass(frozen=True)
class Through:
    """How the functions of a model are called.

    Parameters
    ----------
    start : str
        What their names begin with.
    library : callable
        Makes a library that has them, in a folder.
    rows : callable or None, default None
        From rows as C has them to those that they take; None: the same.
    """

    start: str
    library: Callable[[Path], Any]
    rows: Callable[[Array], Array] | None = None


def write(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    """Return a model in C: ``name`` with the endings .c and .h.

    Parameters
    ----------
    described : Described
        The model; one network.
    name : str
        Of the file; what all names in it begin with, if `options` do not say it.
    options : mapping
        prefix : what all names begin with. fixed : "int8", for layers in integers. table : rows by which these are
        scaled, and what it costs is told.

    Raises
    ------
    SpecError
        If it has several networks, or what C does not take, with the way out; if an option cannot be.
    """
    only_net(described, "C")
    stem = stem_of(name, (".c", ".h"))
    made, integers = program_of(described, prefix_of(stem, options.get("prefix")), options)
    found = written(made, stem, integers)
    first = f"{stem}.h" if name.lower().endswith(".h") else f"{stem}.c"
    return replace(found, files={first: found.files[first]} | found.files)


def program_of(described: Described, prefix: str, options: Mapping[str, Any]) -> tuple[Program, InIntegers | None]:
    """Return a model in C, in integers if `options` say ``fixed``."""
    fixed = options.get("fixed")
    if fixed is None:
        return program(described, prefix), None
    if fixed != "int8":
        raise SpecError(f'export: `fixed` must be "int8", or left out for float; got {quoted(fixed)}.')
    integers = in_integers(described, prefix, options.get("table"))
    return integers.program, integers


def written(made: Program, stem: str, integers: InIntegers | None = None) -> Written:
    """Return source and header of a model in C, and what runs them."""
    files = files_of(made, stem, integers)

    def run(folder: Path, rows: ProofRows) -> Answers:
        return answers_of(made, folder / f"{stem}.c", rows, integers)

    try:
        by = compiler_here().words
    except NotProvedError as error:
        by = str(error)
    limit, notes = (1e-5, ()) if integers is None else (None, integers.notes)
    return Written(files, run, by, notes + made.answer.notes, limit, float32=made.near, largest=LARGEST)


def stem_of(name: str, suffixes: tuple[str, ...]) -> str:
    """Return a file's name without the ending of its kind.

    Raises
    ------
    SpecError
        If no source can include a file of that name.

    Examples
    --------
    >>> stem_of("pump.v2.c", (".c", ".h")), stem_of("pump.v2", (".c", ".h"))
    ('pump.v2', 'pump.v2')
    """
    if name.startswith("-") or any(c in "\"'\\" or not c.isprintable() for c in name):
        raise SpecError(
            "export: the file's name must be one that compilers take: not - at its beginning, no quotation mark, "
            f"backslash or control character; got {quoted(name)}. Choose another, such as pump.c."
        )
    return str(Path(name).stem) if name.lower().endswith(suffixes) else name


def files_of(made: Program, stem: str, integers: InIntegers | None = None) -> dict[str, bytes]:
    """Return source and header by their names; sizes are measured where a compiler is there."""
    header_name, source_name = f"{stem}.h", f"{stem}.c"
    test = self_test(made, integers)
    text = source(made, stem, header_name, test)
    files = {source_name: text.encode(), header_name: header(made, stem, bool(test)).encode()}
    made = replace(made, sizes=_size_words(made, files, source_name))
    return files | {header_name: header(made, stem, bool(test)).encode()}


def _size_words(made: Program, files: Mapping[str, bytes], source_name: str) -> list[str]:
    lines = [
        f"{one.target}, {one.compiler} -Os: {one.flash:,} bytes of flash (code and constants), {one.static:,} of "
        f"static RAM, at most {one.stack:,} of stack."
        for one in measured(files, source_name)
    ]
    if lines:
        lines.append(
            f"The caller lends {4 * max(made.scratch, 1):,} bytes of scratch and {4 * made.answer.outputs:,} of out."
        )
    return lines


# ---------------------------------------------------------------- running it


def answers_of(
    made: Program, path: Path, rows: ProofRows, integers: InIntegers | None = None, through: Through | None = None
) -> Answers:
    """Compile a source and ask it.

    Parameters
    ----------
    made : Program
        The model in C.
    path : Path
        Its source.
    rows : ProofRows
        What is asked.
    integers : InIntegers or None, default None
        What its layers must answer if they are integers.
    through : Through or None, default None
        How another language asks it.

    Raises
    ------
    NotProvedError
        If there is no compiler whose libraries run here.
    SpecError
        If integers in C answer otherwise than the same integers in NumPy.
    """
    compiler = compiler_here()
    plain = partial(shared_library, compiler, path)
    asked = through or Through(f"{made.prefix}_", lambda folder: plain(folder, f"-D{made.prefix.upper()}_SELF_TEST"))
    with TemporaryDirectory(prefix="descend-") as folder:
        library = asked.library(Path(folder))
        out, returned, labels = ask_library(made, library, rows, asked)
        if integers is not None:
            _check_integers(integers, getattr(library, f"{asked.start}predict_array"), rows)
        _check_itself(made, library)
    return as_answers(made, out, returned, labels)


def ask_library(
    made: Program, library: Any, rows: ProofRows, through: Through | None = None
) -> tuple[Array, Array, Array]:
    """Return out, float32 (m, outputs), what predict returns, (m,), and labels, (m, labels), of rows."""
    start = f"{made.prefix}_" if through is None else through.start
    given = rows_in_c(made, rows)
    _check_texts(made, library, start, rows, given)
    given = given if through is None or through.rows is None else through.rows(given)
    predict = getattr(library, f"{start}predict")
    out = np.zeros((len(given), made.answer.outputs), dtype=np.float32)
    labels = np.zeros((len(given), max(made.answer.labels, 1)), dtype=np.int32)
    returned = np.zeros(len(given), dtype=np.int64)
    scratch = np.full(max(made.scratch, 1), np.nan, dtype=np.float32)
    lent = scratch.ctypes.data_as(ctypes.c_void_p)
    for k in range(len(given)):
        mine = ctypes.c_void_p(out[k:].ctypes.data)
        returned[k] = predict(ctypes.c_void_p(given[k:].ctypes.data), mine, lent)
        if made.answer.labels:
            getattr(library, f"{start}decide")(mine, ctypes.c_void_p(labels[k:].ctypes.data))
    return out, returned, labels


def _check_itself(made: Program, library: Any) -> None:
    """The test that the source brings must pass here, where its answers come from."""
    test = getattr(library, f"{made.prefix}_self_test", None)  # none if the model answers no made row
    if test is not None and (wrong := test()):
        raise SpecError(
            f"export: {count(wrong, 'row')} of the test that the C brings answer otherwise than in the model, so it is "
            "not written. This is a fault of descend; please report it."
        )


def _check_integers(integers: InIntegers, predict: Any, rows: ProofRows) -> None:
    """What C computes of the same inputs must be what NumPy does, but for the rounding of the last steps, in float."""
    made = integers.program
    X, expected = integers.out(rows)
    out, scratch = np.zeros(expected.shape, dtype=np.float32), np.zeros(max(made.scratch, 1), dtype=np.float32)
    for k in range(len(X)):
        places = (ctypes.c_void_p(one.ctypes.data) for one in (X[k:], out[k:], scratch))
        predict(*places)
    if not np.allclose(out, expected, rtol=1e-5, atol=1e-5 * max(float(np.abs(expected).max()), 1e-30)):
        raise SpecError(
            "export: the integers in C answer otherwise than they should. This is a fault of descend; please report it."
        )


def rows_in_c(made: Program, rows: ProofRows) -> Array:
    """Return rows as C has them, C-contiguous."""
    if not made.row:
        assert rows.X is not None
        return np.ascontiguousarray(rows.X, dtype=np.float32)
    return packed(made.row, made.described.read(rows.given).columns, rows.cells)


def _check_texts(made: Program, library: Any, start: str, rows: ProofRows, given: Array) -> None:
    """The functions that find the code of a text must find those that the rows have."""
    for field in made.row:
        if field.kind != "category" or rows.cells is None:
            continue
        known = dict(zip(rows.cells[field.column.name], given[field.name].tolist(), strict=True))
        look = getattr(library, f"{start}{field.name}_of")
        for text, code in ((spelled(cell), code) for cell, code in known.items() if cell is not None):
            if "\0" not in text and look(ctypes.c_char_p(text.encode("utf-8", "surrogatepass"))) != code:
                raise SpecError(
                    f"export: the code of {quoted(text)} in C is another than that of column "
                    f"{quoted(field.column.name)} in the model. This is a fault of descend; please report it."
                )


def as_answers(made: Program, out: Array, returned: Array, labels: Array) -> Answers:
    """Return answers of C by the names that the model's own have."""
    answer = made.described.answer
    if answer.kind == "classes":
        # what is not finite is no label; the first stands for it, and its probabilities differ
        return {LABEL: _labels(answer.columns[0].labels, np.maximum(returned, 0)), PROBABILITIES: out}
    if answer.kind == "multilabel":
        return {LABEL: labels, PROBABILITIES: out}
    if answer.kind == "columns":
        found: Answers = {}
        first = 0
        for place, one in enumerate(answer.columns):
            found[f"{LABEL}_{place}"] = _labels(one.labels, labels[:, place])
            found[f"{PROBABILITIES}_{place}"] = out[:, first : first + len(one.labels)]
            first += len(one.labels)
        return found
    return {PREDICTION: out[:, 0] if answer.flat else out}


def _labels(labels: tuple[Any, ...], places: Array) -> Array:
    known = np.array(labels, dtype=object if isinstance(labels[0], str) else None)
    return np.asarray(known[places])
