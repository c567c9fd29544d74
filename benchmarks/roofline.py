"""The roofline: the shortest time in which this machine could do a step, from what a step is and measured peaks.

A step needs three things, which a processor can do at the same time; the longest of them is the roof:

    multiply-adds   each fma of the definition, and each product that stands alone, takes a place in the units for fused
                    multiply-adds: places / (peak of fma per second). Sums that stand alone are not counted: some
                    processors have units for them that work beside the others
    divisions       Adam's division and square root for each weight have a unit of their own: weights / (peak of
                    divisions with square roots per second)
    bytes           what is only read, at the bandwidth of reading; what is read and written back, both ways, at that of
                    updates; each at the level of memory that holds it: Σ bytes / (bytes per second). What the vector
                    registers hold costs nothing

The share is that time divided by ours. Nothing is in it but what must be done: no gradient that could stay in
registers, no hidden value, no copy. So nobody passes 100 %, but where a level holds a part of what is too large for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.peaks import FMA, QUOTIENTS, READ, REGISTERS, UPDATE, Peak, level_of
from benchmarks.works import Work

FLOAT = 4  # bytes
UNITS = ARITHMETIC, DIVISIONS = "multiply-adds", "divisions"
BLOCK, BLOCK_BYTES = 24, 2**16  # rounds that share a pass over W_0, where it takes so many bytes: engine/README.md
LANES, LANE_WEIGHTS = 16, 2460  # nets side by side, of at most so many weights
MOMENTS = {"sgd": 0, "adam": 2, "adamw": 2}
# Places of one weight's step, by engine/README.md: m 2, u 3, α m, the divisor; adamw (1 − ηλ) w
PLACES = {"sgd": 1, "adam": 7, "adamw": 8}


@dataclass(frozen=True)
class Moved:
    """Bytes of a step that lie together.

    Parameters
    ----------
    held : float
        Bytes that must stay near for all steps: they choose the level.
    read, updated : float
        Bytes of one step that are only read; that are read and written back, counted both ways.
    """

    held: float
    read: float
    updated: float


@dataclass(frozen=True)
class Need:
    """What one step of one net needs: places of multiply-adds, divisions with square roots, bytes."""

    places: float
    quotients: float
    moved: tuple[Moved, ...]


def need(work: Work, awake: float = 1.0, cores: int = 1) -> Need:
    """Return what a step of a work needs.

    Parameters
    ----------
    work : Work
    awake : float, default 1
        Share of hidden nodes whose s is not negative. Rounds of plain SGD on single samples need the others' rows of W
        neither for sums nor for steps; counted so in wide layers of 64 KB or more, where the engine leaves them out.
    cores : int, default 1
        Of one net's weights each core holds its share.

    Examples
    --------
    >>> need(Work("a", (2, 1), batch=4)).places  # forward 12, gradient 12, step 3
    27.0
    >>> one = need(Work("a", (784, 128, 10)))
    >>> one.places, [round(part.read + part.updated) for part in one.moved]
    (204820.0, [65720, 3176])
    """
    places, read, updated = 0.0, 0.0, 0.0
    for layer, (n, m) in enumerate(pairwise(work.sizes)):
        times_read, times_updated, share = _passes(work, layer, awake)
        weights = share * (n + 1) * m
        places += work.batch * (2 * weights + (share * n * m if layer else 0))
        read += FLOAT * times_read * weights
        updated += FLOAT * times_updated * weights
    if work.batch > 1 or work.optimizer != "sgd":
        places += PLACES[work.optimizer] * work.weights
    moments = MOMENTS[work.optimizer] * FLOAT * work.weights
    nets = min(LANES, work.restarts) if work.weights <= LANE_WEIGHTS else 1
    held = nets * (FLOAT * work.weights + moments) / (cores if work.restarts == 1 else 1)
    row = FLOAT * (work.sizes[0] + work.sizes[-1])
    data = Moved(work.rows * row, work.batch * row / work.restarts, 0.0)
    quotients = float(work.weights) if MOMENTS[work.optimizer] == 2 else 0.0
    return Need(places, quotients, (Moved(held, read, updated + 2 * moments), data))


def need_of_prediction(sizes: Sequence[int], rows: int) -> Need:
    """Return what so many rows need to be predicted: the forward pass; the rows read, the answers written.

    Examples
    --------
    >>> need_of_prediction((2, 3, 1), 10).places
    130.0
    """
    weights = sum((n + 1) * m for n, m in pairwise(sizes))
    data = float(FLOAT * rows * (sizes[0] + sizes[-1]))
    return Need(float(rows * weights), 0.0, (Moved(FLOAT * weights, 0.0, 0.0), Moved(data, data, 0.0)))


def _passes(work: Work, layer: int, awake: float) -> tuple[float, float, float]:
    """How often a step reads the weights of a layer; how often it moves them there and back; the share that counts.

    Layer 0 is read and written in one pass with the next step's sums; in blocks three times in 24 steps. The layers
    above are read by the forward pass, then read and written by the way back and its step.
    """
    n, m = work.sizes[layer : layer + 2]
    large = work.batch == 1 and work.optimizer == "sgd" and FLOAT * n * m >= BLOCK_BYTES
    if layer == 0:
        return (1 / BLOCK, 2 / BLOCK, 1.0) if large else (0.0, 2.0, 1.0)
    return 1.0, 2.0, awake if large and m > 4 * LANES else 1.0


def peaks_of(wanted: Need, caches: Mapping[str, int]) -> list[Peak]:
    """Return which peaks must be measured."""
    found: dict[Peak, None] = {(FMA, ""): None}
    if wanted.quotients:
        found[QUOTIENTS, ""] = None
    for part, level in _levels(wanted, caches):
        found |= {(what, level): None for what, amount in ((READ, part.read), (UPDATE, part.updated)) if amount}
    return list(found)


def seconds(wanted: Need, rates: Mapping[Peak, float], caches: Mapping[str, int]) -> dict[str, float]:
    """Return how long each of the three takes, the bytes of each level by its name.

    Examples
    --------
    >>> one = Need(10.0, 0.0, (Moved(5.0, 0.0, 30.0), Moved(50.0, 8.0, 0.0)))
    >>> rates = {(FMA, ""): 10.0, (UPDATE, "L1"): 10.0, (READ, "memory"): 2.0}
    >>> found = seconds(one, rates, {"L1": 10})
    >>> found
    {'multiply-adds': 2.0, 'L1': 3.0, 'memory': 4.0}
    >>> roof(found), longest(found)
    (7.0, 'memory')
    """
    found = {ARITHMETIC: 2 * wanted.places / rates[FMA, ""]}
    if wanted.quotients:
        found[DIVISIONS] = wanted.quotients / rates[QUOTIENTS, ""]
    for part, level in _levels(wanted, caches):
        each = [(READ, part.read), (UPDATE, part.updated)]
        found[level] = found.get(level, 0.0) + sum(amount / rates[what, level] for what, amount in each if amount)
    return found


def _levels(wanted: Need, caches: Mapping[str, int]) -> list[tuple[Moved, str]]:
    found = [(part, level_of(part.held, caches)) for part in wanted.moved]
    return [(part, level) for part, level in found if level != REGISTERS]


def roof(parts: Mapping[str, float]) -> float:
    """Return the longest of the three: bytes of several levels come one after the other."""
    return max(*(parts.get(name, 0.0) for name in UNITS), sum(_bytes(parts).values()))


def longest(parts: Mapping[str, float]) -> str:
    """Return which of the three is longest; the bytes by the level that has most of it."""
    levels = _bytes(parts)
    unit = max(UNITS, key=lambda name: parts.get(name, 0.0))
    return unit if parts[unit] >= sum(levels.values()) else max(levels, key=lambda name: levels[name])


def _bytes(parts: Mapping[str, float]) -> dict[str, float]:
    return {name: one for name, one in parts.items() if name not in UNITS}
