"""Formulas become MathML while the pages are built: no script, no font and no server when they are read."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

LOG = logging.getLogger(__name__)
NOT_KNOWN = re.compile(r"<m[a-z]+[^>]*>\s*(\\[a-zA-Z]+|&)<")
ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|split)\}")


def mathml(latex: str, display: str) -> str:
    r"""Write a formula as MathML.

    Parameters
    ----------
    latex : str
        The formula, without dollars.
    display : {"inline", "block"}
        In a line of text, or in lines of its own.

    Returns
    -------
    str
        An element ``<math>``, with the formula as it was written in ``alttext``.

    Raises
    ------
    ValueError
        If the formula holds what cannot be written as MathML.

    Examples
    --------
    >>> mathml("x^2", "inline")[:20]
    '<math alttext="x^2" '
    >>> mathml(r"\nonsense", "inline")
    Traceback (most recent call last):
    ValueError: \nonsense is not known here in a formula
    """
    try:
        made = convert(ALIGNED.sub(r"\\\1{align*}", latex), display=display)
    except Exception as error:
        raise ValueError(f"{latex!r} is no formula: {type(error).__name__} {error}") from error
    if unknown := NOT_KNOWN.search(made):
        raise ValueError(f"{unknown[1]} is not known here in a formula")
    made = re.sub(r'columnalign="(\w+)"', r'style="text-align: \1"', made)  # as browsers read it
    return made.replace("<math ", f'<math alttext="{escape(" ".join(latex.split()))}" ', 1)


def _written(node: nodes.Element, display: str) -> str:
    try:
        return mathml(node.astext(), display)
    except ValueError as error:
        LOG.warning("formula: %s", error, location=node)
        return f"<code>{escape(node.astext())}</code>"


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(_written(node, "inline"))
    raise nodes.SkipNode


def _block(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if number := node.get("number"):
        writer.body.append(f'<span class="eqno">({number})</span>')
    writer.body.append(f"{_written(node, 'block')}</div>\n")
    raise nodes.SkipNode


def _nothing(writer: HTML5Translator, node: nodes.Element) -> None:
    """Nothing is left to be closed."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Make ``html_math_renderer = "mathml"`` known."""
    app.add_html_math_renderer("mathml", (_inline, _nothing), (_block, _nothing))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
