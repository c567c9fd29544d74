"""One server and one Chromium for the tests of this folder; a page in a profile of its own for each.

Only while tests of this folder run: a Chromium that is open keeps an event loop in its thread, and other tests want
their own.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from browser import browser, profile, served, why_not

OPEN = ExitStack()


@cache
def the_server() -> str:
    return OPEN.enter_context(served())


@cache
def the_chromium() -> Any:
    return OPEN.enter_context(browser())


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Close both after the last test of this folder that runs in a row."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        OPEN.close()
        the_server.cache_clear()
        the_chromium.cache_clear()


@pytest.fixture
def chromium():
    if reason := why_not():
        pytest.skip(reason)
    return the_chromium()


@pytest.fixture
def address(chromium):  # no server where nobody can look at its pages
    return the_server()


@pytest.fixture
def page(chromium, address):
    with profile(chromium, address) as found:
        yield found
        assert found.faults == []
