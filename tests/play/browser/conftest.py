"""One server and one Chromium for the tests of a file; a page in a profile of its own for each.

Not for all files: a Chromium that is open keeps an event loop in its thread, and other tests want their own.
"""

from __future__ import annotations

import pytest

from browser import browser, profile, served, why_not


@pytest.fixture(scope="module")
def address():
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    if reason := why_not():
        pytest.skip(reason)
    with browser() as running:
        yield running


@pytest.fixture
def page(chromium, address):
    with profile(chromium, address) as found:
        yield found
        assert found.faults == []
