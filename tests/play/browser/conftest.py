"""One server and one Chromium for all tests here; a page in a profile of its own for each."""

from __future__ import annotations

import pytest

from browser import browser, profile, served, why_not

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="session")
def address():
    with served() as found:
        yield found


@pytest.fixture(scope="session")
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
