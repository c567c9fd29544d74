"""The pages of docs/: their blocks of Python and of commands, and how they are run, in order, in one folder."""

from __future__ import annotations

import contextlib
import functools
import io
import re
import shlex
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from sklearn.exceptions import ConvergenceWarning

import command_line
from descend.cli.app import assembled
from descend.tables.datasets import dataset_path, datasets

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BUILT = ("_build", "gallery", "reference/api", "reference/backreferences")  # by make docs
PAGES = {
    path.relative_to(DOCS).as_posix(): path
    for path in sorted(DOCS.rglob("*.md"))
    if not path.relative_to(DOCS).as_posix().startswith(BUILT)
}

FENCE = re.compile(r"^(```+)(?:\{run\} )?([^\n`]*)\n((?::\w+:[^\n]*\n)*)(.*?)^\1$", re.DOTALL | re.MULTILINE)
LANGUAGES = ("python", "console", "bash", "file", "")
KINDS = ("python", "commands", "file")
NOT_RUN = re.compile(r"\*Not run by the tests: [^*]+\*\s*\Z")
QUICKLY = {"train": ["--restarts", "2", "--epochs", "20"], "distil": ["--restarts", "1", "--epochs", "1"]}


@dataclass(frozen=True)
class Block:
    """A block of a page.

    Parameters
    ----------
    kind : {"python", "commands", "file"}
        What it holds.
    text : str
        Its lines; of commands those of ``descend`` alone, each in one line.
    line : int
        Lines of the page before it.
    run : bool
        Whether the page does not say ``*Not run by the tests: REASON*`` above it.
    name : str
        Of a file.
    """

    kind: str
    text: str
    line: int
    run: bool
    name: str = ""


def blocks(page: str) -> list[Block]:
    """Return the blocks of Python and of commands of a page's text."""
    found = []
    for match in (one for one in FENCE.finditer(page) if one[2] in LANGUAGES):
        kind, options, text = match[2], match[3], match[4]
        run = NOT_RUN.search(page[: match.start()]) is None
        if kind not in ("python", "file"):
            kind, lines = "commands", text.replace("\\\n", " ").splitlines()
            text = "\n".join(line.removeprefix("$ ") for line in lines if re.match(r"(\$ )?descend ", line))
        if text.strip():
            name = re.search(r"^:name: (.*)$", options, re.MULTILINE)
            line = page.count("\n", 0, match.start(4))
            found.append(Block(kind, text, line, run, name[1] if name else ""))
    return found


def words_of(command: str) -> list[str]:
    """Words of a line ``descend …`` without its first, a comment, and what it is piped to."""
    words = shlex.split(command, comments=True)[1:]
    return words[: words.index("|")] if "|" in words else words


def check_options(command: str) -> None:
    """Fail where a command or an option is not known, without running it."""
    words = words_of(command)
    known = typer.main.get_command(assembled())
    if words and not words[0].startswith("-"):
        one = known.commands[words[0]]
        with one.make_context(words[0], words[1:], resilient_parsing=False):
            pass


@functools.cache
def small_model() -> bytes:
    """A blend of the penguins, learnt in a moment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "penguins.descend"
        given = ("--target", "species", "--quality", "fast", "-o", path)
        done = command_line.run("train", dataset_path("penguins"), *given)
        assert done.code == 0, done.err
        return path.read_bytes()


def prepare(folder: Path) -> None:
    """Put into a folder what pages speak of: bundled tables, rows of one as ``new.csv``, ``penguins.descend``."""
    for one in datasets():
        shutil.copy(one.path, folder)
    lines = dataset_path("penguins").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "new.csv").write_text("".join(lines[:1] + lines[1::9]), encoding="utf-8")
    for name in ("penguins.descend", "model.descend"):
        (folder / name).write_bytes(small_model())


def run(page: str, folder: Path, given: Mapping[str, object] | None = None, kinds: Sequence[str] = KINDS) -> str:
    """Run the blocks of a page; returns what its Python printed. An error names its line in the page."""
    path = PAGES[page]
    namespace: dict[str, object] = {"__name__": "__main__", **(given or {})}
    out = io.StringIO()
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "scipy.optimize: The `disp`", DeprecationWarning)  # old scikit-learn
        for block in (one for one in blocks(path.read_text(encoding="utf-8")) if one.run and one.kind in kinds):
            if block.kind == "commands":
                for line in block.text.splitlines():
                    run_command(line)
            elif block.kind == "file":
                Path(block.name).write_text(block.text.lstrip(), encoding="utf-8")
            else:
                with contextlib.redirect_stdout(out):
                    exec(compile("\n" * block.line + block.text, str(path), "exec"), namespace)
    return out.getvalue()


def run_command(line: str) -> None:
    """Run a command, quickly; one that serves is only read."""
    words = words_of(line)
    check_options(line)
    if words[0] != "play":
        asked = {"--from", "--quality", "--preset"} & set(words)
        done = command_line.run(*words, *([] if asked else QUICKLY.get(words[0], [])))
        assert done.code == 0, f"{line}\n{done.err}"


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of each page's blocks: (page, line)."""
    for name, path in PAGES.items():
        for block in blocks(path.read_text(encoding="utf-8")):
            if block.kind == "commands":
                yield from ((name, line) for line in block.text.splitlines())
