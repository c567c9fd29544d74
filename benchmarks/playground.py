"""``python -m benchmarks.playground``: what the page of `descend play` costs, in a real Chromium.

What a picture costs Python; how fast a training on one thread is under an open page; pictures a second of a race; the
time from a click to its number; the time from the command to the first picture; memory after one and five minutes. The
result is ``results/playground.json``, and the table of ``docs/guide/playground.md``. Needs `make front browser`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pages import between_marks
from benchmarks.process import ROOT
from descend.files.atomic import write_atomically
from descend.play.session import Session
from descend.play.wire import frame

sys.path.insert(0, str(ROOT / "tests" / "helpers"))
from browser import Page, browser, profile, served

RESULT = Path(__file__).parent / "results" / "playground.json"
PAGE, MARKS = ROOT / "docs" / "guide" / "playground.md", ("<!-- playground -->", "<!-- end of playground -->")
CORES = os.sched_getaffinity(0)
EPOCHS = 2_000
SETTLED = 1.5  # seconds after which a new page of the browser does nothing more
ONE_THREAD = f"data=moons&samples=5000&hidden=48,48&restarts=1&race=no&epochs={EPOCHS}&speed=0"
RACE = "data=moons&samples=1000&restarts=64&race=no&epochs=200&speed=20"
LONG = "data=moons&restarts=16&race=no&epochs=20000&speed=50"
PICTURES = {  # network -> experiment
    "2-4-1, 16 restarts": "data=xor&restarts=16",
    "12-64-64-3, penguins": "data=table:penguins&hidden=64,64&restarts=16",
    "784-128-10": "data=own&hidden=128&restarts=1&epochs=3",
    "2-4-1, 64 restarts × 200 epochs": "data=xor&restarts=64&race=no",
    "2-4-1, 256 restarts": "data=xor&restarts=256",
}


def wide_table(rows: int = 300) -> dict[str, Any]:
    """Return 784 columns of numbers and ten classes that some of them tell."""
    random = np.random.default_rng(0)
    X = random.normal(size=(rows, 784))
    y = X[:, :10].argmax(axis=1)
    return {f"pixel_{i}": X[:, i] for i in range(784)} | {"digit": [f"digit {one}" for one in y]}


@contextmanager
def session(experiment: str) -> Iterator[Session]:
    """Give a session without a page."""
    source = wide_table() if "data=own" in experiment else None
    found = Session(lambda message, arrays: None, source)
    try:
        found.receive({"type": "hello", "address": f"#{experiment}"})
        yield found
    finally:
        found.close()


def finish(found: Session) -> float:
    """Train to the end; returns the seconds of it."""
    begun = time.perf_counter()
    found.receive({"type": "run", "action": "play"})
    while not found._trainer.moment.finished:
        time.sleep(0.002)
    return time.perf_counter() - begun


def picture_cost(experiment: str, times: int = 100) -> float:
    """Return milliseconds of processor time that a picture costs after a training, the median."""
    with session(experiment + "&speed=0") as found:
        finish(found)
        kept = found._trainer.kept.epochs
        costs = []
        for number in range(times):  # other weights each time
            found.receive({"type": "travel", "epoch": int(kept[number % len(kept)])})
            begun = time.thread_time()
            frame(*found.picture())
            costs.append(1e3 * (time.thread_time() - begun))
        return statistics.median(costs)


def pace(epoch: Callable[[], int], wait: Callable[[], object]) -> float:
    """Return epochs a second of a training that runs, between a tenth and nine tenths of its way."""
    seen: list[tuple[float, int]] = []
    while not seen or seen[-1][1] < 0.9 * EPOCHS:
        wait()
        now = (time.perf_counter(), epoch())
        if now[1] >= 0.1 * EPOCHS and (not seen or now[1] > seen[-1][1]):
            seen.append(now)
    (begun, first), (ended, last) = seen[0], seen[-1]
    return (last - first) / (ended - begun)


def shown_epoch(page: Any) -> int:
    """Return the epoch that stands on a page."""
    return int(page.locator(".counter b").inner_text().replace(",", ""))


def speed_alone() -> float:
    """Return epochs a second of the training on one thread without a page."""
    with session(ONE_THREAD) as found:
        found.receive({"type": "run", "action": "play"})
        return pace(lambda: found._trainer.moment.epoch, lambda: time.sleep(0.1))


def speed_under_a_page(running: Any, address: str, times: int) -> float:
    """Return the speed of a training on one thread with an open page, next to that before and after; the median."""
    ratios = []
    for _ in range(times):
        with on_cores(CORES):
            before = speed_alone()
        page = running.new_page()  # nobody listens to what it is sent: a listener would take a core
        page.goto(f"{address}#{ONE_THREAD}")
        page.get_by_role("button", name="Play").click()
        under = pace(partial(shown_epoch, page), partial(page.wait_for_timeout, 500))
        page.close()
        with on_cores(CORES):
            ratios.append(2 * under / (before + speed_alone()))
    return statistics.median(ratios)


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """Let this thread, and what it starts, run on these cores alone; Linux."""
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)


def pictures_a_second(running: Any, address: str) -> float:
    """Return how many pictures a second come of 64 restarts of 200 epochs, at ten a second."""
    with profile(running, address) as page:
        page.open(RACE)
        before, begun = len(page.heard), time.perf_counter()
        page.page.get_by_role("button", name="Play").click()
        page.until_epoch(200)
        return (len(page.heard) - before) / (time.perf_counter() - begun)


CLICK = """async (button) => {
  const counter = document.querySelector(".rounds"), before = counter.textContent, begun = performance.now();
  button.click();
  while (counter.textContent === before) await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}"""


def click_to_number(running: Any, address: str, times: int = 40) -> float:
    """Return milliseconds from a click on "1 round" to the number on the screen, the median."""
    with profile(running, address) as page:
        page.open("data=xor&restarts=1")
        button = page.page.get_by_role("button", name="1 round").element_handle()
        return statistics.median(page.page.evaluate(CLICK, button) for _ in range(times))


def first_picture(running: Any, times: int) -> float:
    """Return seconds from the command to the first picture, an empty page of the browser open; the median."""
    taken = []
    for _ in range(times):
        with profile(running, "about:blank") as page:
            page.page.goto(page.address)
            time.sleep(SETTLED)
            begun = time.perf_counter()
            with served() as address:
                page.page.goto(address, wait_until="commit")
                page.until(lambda: page.last("picture") is not None, "a picture")
                taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def megabytes(process: int) -> float:
    """Return the resident memory of a process."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def heap(page: Page) -> float:
    """Return megabytes that the page's own objects take, after their garbage was collected."""
    devtools = page.page.context.new_cdp_session(page.page)
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("Performance.enable")
    found = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
    devtools.detach()
    return float(found["JSHeapUsedSize"]) / 2**20


