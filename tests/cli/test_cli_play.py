"""``descend play``: what is typed, what is printed, which browser is opened, how it ends."""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import webbrowser

import httpx
import pytest
from websockets.sync.client import connect

import descend.play.server.page_files as page_files
from command_line import PENGUINS, numbers_model, numbers_table, run
from descend.cli import browser, play_steps
from descend.cli.play_steps import MADE, TABLES, sorted_words
from descend.play.rows.made import CLASSICS
from descend.tables.datasets import datasets
from play_server import PAGE, write_page

ADDRESS = re.compile(r"(http://[\w.\[\]:]+)/([\w~-]+)/(#\S*)?")


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """A page that is built, and a server that ends when it would serve; what it was given, and addresses opened."""
    seen = {"opened": []}
    monkeypatch.setattr(page_files, "FOLDER", write_page(tmp_path))

    def serve(door, source, unexpected):
        door.socket.close()
        seen.update(door=door, source=source)

    monkeypatch.setattr("descend.play.start.serve", serve)
    monkeypatch.setattr(browser, "open_browser", seen["opened"].append)
    return seen


def test_the_address_is_printed_and_opened_by_a_ticket(stopped):
    shown = run("play")
    assert (shown.code, shown.err) == (0, "")
    first, second = shown.out.splitlines()
    door = stopped["door"]
    assert first == f"http://127.0.0.1:{door.port}/{door.token}/"
    assert second == "Open it in a browser, if it does not open by itself. Ctrl-C ends it."
    assert stopped["opened"] == [
        f"http://127.0.0.1:{door.port}/{door.ticket}"
    ]  # the token is not for every process list


def test_no_browser_opens_none(stopped):
    run("play", "--no-browser")
    assert stopped["opened"] == []


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (("#data=xor&hidden=2",), "#data=xor&hidden=2"),
        (("http://127.0.0.1:1234/an-old-token/#data=xor&hidden=2",), "#data=xor&hidden=2"),
        (("data=xor&hidden=2",), "#data=xor&hidden=2"),
        (("spiral",), "#data=spiral"),
        (("penguins",), "#data=table:penguins"),
        ((PENGUINS, "#target=sex"), "#target=sex"),
        (("#target=sex", PENGUINS), "#target=sex"),
        ((PENGUINS,), ""),
        (("#data=xor\x1b[2J\n",), "#data=xor%1B%5B2J%0A"),
    ],
)
def test_an_address_may_be_typed_in_any_form(stopped, words, fragment):
    shown = run("play", *words)
    assert (shown.code, ADDRESS.match(shown.out)[3] or "") == (0, fragment)
    assert stopped["opened"][0].partition("#")[2] == fragment[1:]


def test_a_table_is_read_before_there_is_a_page(stopped):
    assert run("play", PENGUINS).code == 0
    assert stopped["source"].words == "penguins.csv"
    left = run("play", "absent.csv")
    assert (left.code, left.out, left.err.startswith("Error: absent.csv: there is no such file.")) == (1, "", True)


def test_a_model_may_have_rows(stopped):
    assert run("play", numbers_model()).code == 0
    assert (type(stopped["source"]).__name__, stopped["source"].table) == ("ModelSource", None)
    assert run("play", numbers_model(), "--data", numbers_table()).code == 0
    assert stopped["source"].table.rows == 120


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (
            ("a.csv", "b.csv"),
            2,
            'it takes one TABLE or MODEL and one \'#ADDRESS\'; got "a.csv" and "b.csv". Rows for a',
        ),
        (("#a=1", "#b=2"), 2, "it takes one TABLE or MODEL and one '#ADDRESS'; got"),
        (("--data", "a.csv"), 2, '--data "a.csv" gives rows to a MODEL, and there is none.'),
        ((PENGUINS, "--data", PENGUINS), 1, "--data gives rows to a model, and this is none."),
        (("--token", "short"), 2, "--token must be 16 to 200 letters, digits"),
        (("--token", "with/a/slash/in/it"), 2, "--token must be 16 to 200 letters, digits"),
        (("--host", "0.0.0.0"), 2, '--host "0.0.0.0" lets other machines in: whoever has the address sees your table'),
        (("--host", "no.such.host.invalid", "--token", "t" * 16), 1, '--host "no.such.host.invalid" is not known'),
        (("--port", "65536"), 2, "Invalid value for '--port'"),
    ],
)
def test_what_cannot_be_is_told_before_there_is_a_page(stopped, words, code, text):
    left = run("play", *words)
    assert (left.code, left.out) == (code, "")
    assert text in " ".join(left.err.replace("│", " ").split())
    assert "door" not in stopped


def test_another_host_with_a_token_says_what_it_means(stopped):
    shown = run("play", "--host", "0.0.0.0", "--token", "my-own-long-token")
    assert shown.code == 0
    assert shown.err.startswith("Note: --host 0.0.0.0 lets other machines in")
    assert ADDRESS.match(shown.out)[2] == "my-own-long-token"


