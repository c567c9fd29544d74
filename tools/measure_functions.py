"""Measure the errors of the engine's functions of one number, in units in the last place, and print them as a table.

float32: every n-th of all numbers, of every size and both signs, against float64 functions of NumPy and SciPy. float64:
random numbers, half of them evenly spread and half evenly spread in their exponents, against long double formulas
(tests/helpers/exact_functions.py). Arguments, factors and results below the normal range count as 0 and are left out,
and so are results that overflow; the tests look at those.

Usage: ``python tools/measure_functions.py [NAME …] [--step 16] [--numbers 200000]``; exit 1 if one is above
its limit.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy import special

from descend.engine import testing

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))

from exact_functions import FUNCTIONS, VALUES, numbers

LIMITS = {name: limit for name, (_, _, _, limit) in FUNCTIONS.items()} | {
    name: limit for name, (_, limit) in VALUES.items()
}
# where float64 results are in the normal range
IN_FLOAT64 = {name: bounds for name, (_, _, bounds, _) in FUNCTIONS.items()} | dict.fromkeys(VALUES, (-36.5, 100.0))
# s times this; where it is below the normal range it counts as 0, and the product with it
FACTORS = {"gelu": special.ndtr, "silu": special.expit, "mish": np.exp}
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def elu(s: np.ndarray) -> np.ndarray:
    """The function in float64."""
    return np.where(s >= 0, s, np.expm1(np.minimum(s, 0)))


def mish(s: np.ndarray) -> np.ndarray:
    """S tanh(log(1 + e^s)) in float64; s where the tangent is 1."""
    n = np.exp(np.minimum(s, 40)) * (np.exp(np.minimum(s, 40)) + 2)
    return s * n / (n + 2)


IN_DOUBLE = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "erf": special.erf,
    "erfc": special.erfc,
    "normal_cdf": special.ndtr,
    "elu": elu,
    "selu": lambda s: SELU_SCALE * np.where(s >= 0, s, SELU_ALPHA * np.expm1(np.minimum(s, 0))),
    "gelu": lambda s: s * special.ndtr(s),
    "silu": lambda s: s * special.expit(s),
    "mish": mish,
    "softplus": lambda s: np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s))),
}


def worst(got: np.ndarray, exact: np.ndarray, s: np.ndarray) -> tuple[float, float, int]:
    """The largest error in units in the last place, where it is, and how many numbers were looked at.

    Examples
    --------
    >>> worst(np.float32([1, 2]), np.array([1, 2 + 2**-22]), np.float32([5, 6]))
    (1.0, 6.0, 2)
    """
    info = np.finfo(got.dtype)
    size = np.abs(exact)
    normal = (size > info.tiny * (1 + 8 * float(info.eps))) & (size <= info.max) & (np.abs(s) >= info.tiny)
    exponent = np.frexp(np.where(normal, size, 1))[1] - 1
    unit = np.ldexp(exact.dtype.type(info.eps), exponent)
    error = np.where(normal, np.abs(got.astype(exact.dtype) - exact) / unit, 0)
    error[normal & np.isnan(got)] = np.inf
    at = int(np.argmax(error))
    return float(error[at]), float(s[at]), int(normal.sum())


def in_float32(name: str, step: int) -> tuple[float, float, int]:
    """The worst over every `step`-th float32."""
    found, count, piece = (0.0, 0.0), 0, 1 << 20
    for first in range(0, 1 << 32, piece * step):
        words = np.arange(first, min(first + piece * step, 1 << 32), step, dtype=np.uint64).astype(np.uint32)
        s = words.view(np.float32)
        s = s[np.isfinite(s)]
        if name in FACTORS:
            s = s[FACTORS[name](s.astype(np.float64)) > np.finfo(np.float32).tiny * (1 + 1e-5)]
        if len(s):
            error, at, looked_at = worst(testing.evaluate(name, False, s), IN_DOUBLE[name](s.astype(np.float64)), s)
            found, count = max(found, (error, at)), count + looked_at
    return *found, count


def in_float64(name: str, count: int) -> tuple[float, float, int]:
    """The worst over random float64."""
    exact = FUNCTIONS[name][0] if name in FUNCTIONS else VALUES[name][0]
    s = numbers("float64", *IN_FLOAT64[name], count // 2)
    return worst(testing.evaluate(name, False, s), exact(s.astype(np.longdouble)), s)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *LIMITS], metavar="NAME", help="functions; none: all")
    parser.add_argument("--step", type=int, default=16)
    parser.add_argument("--numbers", type=int, default=200_000)
    options = parser.parse_args()
    print("| function | float32 | at | of numbers | float64 | at | of numbers |", flush=True)
    print("| --- | --- | --- | --- | --- | --- | --- |")
    too_large = []
    with np.errstate(all="ignore"):
        for name in options.names or LIMITS:
            found = in_float32(name, options.step), in_float64(name, options.numbers)
            cells = [f"{error:.2f} | {at:.9g} | {count:,}" for error, at, count in found]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
            too_large += [name] * (max(error for error, _, _ in found) > LIMITS[name])
    print(f"above the limits of the tests: {', '.join(too_large) or 'none'}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
