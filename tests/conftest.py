"""Settings of all tests."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

# One thread of BLAS and OpenMP in each process: tables are small here, and threads of several workers would only wait
# for one another. Before NumPy is loaded, which reads these once.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

_common = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("house", _common, max_examples=30)
settings.register_profile("thorough", _common, max_examples=300)  # make test-long
settings.load_profile("house")

# In the background of a script Ctrl-C is ignored, and tests that press it would wait in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Thousands of tests are collected, and what is collected stays: nothing there for the collector of garbage to look at,
# again and again.
gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage from here on, of the tests alone."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def same_draws() -> Iterator[None]:
    """Seed the generator that `random_state=None` takes: what passes once passes always."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    yield
    np.random.set_state(before)  # noqa: NPY002