def test_a_port_that_is_taken_is_told(stopped):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        left = run("play", "--port", port)
    assert (left.code, left.err) == (
        1,
        f"Error: --port {port} is taken by another program. Leave it out for a free one.\n",
    )


def test_a_page_that_is_not_built_is_told_with_the_way_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(page_files, "FOLDER", tmp_path / "static")
    left = run("play")
    assert (left.code, left.out) == (1, "")
    assert left.err.startswith(f"Error: {tmp_path / 'static'}: the page of the playground is not built")
    assert left.err.endswith("run: make front\n")


def test_missing_packages_are_named_with_the_way_to_them(stopped, monkeypatch):
    monkeypatch.setattr("descend.errors.find_spec", lambda name: None if name == "uvicorn" else name)
    left = run("play")
    assert (left.code, left.err) == (
        1,
        "Error: descend play needs uvicorn; install it with: pip install 'descend[play]'\n",
    )


def test_names_of_made_data_are_those_of_the_playground():
    assert set(MADE) == set(CLASSICS)
    assert set(TABLES) == {one.name for one in datasets()}


def test_a_file_of_the_name_of_made_data_is_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "xor").write_text("a,b\n1,2\n", encoding="utf-8")
    assert sorted_words("xor", None, None).given == "xor"


class Opened:
    """A browser with windows that notes what it is to open."""

    def __init__(self):
        self.addresses = []

    def open(self, address):
        self.addresses.append(address)


def test_a_browser_is_opened_where_there_is_a_screen(monkeypatch):
    there = Opened()
    monkeypatch.setattr(webbrowser, "get", lambda: there)
    monkeypatch.setattr(browser.sys, "platform", "linux")
    for name in browser.SCREENS:
        monkeypatch.delenv(name, raising=False)
    browser._open("http://a/")
    assert there.addresses == []
    monkeypatch.setenv("DISPLAY", ":0")
    browser._open("http://b/")
    assert there.addresses == ["http://b/"]


def test_a_browser_of_the_terminal_is_opened_only_if_the_user_says_so(monkeypatch):
    opened = []
    monkeypatch.setattr(browser.sys, "platform", "linux")
    monkeypatch.setattr(webbrowser.GenericBrowser, "open", lambda self, address: opened.append(address))
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("lynx"))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("BROWSER", raising=False)
    browser._open("http://a/")
    monkeypatch.setenv("BROWSER", "lynx")
    browser._open("http://b/")
    assert opened == ["http://b/"]


def test_without_any_browser_nothing_happens(monkeypatch):
    def none():
        raise webbrowser.Error("no browser")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "get", none)
    browser._open("http://a/")


def test_an_unexpected_error_of_a_page_is_told_in_a_line(capsys):
    play_steps.tell_unexpected(RuntimeError("the moon\x1b[2J is full"))
    told = capsys.readouterr().err
    assert told == "Error: unexpected RuntimeError: the moon\\x1b[2J is full; run again with --debug to see where\n"


# ---------------------------------------------------------------- the whole


def message_of(data):
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


@pytest.fixture
def playing(tmp_path):
    """``descend play '#data=xor&restarts=4'`` in its own process, its page's files made up; the address it prints."""
    driver = (
        "import sys, pathlib\nimport descend.play.server.page_files as files\n"
        "files.FOLDER = pathlib.Path(sys.argv[1])\n"
        "from descend.cli import main\nimport signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # nohup ignores it, and so would who is started under it
        "main(['play', '--no-browser', '#data=xor&restarts=4'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", driver, str(write_page(tmp_path))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    found = ADDRESS.match(process.stdout.readline())
    yield process, found[1], found[2], found[3]
    process.kill()
    process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("sent", "code", "line"),
    [
        (signal.SIGINT, 130, "Interrupted.\n"),
        (signal.SIGTERM, 143, "Interrupted by SIGTERM.\n"),
        (signal.SIGHUP, 129, "Interrupted by SIGHUP.\n"),
    ],
)
def test_it_serves_and_trains_until_a_signal_ends_it_at_once(playing, sent, code, line):
    process, origin, token, fragment = playing
    with connect(f"{origin.replace('http', 'ws')}/{token}/ws?page={PAGE}", origin=origin, open_timeout=30) as page:
        page.send(json.dumps({"type": "hello", "address": fragment}))
        kinds = []
        while "picture" not in kinds:
            kinds.append(message_of(page.recv(30))["type"])
        assert kinds[:2] == ["welcome", "experiment"]
        page.send(json.dumps({"type": "run", "action": "play"}))
        assert httpx.get(f"{origin}/{token}/").text == "this is index.html"
        start = time.monotonic()
        process.send_signal(sent)
        assert process.wait(20) == code
        assert time.monotonic() - start < 5
    assert process.stderr.read() == line


def test_a_slip_in_the_name_of_made_data_is_told_as_such(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert 'Did you mean "spiral"?' in sorted_words("spirall", None, None).problem
    assert sorted_words("spirall.csv", None, None).problem == ""
    (tmp_path / "spirall").write_text("a,b\n1,2\n")
    assert sorted_words("spirall", None, None).problem == ""
