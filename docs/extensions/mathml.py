"""Formulas become MathML while the pages are built: no script and no server when they are read."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from formula import mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

LOG = logging.getLogger(__name__)


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


def keep_together(app: Sphinx, document: nodes.document) -> None:
    """No line ends between a formula and the comma or stop after it."""
    for formula in list(document.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        if not isinstance(after, nodes.Text) or not (signs := re.match(r"[.,;:!?)’]+", after.astext())):
            continue
        parent, place = formula.parent, formula.parent.index(formula)
        together = nodes.inline(classes=["together"])
        together += [formula.deepcopy(), nodes.Text(signs[0])]
        parent[place : place + 2] = [together, nodes.Text(after.astext()[signs.end() :])]


def setup(app: Sphinx) -> dict[str, Any]:
    """Make ``html_math_renderer = "mathml"`` known."""
    app.connect("doctree-read", keep_together)
    app.add_html_math_renderer("mathml", (_inline, _nothing), (_block, _nothing))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
