"""The built site: links, what it loads, its search and its looks in a real browser, from disk and from a server."""

import doctest
import importlib
import importlib.util
import sys
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

import pages
from browser import browser, chromium_path

BUILT = pages.DOCS / "_build" / "html"
NEEDS_SITE = pytest.mark.skipif(
    not (BUILT / "index.html").exists(), reason="the site is not built: make docs builds it"
)
NEEDS_BROWSER = pytest.mark.skipif(chromium_path() is None, reason="no Chromium: make browser installs it")


def tool():
    spec = importlib.util.spec_from_file_location("check_site", pages.ROOT / "tools" / "check_site.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CHECK = tool()


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")


def test_good_links_are_left_in_peace(tmp_path):
    write(
        tmp_path,
        index='<p id="here"><a href="#here">a</a><a href="other.html#there">b</a><a href="https://a.org">c</a>',
        other='<p id="there"><img src="data:image/png;base64,AA=="><script src="index.html?v=1"></script>',
    )
    assert CHECK.findings(tmp_path) == []


def test_dead_links_missing_files_and_what_is_elsewhere_are_found(tmp_path):
    write(
        tmp_path,
        index='<a href="gone.html">a</a><a href="#gone">b</a><img src="no.png">',
        other='<script src="https://cdn.org/a.js"></script>',
    )
    (tmp_path / "a.css").write_text("@font-face { src: url('//fonts.org/a.woff') }", encoding="utf-8")
    found = CHECK.findings(tmp_path)
    wanted = ("https://cdn.org/a.js", "no.png", "gone.html", "#gone", "//fonts.org/a.woff")
    assert len(found) == len(wanted)
    assert all(any(one in said for said in found) for one in wanted)


@contextmanager
def server():
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=BUILT)) as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


@contextmanager
def opened(where):
    """A page of the browser, the address of the site, and what must not happen: requests elsewhere, errors."""
    with server() as served, browser() as running:
        base, faults = BUILT.as_uri() if where == "disk" else served, []
        page = running.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.on("request", lambda one: faults.append(one.url) if not one.url.startswith((base, "data:")) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page, base, faults


@pytest.mark.long
@NEEDS_SITE
def test_links_of_the_built_site_lead_somewhere_and_nothing_is_loaded_from_elsewhere():
    assert CHECK.findings(BUILT) == []


@pytest.mark.long
@NEEDS_SITE
@NEEDS_BROWSER
@pytest.mark.parametrize("where", ["disk", "server"])
def test_search_finds_words_titles_and_names_without_a_network(where):
    with opened(where) as (page, base, faults):
        for asked, wanted in (("restarts", "restarts"), ("LossCurveDisplay", "LossCurveDisplay"), ("drift", "drift")):
            page.goto(f"{base}/search.html?q={asked}")
            page.wait_for_selector("#search-results li a")
            found = page.eval_on_selector_all("#search-results li a", "all => all.map(one => one.getAttribute('href'))")
            assert any(wanted in one for one in found)
        # a browser does not let a page from disk read others, so there are no excerpts there
        assert set(faults) <= ({"Failed to fetch"} if where == "disk" else set())


@pytest.mark.long
@NEEDS_SITE
@NEEDS_BROWSER
@pytest.mark.parametrize("where", ["disk", "server"])
def test_pages_open_without_a_request_elsewhere_and_the_front_page_fits_one_screen(where):
    with opened(where) as (page, base, faults):
        for name in (
            "start",
            "guide/index",
            "gallery/index",
            "mathematics/index",
            "reference/api/descend.Network",
            "index",
        ):
            page.goto(f"{base}/{name}.html")
            page.wait_for_load_state("load")
        ends = page.eval_on_selector_all(".front table", "all => all.map(one => one.getBoundingClientRect().bottom)")
        assert len(ends) == 2
        assert max(ends) <= 800
        assert faults == []


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(path.stem for path in (pages.DOCS / "extensions").glob("*.py")))
def test_examples_of_the_extensions_are_right(name, monkeypatch):
    pytest.importorskip("sphinx")
    pytest.importorskip("matplotlib.pyplot").close("all")  # one example says that nothing is drawn
    monkeypatch.syspath_prepend(str(pages.DOCS / "extensions"))
    assert doctest.testmod(importlib.import_module(name)).failed == 0
