"""Sphinx: pages are Markdown (MyST), docstrings are numpydoc, examples are a gallery; nothing is fetched."""

import os
import sys
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer

import descend

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "extensions")]

project = "descend"
author = "The descend developers"
copyright = "2026, The descend developers"
version = release = descend.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "sphinx_design"]
extensions += ["sphinx_gallery.gen_gallery", "api", "commands", "mathml", "outside", "pictures", "results", "run"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "extensions", "_templates"]
templates_path = ["_templates"]

# Pages
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist", "attrs_inline", "attrs_block", "fieldlist"]
myst_heading_anchors = 3
myst_update_mathjax = False
html_math_renderer = "mathml"

# Docstrings; each public name is one page
numpydoc_show_class_members = False
autodoc_typehints = "none"
autosummary_generate = True
autosummary_generate_overwrite = True
default_role = "literal"
toc_object_entries_show_parents = "hide"

# Looks
html_theme = "pydata_sphinx_theme"
html_title = "descend"
html_favicon = "../src/descend/play/front/public/icon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options: dict[str, Any] = {
    "logo": {"text": "descend", "image_light": "_static/icon.svg", "image_dark": "_static/icon-dark.svg"},
    "header_links_before_dropdown": 7,
    "navbar_align": "left",
    "navbar_persistent": [],
    "navbar_end": ["search-button", "theme-switcher"],
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "navigation_depth": 3,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
# no pages below them
# no pages below them
ALONE = ("index", "start", "what-you-asked-for", "speed", "accuracy", "contributing", "rooms", "changelog", "security")
html_sidebars: dict[str, list[str]] = {"**": ["sidebar-nav-bs"], **{key: [] for key in (*ALONE, "search")}}

# The gallery: each file of examples/ is run when the site is built. On a machine that is busy, threads of others' trees
# would else wait for each other by spinning, for a minute where they work for a second.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
sphinx_gallery_conf: dict[str, Any] = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "gallery_order.InOrder",
    "capture_repr": ("_repr_html_",),
    "abort_on_example_error": True,
    "doc_module": ("descend",),
    "backreferences_dir": "reference/backreferences",
    "write_computation_times": False,
    "show_memory": False,
    "show_signature": False,
    "download_all_examples": False,
    "remove_config_comments": True,
    "copyfile_regex": r"^$",
}
suppress_warnings = ["config.cache"]


def setup(app: Any) -> None:
    """Know the fence of the worked example."""
    app.add_lexer("worked-example", TextLexer)
