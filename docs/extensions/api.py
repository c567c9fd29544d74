"""The pages of public names: which members of a class stand on its page, and docstrings in which |a| is mathematics."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from sphinx.application import Sphinx


def own_members(module: str, name: str) -> list[str]:
    """Find methods and properties of a class that are ours: inherited from no other library, and with words.

    Parameters
    ----------
    module, name : str
        Where the class is, and what it is called there.

    Returns
    -------
    list of str
        In the order of the alphabet.

    Examples
    --------
    >>> own_members("descend.training.spread", "Spread")
    []
    >>> "step" in own_members("descend", "Network")
    True
    """
    found, asked = [], getattr(import_module(module), name)
    for attribute in inspect.classify_class_attrs(asked):
        thing = attribute.object
        function = getattr(thing, "fget", None) or getattr(asked, attribute.name, None)
        ours = attribute.defining_class.__module__.startswith("descend")
        ours = ours and str(getattr(function, "__module__", "")).startswith("descend")
        if ours and attribute.kind != "data" and not attribute.name.startswith("_"):
            found += [attribute.name] if function.__doc__ else []
    return found


def bars_are_absolute_values(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """In docstrings |a| is mathematics, never a substitution of reStructuredText."""
    lines[:] = [line if ">>>" in line or "``" in line else line.replace("|", "\\|") for line in lines]


def setup(app: Sphinx) -> dict[str, Any]:
    """Hand `own_members` to the templates of autosummary, and look at each docstring."""
    app.config.autosummary_context = {"own_members": own_members}
    app.connect("autodoc-process-docstring", bars_are_absolute_values)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
