"""Test the engine under AddressSanitizer, LeakSanitizer and UBSan, then under ThreadSanitizer: builds of its own.

1. ``engine_tests`` (tests/engine), a program without Python: training on every instruction set against the scalar twin,
   bit by bit, alone, in lanes, by several threads, in pieces, shared by teams of threads; predictions, gradients,
   traces, functions; and that a long run allocates as often as a short one.
2. Of the kernels of an instruction set, the linker sees their table alone: of a second function it might keep the copy
   with AVX-512 for all.
3. The fuzz test of the door (tests/engine/fuzz_door.py) with the sanitised module, from a seed that is new each time.
4. ``engine_tests`` again under ThreadSanitizer: no race between threads, not even one that does no harm.

Usage: ``python tools/check_engine.py [--calls 50000] [--seed N] [--build build/sanitised]``; exit 1 if anything fails.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = min(os.cpu_count() or 1, 4)
WITH_TOOLS = os.environ | {"PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])}
# Python itself leaks; what is far too large is a MemoryError, as it is without sanitizers.
ASAN_OPTIONS = "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=1000"
LONGEST = 1800  # seconds of one process


def build(folder: Path, sanitizers: str, module: bool) -> None:
    """Compile the program, and perhaps the module."""
    options = [f"-DDESCEND_SANITIZE={sanitizers}", "-DDESCEND_PROGRAM=ON", f"-DPython_EXECUTABLE={sys.executable}"]
    options += [] if module else ["-DDESCEND_MODULE=OFF"]
    where = ["-S", str(ROOT / "src" / "descend" / "engine"), "-B", str(folder)]
    commands = [
        ["cmake", *where, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", *options],
        ["cmake", "--build", str(folder), "--parallel", str(PROCESSES)],
    ]
    for command in commands:
        done = subprocess.run(command, env=WITH_TOOLS, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def seen_by_the_linker(folder: Path) -> list[str]:
    """What the objects of the instruction sets offer beside one table each; nothing where there is no `nm`."""
    objects = sorted((folder / "CMakeFiles" / "engine_objects.dir" / "kernels").glob("*_float*.o"))
    assert objects, "where are the kernels?"
    problems = []
    for one in objects if shutil.which("nm") else []:
        command = ["nm", "--demangle", "--defined-only", "--extern-only", "--format=posix", str(one)]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        own = ("__", "DW.ref.")  # of the sanitizers, and where the compiler's handler of exceptions is
        names = [line for line in lines if not line.startswith(own)]
        table = "descend::" + one.name.split(".")[0].upper()
        problems += [f"{one.name}: {name}" for name in names if not name.startswith(f"{table} ")]
    return problems


def sanitizer_libraries(folder: Path) -> str:
    """What must be loaded before Python, for LD_PRELOAD; an empty text if the compiler has no such libraries."""
    cache = (folder / "CMakeCache.txt").read_text(encoding="utf-8")
    found = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.MULTILINE)
    assert found is not None
    asked = [[found[1], f"-print-file-name={name}"] for name in ("libasan.so", "libstdc++.so")]
    paths = [Path(subprocess.run(one, capture_output=True, text=True, check=True).stdout.strip()) for one in asked]
    return " ".join(str(path.resolve()) for path in paths) if all(path.is_absolute() for path in paths) else ""


def output_of(process: subprocess.Popen[str]) -> str:
    """All that a process prints; one that hangs is ended."""
    try:
        return process.communicate(timeout=LONGEST)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0] + f"\nended after {LONGEST} seconds"


def run_together(commands: list[list[str]], environment: dict[str, str]) -> bool:
    """Run some commands side by side and print the last lines of each; False if one fails."""
    running = [
        subprocess.Popen(one, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for one in commands
    ]
    good = True
    for process in running:
        output = output_of(process)
        lines = [line for line in output.splitlines() if line and not line.isdecimal()]
        print("\n".join(lines if process.returncode else lines[-3:]))
        if process.returncode:
            called = next((line for line in reversed(output.splitlines()) if line.isdecimal()), "none")
            print(f"exit code {process.returncode}, last call {called}: {' '.join(map(str, process.args))}")
            good = False
    return good


def main() -> int:
    """Build, run the program, run the fuzz test; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "sanitised")
    options = parser.parse_args()
    print("Building the engine with sanitizers (once, a few minutes) ...", flush=True)
    build(options.build, "ON", module=True)
    seen = seen_by_the_linker(options.build)
    print("\n".join(["seen by the linker:", *seen] if seen else ["The linker sees one table of each set of kernels."]))
    print("Running the engine's tests without Python ...", flush=True)
    program = str(options.build / "engine_tests")
    parts = [[program, str(k + 1), str(PROCESSES)] for k in range(PROCESSES)]
    good = run_together(parts, dict(os.environ)) and not seen
    print(f"Calling the door {options.calls} times with arguments of every kind, seed {options.seed} ...", flush=True)
    fuzz = [sys.executable, str(ROOT / "tests" / "engine" / "fuzz_door.py"), "--seed", str(options.seed)]
    module, environment = next(options.build.glob("_engine*.so")), dict(os.environ)
    if preload := sanitizer_libraries(options.build):
        settings = {"ASAN_OPTIONS": ASAN_OPTIONS, "LD_PRELOAD": preload}
        environment |= settings
        fuzz += ["--module", str(module)]
    share = -(-options.calls // PROCESSES)
    parts = [[*fuzz, "--first", str(k * share), "--calls", str(share)] for k in range(PROCESSES)]
    good = run_together(parts, environment) and good
    print("Building the engine with ThreadSanitizer, and running its tests without Python ...", flush=True)
    threads = options.build.with_name(options.build.name + "-threads")
    build(threads, "thread", module=False)
    parts = [[str(threads / "engine_tests"), str(k + 1), str(PROCESSES)] for k in range(PROCESSES)]
    return 0 if run_together(parts, os.environ | {"TSAN_OPTIONS": "halt_on_error=1"}) and good else 1


if __name__ == "__main__":
    sys.exit(main())
