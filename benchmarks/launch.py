"""Start one command and print as JSON what it cost; started by `process` in a bare Python that imports nothing large.

The system counts the memory of the process that starts another to its peak too: a small starter keeps that at 10 MB.

Usage: ``python -I -S launch.py LOG COMMAND …``; what the command prints goes into the file LOG.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

IDLE = (3, 4)  # columns of /proc/stat: idle, waiting for the disk
COUNTED = 8  # user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in `user` already


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    log, *command = arguments
    with Path(log).open("wb") as out:
        busy, start = busy_seconds(), time.perf_counter()
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(started.pid, 0)
        wall, busy = time.perf_counter() - start, busy_seconds() - busy
    started.returncode = os.waitstatus_to_exitcode(status)
    processor = used.ru_utime + used.ru_stime
    others = max(0.0, busy - processor) / len(os.sched_getaffinity(0))
    print(json.dumps({"wall": wall, "processor": processor, "peak": used.ru_maxrss * 1024 / 1e6, "others": others}))
    return abs(started.returncode)


def busy_seconds() -> float:
    """Seconds that the cores of this process have worked since the machine started, for whomever."""
    mine = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    lines = [line.split() for line in Path("/proc/stat").read_text(encoding="ascii").splitlines()]
    ticks = [
        int(ticks)
        for name, *columns in lines
        if name in mine
        for place, ticks in enumerate(columns[:COUNTED])
        if place not in IDLE
    ]
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
