"""The directive ``run``: commands or Python of a page are run while it is built, and what they print stands below.

``{run} console`` runs lines ``descend …``, ``{run} python`` statements, ``{run} file`` writes a file of the name in
``:name:``. All blocks of a page share one folder, in which the bundled tables lie, and one namespace. What fails is a
warning. ``:from:`` and ``:to:`` show of the output what stands between the first line with one text and the next with
another, ``{run} more`` another part of the last output, ``:quiet:`` none; ``:figure:`` shows matplotlib's figure, and
says in words what is to be seen.
"""

from __future__ import annotations

import base64
import contextlib
import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)
LEFT_OUT = "…"


class Place:
    """The folder and the namespace of one page."""

    def __init__(self) -> None:
        from descend.tables.datasets import datasets

        self.kept = tempfile.TemporaryDirectory(prefix="descend-page-")
        self.folder = Path(self.kept.name)
        for one in datasets():
            shutil.copy(one.path, self.folder)
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.printed = ""  # last
        os.environ.setdefault("MPLBACKEND", "Agg")

    def commands(self, text: str) -> str:
        """Run lines of commands; returns what they print, and their notes.

        Raises
        ------
        RuntimeError
            If one fails.
        """
        printed = []
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if not words:
                continue
            if words[0] != "descend":
                raise RuntimeError(f"{line!r} is no command of descend")
            done = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=self.folder,
                env=os.environ | {"PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"{line!r} failed:\n{done.stderr}")
            printed += done.stdout.splitlines()
            printed += [one for one in done.stderr.splitlines() if one.startswith("Note")]
        return "\n".join(printed)

    def python(self, text: str, page: str) -> str:
        """Run statements; returns what they print."""
        out = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out):
            exec(compile(text, page, "exec"), self.namespace)
        return out.getvalue()


def figure(words: str) -> nodes.raw:
    """Take matplotlib's current figure into the page; `words` say what it shows.

    Raises
    ------
    RuntimeError
        If there is none.

    Examples
    --------
    >>> figure("a line")
    Traceback (most recent call last):
    RuntimeError: nothing is drawn that `:figure:` could show
    """
    import matplotlib
    from matplotlib import pyplot

    if not pyplot.get_fignums():
        raise RuntimeError("nothing is drawn that `:figure:` could show")
    drawn = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "descend", "svg.fonttype": "path"}):
        pyplot.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close("all")
    picture = base64.b64encode(drawn.getvalue()).decode()
    html = f'<p><img class="on-white" alt="{escape(words)}" src="data:image/svg+xml;base64,{picture}"></p>'
    return nodes.raw("", html, format="html")


def between(text: str, first: str | None, last: str | None) -> str:
    r"""Return the lines from one that holds `first` to the next that holds `last`, with marks for what is left out.

    Raises
    ------
    ValueError
        If there are no such lines.

    Examples
    --------
    >>> between("a\nb\nc\nd", "b", "c")
    '…\nb\nc\n…'
    >>> between("a\nb", None, "a")
    'a\n…'
    """
    lines = text.strip("\n").splitlines()
    start = 0 if first is None else next((i for i, line in enumerate(lines) if first in line), None)
    if start is None:
        raise ValueError(f"no line of the output holds {first!r}")
    end = len(lines) - 1 if last is None else next((i for i in range(start, len(lines)) if last in lines[i]), None)
    if end is None:
        raise ValueError(f"no line of the output after {first!r} holds {last!r}")
    shown = [LEFT_OUT] * (start > 0) + lines[start : end + 1] + [LEFT_OUT] * (end + 1 < len(lines))
    return "\n".join(shown)


class Run(SphinxDirective):
    """A block that is run."""

    has_content = True
    required_arguments = 1
    option_spec: ClassVar = {
        "from": directives.unchanged_required,
        "to": directives.unchanged_required,
        "quiet": directives.flag,
        "name": directives.unchanged_required,
        "figure": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Run it; returns the block and what it printed."""
        language, text = self.arguments[0], "\n".join(self.content)
        place = self.env.temp_data.get("descend-place") or Place()
        self.env.temp_data["descend-place"] = place
        try:
            shown = self._shown(place, language, text)
        except Exception as error:
            LOG.warning("run: %s: %s", type(error).__name__, error, location=self.get_location())
            shown = []
        coloured = {"console": "bash", "file": "text"}.get(language, language)
        block = nodes.literal_block(text, text, language=coloured)
        named = [nodes.paragraph("", "", nodes.literal("", self.options["name"]))] if language == "file" else []
        return shown if language == "more" else [*named, block, *shown]

    def _shown(self, place: Place, language: str, text: str) -> list[nodes.Node]:
        if language == "file":
            (place.folder / self.options["name"]).write_text(f"{text}\n", encoding="utf-8")
            return []
        if language == "console":
            place.printed = place.commands(text)
        elif language == "python":
            place.printed = place.python(text, self.env.docname)
        found: list[nodes.Node] = []
        if place.printed.strip() and "quiet" not in self.options:
            shown = between(place.printed, self.options.get("from"), self.options.get("to"))
            found = [nodes.literal_block(shown, shown, language="text", classes=["printed"])]
        return found + ([figure(self.options["figure"])] if "figure" in self.options else [])


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the directive known."""
    app.add_directive("run", Run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
