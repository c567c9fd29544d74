"""Nothing is allocated and nothing of Python is in reach inside the training loop.

A tiny library, loaded before everything else, counts what the process asks of malloc. `engine_tests` (tests/engine, run
by `make test-long`) does the same for every kernel alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from descend.spec.plan import OPTIMIZERS

SOURCES = Path(__file__).resolve().parents[2] / "src" / "descend" / "engine"
COMPILER = shutil.which(os.environ.get("CXX", "c++")) or shutil.which("g++") or shutil.which("clang++")
GLIBC = sys.platform == "linux" and "glibc" in (os.confstr("CS_GNU_LIBC_VERSION") or "")

COUNTER = """
#include <atomic>
#include <cerrno>
#include <cstddef>
static std::atomic<long> count{0};
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void* malloc(size_t n) { count++; return __libc_malloc(n); }
void* calloc(size_t k, size_t n) { count++; return __libc_calloc(k, n); }
void* realloc(void* p, size_t n) { count++; return __libc_realloc(p, n); }
void* memalign(size_t a, size_t n) { count++; return __libc_memalign(a, n); }
void* aligned_alloc(size_t a, size_t n) { count++; return __libc_memalign(a, n); }
int posix_memalign(void** p, size_t a, size_t n) {
  count++;
  *p = __libc_memalign(a, n);
  return *p ? 0 : ENOMEM;
}
long allocations() { return count; }
}
"""

# Prints how often malloc and its kin were called: for every run [in a call of advance for 2 epochs, in one for 60,
# in 60 calls for one epoch each], the least of three tries; at last the count of one call of malloc.
COUNT = """
import ctypes, json, sys
sys.path.insert(0, {tests!r})
from dataclasses import replace
from descend import engine
from descend.spec.network import make_spec
from engine_cases import run_of
library = ctypes.CDLL({library!r})

def counted(call):
    before = library.allocations()
    call()
    return library.allocations() - before

def calls_of(run, stops, n_jobs):
    states = run.states()
    for state in states:
        state.order_seed = 3
    def call():
        for stop in stops:
            engine.advance(run.plan, run.data, states, stop, n_jobs)
    return counted(call)

found = {{}}
for name, options, restarts, n_jobs in {runs!r}:
    spec = make_spec([5, 16, 3], "tanh", "softmax", "log_loss")
    run = run_of(spec, restarts=restarts, rows=3000, **options)  # too much for one call to do without a thread
    rounds = 60 * run.plan.rounds_per_epoch
    run = run.changed(rounds=rounds, step_sizes=replace(run.plan.step_sizes, rounds=rounds))
    ways = [[2], [60], range(1, 61)]
    found[name] = [min(calls_of(run, stops, n_jobs) for _ in range(3)) for stops in ways]
library.malloc.restype = ctypes.c_void_p
found["malloc"] = counted(lambda: library.malloc(1000)) - counted(lambda: None)
print(json.dumps(found))
"""

LOOKS = {"validation_rows": 50, "validate_every": 7, "patience": 10**9, "l2": 0.01}
WAYS = {"each in a thread of its own": (2, 2), "all in lanes": (16, 1)}  # restarts, n_jobs
RUNS = [
    (f"{optimizer}, batches of {batch}, {way}", {"optimizer": optimizer, "batch_size": batch, **LOOKS}, *WAYS[way])
    for number, (optimizer, batch, way) in enumerate(product(OPTIMIZERS, (1, 32), WAYS))
    if number % 3 != 1  # each optimiser, batch and way with each other
]


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("counter")
    source, library = folder / "counter.cpp", folder / "counter.so"
    source.write_text(COUNTER)
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", str(source), "-o", str(library)], check=True)
    code = COUNT.format(tests=str(Path(__file__).parents[1] / "helpers"), library=str(library), runs=RUNS)
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.long
@pytest.mark.skipif(not (GLIBC and COMPILER), reason="needs glibc and a compiler, to count in malloc's place")
class TestAllocations:
    def test_a_run_of_60_epochs_allocates_as_often_as_one_of_2(self, counts):
        pairs = {name: found[:2] for name, found in counts.items() if name != "malloc"}
        few = 2  # a thread that finds its restart done by the other allocates less
        assert {name: found for name, found in pairs.items() if abs(found[0] - found[1]) > few} == {}
        assert len(counts) == len(RUNS) + 1

    def test_what_allocates_at_every_epoch_is_seen(self, counts):
        assert counts["malloc"] == 1
        runs = {name: found for name, found in counts.items() if name != "malloc"}
        assert [name for name, (_, once, sixty_times) in runs.items() if sixty_times < once + 59] == []


@cache
def included(path: Path) -> set[str]:
    """Headers that a source includes, itself or through others of the engine."""
    found = set(re.findall(r'^#include ["<](.+)[">]', path.read_text(encoding="utf-8"), re.MULTILINE))
    return found.union(*(included(SOURCES / name) for name in found if (SOURCES / name).exists()))


@pytest.mark.skipif(not SOURCES.exists(), reason="needs the engine's sources")
class TestNothingOfPython:
    def test_is_in_reach_of_what_trains_and_predicts(self):
        cmake = (SOURCES / "CMakeLists.txt").read_text(encoding="utf-8")
        engine_sources = re.search(r"set\(engine ([^)]*)\)", cmake)[1].split()
        kernels = [str(path.relative_to(SOURCES)) for path in SOURCES.glob("kernels/*.cpp")]
        assert len(kernels) >= 4
        for name in (*engine_sources, *kernels, "door/jobs.hpp"):
            assert [one for one in included(SOURCES / name) if "nanobind" in one or "Python" in one] == [], name

    def test_would_be_seen_through_other_headers(self):
        assert "nanobind/nanobind.h" in included(SOURCES / "door/states.cpp")
        assert "nanobind/nanobind.h" not in (SOURCES / "door/states.cpp").read_text(encoding="utf-8")
