"""Pictures that know light and dark (`tools/pictures/themed_svg.py`) are left alone by the theme's dark page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def leave_themed(app: Sphinx, document: nodes.document) -> None:
    """The theme dims pictures on its dark page, and gives them white paper, but for those of this class."""
    for image in document.findall(nodes.image):
        path = Path(document["source"]).parent / image["uri"]
        if path.suffix == ".svg" and path.exists() and "prefers-color-scheme" in path.read_text(encoding="utf-8"):
            image["classes"].append("dark-light")


def setup(app: Sphinx) -> dict[str, Any]:
    """Look at each page once it is read, before its pictures are gathered."""
    app.connect("doctree-read", leave_themed, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
