"""The engine's functions of one number in long double, and how far from them something is."""

from __future__ import annotations

import math

import numpy as np

LONG = np.longdouble
LONGER = np.finfo(LONG).eps < 2e-19


def numbers(dtype: str, low: float, high: float, count: int = 20_000) -> np.ndarray:
    """Numbers of every size between two bounds: evenly spread, and evenly spread in their exponents."""
    random = np.random.default_rng(1)
    spread = random.uniform(low, high, count)
    sizes = 10.0 ** random.uniform(-30, math.log10(max(abs(low), abs(high))), count) * random.choice([-1, 1], count)
    near = np.concatenate([x + x * np.arange(-50, 51) * 1e-7 for x in (0.3465735, 0.7071068, 1.4142136, 0.5, 1.0)])
    both = np.concatenate([spread, sizes, near, -near, [low, high]])
    return np.ascontiguousarray(both[(both >= low) & (both <= high)].astype(dtype))


def ulps(got: np.ndarray, exact: np.ndarray) -> float:
    """The largest error in units in the last place of `exact`; what is below the normal range counts as 0."""
    info = np.finfo(got.dtype)
    size = np.maximum(np.abs(exact), LONG(info.tiny))
    unit = np.exp2(np.floor(np.log2(size))) * LONG(info.eps)
    error = np.abs(got.astype(LONG) - exact)
    flushed = (np.abs(exact) <= info.tiny * (1 + 4 * info.eps)) & (got == 0)
    return float(np.max(np.where(flushed, 0, error / unit)))


def erfc_tail(x: np.ndarray) -> np.ndarray:
    """e^(x²) erfc(x) for x ≥ 2 by its continued fraction, in long double."""
    fraction = np.zeros_like(x)
    for k in range(400, 0, -1):
        fraction = (LONG(k) / 2) / (x + fraction)
    return 1 / (np.sqrt(LONG(math.pi) + LONG(1.2246467991473532e-16)) * (x + fraction))


def erf_series(x: np.ndarray) -> np.ndarray:
    """erf(x) for |x| ≤ 2 by a series of positive terms: 2/√π e^(−x²) Σ 2^n x^(2n+1) / (1·3···(2n+1))."""
    term = total = x.astype(LONG)
    for n in range(1, 80):
        term = term * 2 * x * x / (2 * n + 1)
        total = total + term
    return 2 / np.sqrt(LONG(math.pi) + LONG(1.2246467991473532e-16)) * np.exp(-x * x) * total


def exp_of_square(x: np.ndarray, half: bool) -> np.ndarray:
    """e^(−x²) or e^(−x²/2), x² split so that nothing is lost."""
    high = x.astype(np.float32).astype(LONG)
    rest = (x - high) * (x + high)
    share = LONG(0.5) if half else LONG(1)
    return np.exp(-share * high * high) * np.exp(-share * rest)


def erfc(x: np.ndarray) -> np.ndarray:
    x = x.astype(LONG)
    size = np.maximum(np.abs(x), 2)
    far = exp_of_square(size, half=False) * erfc_tail(size)
    return np.where(np.abs(x) <= 2, 1 - erf_series(np.clip(x, -2, 2)), np.where(x > 0, far, 2 - far))


def erf(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) <= 2, erf_series(np.clip(x.astype(LONG), -2, 2)), np.sign(x) * (1 - erfc(np.abs(x))))


def normal_cdf(x: np.ndarray) -> np.ndarray:
    x = x.astype(LONG)
    scaled = np.abs(x) / np.sqrt(LONG(2))
    far = exp_of_square(np.abs(x), half=True) * erfc_tail(np.maximum(scaled, 2)) / 2
    near = (1 - erf_series(np.minimum(scaled, 2))) / 2
    lower = np.where(scaled <= 2, near, far)
    return np.where(x <= 0, lower, 1 - lower)


# name -> (function in long double, range in float32, range in float64, allowed ULP)
FUNCTIONS = {
    "exp": (np.exp, (-87.3, 88.7), (-708.3, 709.7), 1.5),
    "expm1": (np.expm1, (-100, 88.7), (-800, 709.7), 2.5),
    "log": (np.log, (1e-37, 3e38), (1e-307, 1e308), 1.5),
    "log1p": (np.log1p, (-0.9999, 3e38), (-0.9999, 1e308), 2.5),
    "tanh": (np.tanh, (-100, 100), (-1000, 1000), 3.5),
    "sigmoid": (lambda s: 1 / (1 + np.exp(-s)), (-87, 200), (-708, 1000), 3.5),
    "erf": (erf, (-10, 10), (-30, 30), 3.5),
    "erfc": (erfc, (-12, 9.1), (-30, 26.5), 4.0),
    "normal_cdf": (normal_cdf, (-12.9, 20), (-37.4, 40), 5.0),
}


def mish_slope(s: np.ndarray) -> np.ndarray:
    n = np.exp(s) * (np.exp(s) + 2)
    return n / (n + 2) + s / (1 + np.exp(-s)) * 4 * (n + 1) / (n + 2) ** 2


def selu(s: np.ndarray) -> np.ndarray:
    return LONG(1.0507009873554805) * np.where(s >= 0, s, LONG(1.6732632423543772) * np.expm1(np.minimum(s, 0)))


# activations that are made of several functions, where nothing cancels: (function, allowed ULP)
VALUES = {
    "elu": (lambda s: np.where(s >= 0, s, np.expm1(np.minimum(s, 0))), 3.0),
    "selu": (selu, 5.0),
    "gelu": (lambda s: s * normal_cdf(s), 5.5),
    "silu": (lambda s: s / (1 + np.exp(-s)), 5.0),
    "mish": (lambda s: s * np.exp(s) * (np.exp(s) + 2) / (np.exp(s) * (np.exp(s) + 2) + 2), 7.0),
    "softplus": (lambda s: np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s))), 4.0),
}
