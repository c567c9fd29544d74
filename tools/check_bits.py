"""Not one bit may differ: train a grid of networks, estimators and table models, and print a hash of all that results.

Usage, before a change and after it, with `--only WORD` for the names that hold a word:

    python tools/check_bits.py [--only WORD] > list
    python tools/check_bits.py [--only WORD] --against list

One line each: 16 hex digits of the SHA-256 of everything that the training gave, and a name that says what it is.
Everything is weights of every restart, curves, statuses, best epochs, predictions, scores, what observers were told,
words of errors; not seconds, and not versions. The last line is one hash over the list. `--against` prints each line
that differs and exits 1.

The grid runs with the best instruction set of the machine, and a smaller part with each of the others, in a process of
its own: lines of theirs begin with the set's name. Two lists can be compared if they come from one machine and one
version of NumPy, SciPy and scikit-learn. The number of cores changes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # sums of BLAS depend on it
ISAS = ("avx512", "avx2", "neon", "baseline", "scalar")
TOTAL = "all"


def lines(only: str, everywhere: bool) -> Iterator[str]:
    """Run the grid with the instruction set of this process."""
    from bits_grid import cases, hashed

    for name, case in cases(only, everywhere):
        yield f"{hashed(case)} {name}"


def used_isa() -> str:
    """Return the instruction set of this process, as the record of a training says."""
    from descend import Network

    return str(Network([1, 1], seed=0).fit([[0.0]], [0.0], epochs=1).record()["isa"])


def lines_of(isa: str, only: str) -> list[str]:
    """Run the smaller part with another instruction set; nothing if this machine does not have it."""
    command = [sys.executable, __file__, "--isa", isa, "--only", only]
    environment = os.environ | {"DESCEND_ISA": isa}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode and f'instruction set "{isa}" is not there' in done.stderr:
        return []
    if done.returncode:
        raise SystemExit(f"the grid failed with {isa}:\n{done.stderr}")
    return [line.replace(" ", f" {isa}: ", 1) for line in done.stdout.split("\n") if line]


def whole(only: str) -> Iterator[str]:
    """The list, line by line: the grid, the other instruction sets, the hash over all."""
    sha = hashlib.sha256()
    for line in _each(only):
        sha.update(f"{line}\n".encode())
        yield line
    yield f"{sha.hexdigest()[:16]} {TOTAL}"


def _each(only: str) -> Iterator[str]:
    best = used_isa()
    yield from lines(only, everywhere=False)
    for isa in ISAS:
        if isa != best:
            yield from lines_of(isa, only)


def differences(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Say which lines of two lists differ.

    Examples
    --------
    >>> differences(["1a a", "2b b", "ff all"], ["1a a", "3c b", "4d c", "ee all"])
    ['differs   b: 2b before, 3c now', 'new       c: 4d', 'differs   all: ff before, ee now']
    """
    before, now = (dict(reversed(line.split(" ", 1)) for line in some) for some in (old, new))
    found = [f"gone      {name}: {before[name]}" for name in before if name not in now]
    for name, sign in now.items():
        if name not in before:
            found.append(f"new       {name}: {sign}")
        elif before[name] != sign:
            found.append(f"differs   {name}: {before[name]} before, {sign} now")
    return found


def compared(path: Path, only: str) -> int:
    """Run the grid and print what differs from a list that was written before; return the exit code."""
    old, new = path.read_text(encoding="utf-8").splitlines(), list(whole(only))
    if only:  # the hash over a part is not that over all
        old, new = [line for line in old if only in line.split(" ")[-1]], new[:-1]
    found = differences(old, new)
    print("\n".join([*found, f"{len(found)} of {len(new)} lines differ" if found else f"{len(new)} lines, all equal"]))
    return 1 if found else 0


def main() -> int:
    """Print the list, or what differs from an older one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORD", help="run the cases whose name holds this word")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with a list that was written before")
    parser.add_argument("--isa", help=argparse.SUPPRESS)  # this process runs the smaller part
    asked = parser.parse_args()
    os.environ |= dict.fromkeys(ONE_THREAD, "1")  # before NumPy is loaded
    if asked.isa:
        print("\n".join(lines(asked.only, everywhere=True)))
        return 0
    if asked.against:
        return compared(asked.against, asked.only)
    began = time.monotonic()
    for line in whole(asked.only):
        print(line, flush=True)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
