"""What a worker must have in common with the machine that asks it, so that its bits are the same."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from descend import engine
from descend.errors import ClusterError
from descend.version import __version__

UNFUSED = ("baseline",)  # instruction sets outside the contract of equal bits (engine/README.md)
NO_DESCEND = "descend is not installed there"


@dataclass(frozen=True)
class Makeup:
    """What decides the bits of a machine, and whether it understands what is sent to it.

    Parameters
    ----------
    descend, numpy, python : str
        Versions; of NumPy and Python without the last number.
    order : int
        Of the engine's additions.
    processor : str
        Its architecture, and the instruction set if that is outside the contract.
    """

    descend: str
    order: int
    processor: str
    numpy: str
    python: str


_WORDS = {
    "descend": "descend {}",
    "order": "an engine of order {}",
    "processor": "a processor of {}",
    "numpy": "NumPy {}",
    "python": "Python {}",
}


def makeup() -> Makeup:
    """Return that of this process.

    Examples
    --------
    >>> from descend.version import __version__
    >>> makeup().descend == __version__
    True
    """
    machine = platform.machine().lower().replace("amd64", "x86_64")
    unfused = f" without fused multiply-add ({engine.isa()})" if engine.isa() in UNFUSED else ""
    short = [".".join(text.split(".")[:2]) for text in (np.__version__, platform.python_version())]
    return Makeup(__version__, engine.ORDER_VERSION, machine + unfused, *short)


def differences(own: Makeup, other: Makeup) -> list[str]:
    """Say what a worker has instead of what is here.

    Examples
    --------
    >>> from dataclasses import replace
    >>> differences(makeup(), makeup())
    []
    >>> differences(replace(makeup(), descend="0.3.0"), replace(makeup(), descend="0.1.0"))
    ['descend 0.1.0 (here: 0.3.0)']
    """
    told = []
    for field in fields(Makeup):
        here, there = getattr(own, field.name), getattr(other, field.name, "unknown")  # to another version
        if here != there:
            told.append(f"{_WORDS[field.name].format(there)} (here: {here})")
    return told


def refusal(worker: str, problems: Sequence[str]) -> ClusterError:
    """Return the error for a worker whose bits would be others.

    Examples
    --------
    >>> print(refusal("tcp://10.0.0.7:4711", ["descend 0.1.0 (here: 0.3.0)"]))
    cluster: worker tcp://10.0.0.7:4711 cannot help: it has descend 0.1.0 (here: 0.3.0), so its results would not be \
those of this machine. Give all workers what is here, or leave that one out.
    """
    if list(problems) == [NO_DESCEND]:
        return ClusterError(
            f"cluster: worker {worker} cannot help: {NO_DESCEND}. Install descend {__version__} where the workers run."
        )
    return ClusterError(
        f"cluster: worker {worker} cannot help: it has {' and '.join(problems)}, so its results would not be those of "
        "this machine. Give all workers what is here, or leave that one out."
    )
