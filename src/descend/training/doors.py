"""Who computes: the compiled engine or the readable reference, two modules with the same functions."""

from __future__ import annotations

from types import ModuleType

from descend.spec.network import NetworkSpec

ENGINES = ("native", "reference")


def door(name: str) -> ModuleType:
    """Return the module that computes.

    Parameters
    ----------
    name : {"native", "reference"}
        A name of `ENGINES`.

    Examples
    --------
    >>> door("reference").__name__
    'descend.reference'
    """
    if name == "native":
        from descend import engine

        return engine
    from descend import reference

    return reference


def door_for(spec: NetworkSpec, name: str = "native") -> ModuleType:
    """Return the module that computes a network: the named one, the reference for a user's own activation."""
    return door("reference" if any(row.name == "custom" for row in spec.activations) else name)
