"""How things look in a terminal and in a pipe: facts as labels with words, grids as tables, long lines broken.

Results go to standard output, notes and errors to standard error. Nothing but a terminal gets control codes, and none
come from a user's files: a `console` draws `visible` texts only, in which a line break is a sign like others.
"""

from __future__ import annotations

import json
import shlex
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from descend.errors import visible
from descend.figures.terminal import LABEL_WIDTH, facts, table
from descend.files.container import plain_data

__all__ = ["LABEL_WIDTH", "console", "facts", "say", "say_json", "say_lines", "say_unbroken", "shell_words", "table"]

WIDE = 100_000  # a pipe or a file has no edge: no line is broken there


class VisibleConsole(Console):
    """A console on which every text is `visible`, wherever it stands: none but rich's own control codes get out."""

    def render_str(self, text: str, **how: Any) -> Text:
        """Make a text that rich draws; all go through here before they are laid out."""
        return super().render_str(visible(text), **how)


def console(file: TextIO | None = None) -> Console:
    """Return a console on `file`, by default standard output."""
    target = file or sys.stdout
    return VisibleConsole(
        file=target,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if target.isatty() else WIDE,
        legacy_windows=False if not target.isatty() else None,
    )


def say(*parts: RenderableType) -> None:
    """Print on standard output; in a terminal long lines are broken between words."""
    out = console()
    for part in parts or ("",):
        _print(out, part)


def say_unbroken(*lines: str) -> None:
    """Print lines that are to be copied: where they do not fit, the terminal breaks them, not we."""
    out = console()
    for line in lines:
        out.print(line, soft_wrap=True)


def say_json(document: Mapping[str, Any]) -> None:
    """Print one line of JSON: all digits, null for what is not finite, escapes for signs that a terminal would obey."""
    text = json.dumps(plain_data(document), ensure_ascii=False, allow_nan=False)
    seen = text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    sys.stdout.write(seen + "\n")


def shell_words(*words: object) -> str:
    """Return words as one would type them in a shell.

    Examples
    --------
    >>> shell_words("descend", "predict", "my model.descend")
    "descend predict 'my model.descend'"
    """
    return shlex.join(str(word) for word in words)


def _print(out: Console, part: RenderableType) -> None:
    """Print; a pipe gets no spaces at the ends of lines."""
    if out.is_terminal:
        out.print(part)
        return
    with out.capture() as captured:
        out.print(part)
    out.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def say_lines(lines: Iterable[RenderableType]) -> None:
    """Print lines; in a terminal what does not fit goes on below, further to the right."""
    out = console()
    for line in lines:
        for part in wrapped(line, out.width) if isinstance(line, str) else [line]:
            _print(out, part)


def wrapped(line: str, width: int) -> list[str]:
    """Break a line between words; the following ones start 6 columns to the right of it.

    Examples
    --------
    >>> wrapped("  s = 0.3·1.2 + 0.5·0.1", 16)
    ['  s = 0.3·1.2 +', '        0.5·0.1']
    """
    indent = " " * (len(line) - len(line.lstrip()) + 6)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
