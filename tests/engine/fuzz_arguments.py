"""Arguments of every kind for the fuzz test of the engine's door: right ones, and each with one thing wrong."""

from __future__ import annotations

import array
import ctypes
import random
from collections.abc import Callable
from typing import Any

import numpy as np

GUARD = 64


class OddError(Exception):
    """What the odd objects below raise; the door lets it through."""


class Odd:
    """An object whose every answer is an error or a lie."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def _say(self, *_: object) -> Any:
        if self.answer is OddError:
            raise OddError
        return self.answer

    __index__ = __len__ = __bool__ = __float__ = __iter__ = __getitem__ = __call__ = _say
    __hash__ = object.__hash__


def odd(chance: random.Random) -> Any:
    """Anything but what was asked for."""
    whole = [0, 1, -1, 2, 3, 7, 2**31 - 1, 2**31, 2**32, 2**40, 2**53, 2**62, 2**63 - 1, 2**63, 2**64, 10**400]
    return chance.choice(
        [
            lambda: chance.choice(whole) * chance.choice([1, 1, 1, -1]),
            lambda: chance.choice([0.5, 1e308, -1e308, float("nan"), float("inf"), np.float32(2), np.int64(3)]),
            lambda: chance.choice(
                [None, True, False, "", "x", "relu", "scalar", b"", b"12345678", ..., NotImplemented]
            ),
            lambda: chance.choice([(), [], {}, set(), [1, 2], (1, 2, 3), {"sizes": (1, 1)}, [None], object(), print]),
            lambda: Odd(chance.choice([OddError, None, 1, -1, 2**70, "x", 1.5, []])),
            lambda: wrong_array(chance, (3, 2), "float32"),
        ]
    )()


# ---------------------------------------------------------------- arrays


def guarded(shape: tuple[int, ...], dtype: Any, alignment: int = 64) -> np.ndarray:
    """An array with bytes before and behind it that `broken_guards` knows."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.full(size + 2 * GUARD + 64, 0xA5, np.uint8)
    start = GUARD + -(room.ctypes.data + GUARD) % alignment
    return room[start : start + size].view(dtype).reshape(shape)


def broken_guards(values: Any) -> bool:
    """Whether anything was written beside one of the arrays."""
    if isinstance(values, list | tuple):
        return any(broken_guards(one) for one in values)
    if not isinstance(values, np.ndarray) or not isinstance(values.base, np.ndarray) or values.base.dtype != np.uint8:
        return False
    room = values.base
    start = values.ctypes.data - room.ctypes.data
    return bool((room[:start] != 0xA5).any() or (room[start + values.nbytes :] != 0xA5).any())


def numbers(chance: random.Random, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """An array as it should be, now and then with numbers that are none."""
    out = guarded(shape, dtype)
    draw = np.random.default_rng(chance.getrandbits(32))
    out[...] = draw.normal(0.0, 1.0, shape)
    if out.size and chance.random() < 0.15:
        info = np.finfo(dtype)
        special = [np.nan, np.inf, -np.inf, info.max, -info.max, info.tiny, info.smallest_subnormal, 0.0, -0.0, 1e30]
        for _ in range(chance.randint(1, 3)):
            out.flat[chance.randrange(out.size)] = chance.choice(special)
    return out


def wrong_array(chance: random.Random, shape: tuple[int, ...], dtype: str) -> Any:
    """The array, but with one thing wrong: type, shape, order, alignment, kind of object."""
    good = np.ones(shape, dtype)
    kinds: list[Callable[[], Any]] = [
        lambda: good.astype(
            chance.choice(["f2", "f4", "f8", ">f4", ">f8", "i4", "i8", "u1", "?", "O", "c8", "S8", "M8[s]"])
        ),
        lambda: np.zeros(shape, chance.choice([[("a", dtype)], "V0", "S0", "U3"])),
        lambda: np.repeat(good, 2, axis=-1)[..., ::2] if shape else good,
        lambda: good[..., ::-1] if shape else good,
        lambda: np.asfortranarray(good) if len(shape) > 1 else good[None],
        lambda: good.T if len(shape) > 1 else good[:, None] if shape else good,
        lambda: np.broadcast_to(np.ones((), dtype), shape),
        lambda: np.broadcast_to(np.ones((), dtype), chance.choice([(2**40,), (2**31, 2**20), (2**40, 2), (2**62,)])),
        lambda: np.ones(tuple(max(0, n + chance.choice([-1, 0, 1])) for n in shape), dtype),
        lambda: np.ones(tuple(chance.choice([0, n]) for n in shape), dtype),
        lambda: np.ones((), dtype),
        lambda: np.ones((1,) * chance.randint(1, 30), dtype),
        lambda: misaligned(chance, shape, dtype),
        lambda: read_only(good),
        lambda: good.tolist(),
        lambda: memoryview(good),
        lambda: memoryview(np.ascontiguousarray(good)).cast("B") if good.size else good,
        lambda: bytearray(good.tobytes()),
        lambda: good.tobytes(),
        lambda: array.array("f" if dtype == "float32" else "d", [1.0] * good.size),
        lambda: (ctypes.c_float * good.size)() if good.size else ctypes.c_double(),
        lambda: np.ma.masked_array(good),
        lambda: np.frombuffer(bytearray(good.tobytes() + b"1"), np.uint8),
    ]
    return chance.choice(kinds)()


def misaligned(chance: random.Random, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    start = chance.choice([1, 2, 3, 4, 7])
    values = np.full(size + 8, 0xA5, np.uint8)[start : start + size]
    values[:] = 0
    return values.view(dtype).reshape(shape)


def read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


class Arguments:
    """Draws the arguments of one call; about one in `rare` is wrong."""

    def __init__(self, chance: random.Random, rare: float) -> None:
        self.chance, self.rare = chance, rare

    def hit(self) -> bool:
        return self.chance.random() < self.rare

    def pick(self, *right: Any) -> Any:
        return odd(self.chance) if self.hit() else self.chance.choice(right)

    def array(self, shape: tuple[int, ...], dtype: str) -> Any:
        if self.hit():
            return odd(self.chance)
        if self.hit():
            return wrong_array(self.chance, shape, dtype)
        return numbers(self.chance, shape, dtype)

    def maybe(self, shape: tuple[int, ...], dtype: str) -> Any:
        return None if self.chance.random() < 0.5 else self.array(shape, dtype)

    def tuple(self, *entries: Any) -> Any:
        """The entries, now and then one too many or too few, or no tuple at all."""
        if not self.hit():
            return entries
        return self.chance.choice([entries[:-1], (), (*entries, None), list(entries), odd(self.chance)])
