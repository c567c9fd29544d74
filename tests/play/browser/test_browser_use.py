"""The page by keyboard alone, for those who do not see it, through its lessons, and for other pages of the browser."""

from __future__ import annotations

import functools
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

AXE = Path(__file__).parents[3] / "src/descend/play/front/node_modules/axe-core/axe.min.js"


ROLE = "document.activeElement.getAttribute('role') || document.activeElement.tagName.toLowerCase()"


def focused(page):
    return page.page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")


def tab_to(page, name, role="button", most=80):
    for _ in range(most):
        page.page.keyboard.press("Tab")
        if name in (focused(page) or "") and page.page.evaluate(ROLE) == role:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_all_of_a_session_by_keyboard(page):
    page.open("data=xor&restarts=4&epochs=30&speed=0")
    tab_to(page, "Play")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.picture["finished"], "the end")
    page.page.keyboard.press("Home")
    page.until(lambda: page.picture["epoch"] == 0, "the start")
    page.page.keyboard.press("e")
    page.until_epoch(1)
    page.page.keyboard.press("r")
    page.until(lambda: page.picture["round"] > 240, "a round")
    tab_to(page, "Network", "tab")
    page.page.keyboard.press("ArrowRight")
    page.page.get_by_role("region", name="The step in numbers").wait_for()
    page.page.keyboard.press("?")
    page.page.get_by_role("dialog").wait_for()
    page.page.keyboard.press("Escape")
    page.page.get_by_role("dialog").wait_for(state="hidden")


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param("", marks=pytest.mark.long),
        "&data=curve&hidden=4&view=round&theme=dark",
        pytest.param("&data=moons&hidden=3&restarts=64&talk=1&view=restarts", marks=pytest.mark.long),
        "&data=table:penguins&hidden=64,64&theme=dark",
    ],
)
def test_axe_finds_no_serious_fault(page, looks):
    if not AXE.exists():
        pytest.skip("the page's packages are not here: make front brings them")
    page.open("epochs=20&speed=0" + looks)
    page.page.keyboard.press("Space")
    page.until(lambda: page.picture["finished"], "the end")
    page.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], json.dumps(found, indent=1)[:3000]


def test_each_lesson_opens_and_plays(page):
    page.open("")
    lessons = page.last("welcome")[0]["lessons"]
    assert len(lessons) >= 8
    page.page.get_by_role("button", name="Lessons").click()
    page.page.get_by_role("button", name=lessons[0]["title"]).click()
    for place, lesson in enumerate(lessons):
        page.page.get_by_role("heading", name=lesson["title"]).wait_for()
        page.until(
            lambda lesson=lesson: (
                all(page.last("experiment")[0]["settings"][name] == value for name, value in lesson["settings"].items())
                or lesson["settings"].get("init") == "zeros"
            ),
            lesson["name"],
        )
        if place + 1 < len(lessons):
            page.page.get_by_role("button", name="Next lesson").click()


def test_another_origin_gets_nothing(page, tmp_path):
    """A page of another origin that even knows the token reads nothing, sends nothing, and opens no WebSocket."""
    (tmp_path / "index.html").write_text("<!doctype html><title>another</title>")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=tmp_path)
    handler.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.page.goto(f"http://127.0.0.1:{server.server_port}/")
        tried = page.page.evaluate(
            """async (address) => {
              const socket = await new Promise((say) => {
                const one = new WebSocket(address.replace("http", "ws") + "ws");
                one.onopen = () => say("open"); one.onerror = () => say("refused");
              });
              const sent = await fetch(address + "upload?name=a.csv", {method: "POST", body: "a,b"})
                .then((answer) => "answered " + answer.status, () => "refused");
              const read = await fetch(address).then((answer) => "read", () => "refused");
              const image = await new Promise((say) => {
                const one = new Image();
                one.onload = () => say("seen"); one.onerror = () => say("refused"); one.src = address + "icon.svg";
              });
              return [socket, sent, read, image];
            }""",
            page.address,
        )
        server.shutdown()
    page.faults.clear()  # Chromium tells of what was refused: that is what the test wants
    assert tried == ["refused"] * 4
