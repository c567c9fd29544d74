"""The memory that a training is said to need is about what it takes."""

import subprocess
import sys
from pathlib import Path

import pytest

GROWTH = """
import re, sys
from pathlib import Path
import numpy as np
from descend.models.train import train
from descend.models.understand import understand
from descend.models.options import TrainOptions

def resident(name):
    return int(re.search(rf"{name}:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

random = np.random.default_rng(0)
table = {"a": random.normal(size=80), "b": random.normal(size=80)}
table["y"] = table["a"] * table["b"]
checkpoint = Path(sys.argv[1])
# a first training loads everything
train(understand(table, "y", TrainOptions(hidden=(4,), restarts=2, epochs=1)), checkpoint=checkpoint)
seen = understand(table, "y", TrainOptions(hidden=(900, 900), restarts=6, epochs=1))
before = resident("VmRSS")
train(seen, checkpoint=checkpoint, n_jobs=1)
print(seen.memory, resident("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux, which tells a process its peak")
def test_a_training_with_a_checkpoint_takes_about_the_memory_it_was_said_to_need(tmp_path):
    words = [sys.executable, "-c", GROWTH, str(tmp_path / "checkpoint")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    promised, taken = map(int, done.stdout.split())
    assert promised > 100e6
    assert 0.6 * promised < taken < 1.25 * promised
