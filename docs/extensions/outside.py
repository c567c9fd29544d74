"""Pages that stand elsewhere in the repository, as CONTRIBUTING.md: links lead to pages of the site, or to none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]


def leave_names(app: Sphinx, document: nodes.document) -> None:
    """Links to files that are no pages keep their words alone: the site is read without the repository."""
    for link in [one for one in document.findall(pending_xref) if one.get("reftype") == "myst"]:
        path = (ROOT / link["reftarget"].partition("#")[0]).resolve()
        if path.exists() and path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "docs"):
            link.replace_self(link.children)


def setup(app: Sphinx) -> dict[str, Any]:
    """Look at each page once it is read."""
    app.connect("doctree-read", leave_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
