"""From a report to its page: HTML that needs nothing else, written whole or not at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Grid
from descend.errors import message
from descend.files.atomic import write_atomically
from descend.report.parts import Captioned, Figure, Report, Section
from descend.report.svg import NAMED
from descend.version import __version__

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"


def write_report(report: Report, path: str | Path) -> None:
    """Write a report to a file. The old file stays until the new one is complete.

    Parameters
    ----------
    report : Report
        What it says.
    path : str or Path
        Where.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    text = page(report).encode("utf-8")
    write_atomically(path, lambda file: file.write(text))


def page(report: Report) -> str:
    """Return the page, HTML.

    Parameters
    ----------
    report : Report
        What it says. Sections without parts are left out.

    Examples
    --------
    >>> text = page(Report("A <b>", [], [Section("What & why", ["It is so."])]))
    >>> "<h1>A &lt;b&gt;</h1>" in text, "<p>It is so.</p>" in text
    (True, True)
    """
    sections = [section for section in report.sections if section.parts]
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    shown = [_Shown(number, section) for number, section in enumerate(sections, 1)]
    return _template().render(report=report, sections=shown, style=style, version=__version__) + "\n"


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"said": lambda text: message(str(text)), "kind": _kind, "placed": _placed}
    return made.get_template("report.html")


class _Shown:
    """A section as the template sees it: with its number."""

    def __init__(self, number: int, section: Section) -> None:
        self.number, self.title, self.parts = number, section.title, section.parts


def _kind(part: Any) -> str:
    if isinstance(part, Figure):
        return "figure"
    if isinstance(part, Captioned):
        return "captioned"
    if isinstance(part, Grid):
        return "grid"
    return "words" if isinstance(part, str) else "facts"


def _placed(figure: Figure, number: str) -> str:
    """The picture with names of its own."""
    return figure.svg.replace(NAMED, f"figure-{number}-")