def growth(running: Any, address: str, server: Callable[[], int], minutes: float) -> dict[str, list[float]]:
    """Return megabytes of server and page after one of these minutes, and after five of them."""
    found: dict[str, list[float]] = {"server": [], "page": []}
    with profile(running, address) as page:
        page.open(LONG)
        page.page.get_by_role("button", name="Play").click()
        for wait in (minutes, 4 * minutes):
            until = time.monotonic() + 60 * wait
            while time.monotonic() < until:
                page.page.wait_for_timeout(200)
                del page.heard[:-3]
            found["server"].append(megabytes(server()))
            found["page"].append(heap(page))
    return found


def measure(times: int, minutes: float) -> dict[str, Any]:
    """Measure everything."""
    found: dict[str, Any] = {"picture ms": {name: picture_cost(one) for name, one in PICTURES.items()}}
    print(found, flush=True)
    with served() as address, on_cores({max(CORES)}), browser() as running:  # the page is on one core
        found["speed under a page"] = speed_under_a_page(running, address, times)
    with browser() as running:
        found["first picture s"] = first_picture(running, times)
        with served() as address:
            found["pictures a second"] = pictures_a_second(running, address)
            found["click to number ms"] = click_to_number(running, address)
            print(found, flush=True)
            found["MB"] = growth(running, address, lambda: server_of(address), minutes)
    return found


def server_of(address: str) -> int:
    """Return the number of the process that listens at an address; Linux."""
    port = f"{int(address.split(':')[2].split('/')[0]):04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    inode = next(one.split()[9] for one in lines if one.split()[1].endswith(f":{port}") and one.split()[3] == "0A")
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink().name == f"socket:[{inode}]":
                return int(link.parts[2])
        except OSError:
            continue
    raise RuntimeError(f"nobody listens at {address}")


def lines_of(found: dict[str, Any]) -> list[str]:
    """Return the page's table."""
    server, page = found["MB"]["server"], found["MB"]["page"]
    return [
        "| what | measured |",
        "| --- | --: |",
        *(f"| processor time of a picture, {name} | {ms:.2f} ms |" for name, ms in found["picture ms"].items()),
        "| speed of a training on one thread, an open page on the other core "
        f"| {found['speed under a page']:.1%} of that without |",
        f"| 64 restarts × 200 epochs | {found['pictures a second']:.1f} pictures a second |",
        f"| click on “1 round” to the number on the screen, median | {found['click to number ms']:.0f} ms |",
        f"| command to first picture, warm | {found['first picture s']:.2f} s |",
        f"| memory of the server after 1 and 5 minutes | {server[0]:.0f}, {server[1]:.0f} MB |",
        f"| objects of the page after 1 and 5 minutes | {page[0]:.1f}, {page[1]:.1f} MB |",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the result; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.playground", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="of what is paired or started anew; default 5")
    parser.add_argument("--minutes", type=float, default=1.0, help="the first look at the memory; default 1")
    given = parser.parse_args(arguments)
    found = measure(given.times, given.minutes)
    write_atomically(RESULT, lambda file: file.write((json.dumps(found, indent=1) + "\n").encode()))
    if PAGE.exists():
        text = between_marks(PAGE.read_text(encoding="utf-8"), "\n".join(lines_of(found)), MARKS)
        write_atomically(PAGE, lambda file: file.write(text.encode()))
    print("\n".join(lines_of(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
