"""Who computes: the compiled engine, or the readable reference behind the same functions."""

from __future__ import annotations

from types import ModuleType

from descend.spec.network import NetworkSpec

ENGINES = ("native", "reference")


def door(name: str) -> ModuleType:
    """Return `descend.engine` for "native", `descend.reference` for "reference"."""
    if name == "reference":
        from descend import reference

        return reference
    from descend import engine

    return engine


def engine_for(spec: NetworkSpec) -> str:
    """Return the engine that can compute a network: the reference if an activation is a user's own.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> engine_for(make_spec([2, 3, 1]))
    'native'
    """
    return "reference" if any(row.name == "custom" for row in spec.activations) else "native"
