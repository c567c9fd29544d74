"""Sphinx: the pages are Markdown (MyST), docstrings are numpydoc."""

from typing import Any

from pygments.lexers.special import TextLexer

import descend

project = "descend"
author = "The descend developers"
copyright = "2026, The descend developers"
release = descend.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "alabaster"
html_theme_options = {"description": "Small neural networks for tables", "page_width": "1100px"}
numpydoc_show_class_members = False
autodoc_typehints = "none"
autosummary_generate = False


def _bars_are_absolute_values(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """In docstrings |a| is mathematics, never a substitution of reStructuredText."""
    lines[:] = [line if ">>>" in line or "``" in line else line.replace("|", "\\|") for line in lines]


def setup(app: Any) -> None:
    """Know the fence of the worked example, and the bars."""
    app.add_lexer("worked-example", TextLexer)
    app.connect("autodoc-process-docstring", _bars_are_absolute_values)
