"""A page and its session: messages both ways, pictures without a backlog, several pages, and what ends."""

import contextlib
import json
import socket
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from descend.play.server import page as page_module
from descend.play.server import pages as pages_module
from descend.play.server.pages import FULL, MOST_PAGES, NO_MEMORY
from play_server import message_of, running, until


@pytest.fixture
def server(tmp_path):
    with running(tmp_path) as one:
        yield one


def say(page, **message):
    page.send(json.dumps(message))


def heard(page, seconds=10):
    return message_of(page.recv(seconds))


def test_messages_reach_the_session_in_order_and_answers_come_back(server):
    with server.page() as page:
        for number in range(20):
            say(page, type="set", number=number)
        answers = [json.loads(heard(page)["text"])["number"] for _ in range(20)]
    assert answers == list(range(20))


def test_arrays_come_in_the_same_frame(server):
    with server.page() as page:
        say(page, type="much", count=1000)
        data = page.recv(10)
    assert message_of(data)["arrays"] == [{"name": "numbers", "dtype": "float64", "shape": [1000]}]
    assert len(data) > 8000


def test_a_session_is_asked_from_one_thread(server):
    with server.page() as page:
        say(page, type="look")
        heard(page)
        assert heard(page)["type"] == "picture"
    (session,) = server.sessions
    assert session.closed.wait(10)
    assert len(session.threads) == 1


def test_pictures_wait_until_the_last_one_was_taken(server):
    with server.page() as page:
        say(page, type="look")
        heard(page)
        assert heard(page)["number"] == 1
        with pytest.raises(TimeoutError):
            page.recv(0.5)
        assert server.sessions[0].pictures == 1  # nor was one made
        say(page, type="taken")
        assert heard(page)["number"] == 2


def test_pictures_come_ten_times_a_second_to_a_page_that_takes_them(server):
    with server.page() as page:
        say(page, type="look")
        heard(page)
        heard(page)
        start = time.monotonic()
        for number in range(2, 9):
            say(page, type="taken")
            assert heard(page)["number"] == number
        assert 0.6 < time.monotonic() - start < 3


def test_what_a_message_changes_is_seen_at_once(server, monkeypatch):
    monkeypatch.setattr(page_module, "PICTURE_SECONDS", 60.0)
    with server.page() as page:
        say(page, type="look")
        assert [heard(page)["type"] for _ in range(2)] == ["said", "picture"]
        say(page, type="taken")
        start = time.monotonic()
        say(page, type="set")
        assert [heard(page)["type"] for _ in range(2)] == ["said", "picture"]
        assert time.monotonic() - start < 1


def test_answers_do_not_wait_for_a_picture_that_was_not_taken(server):
    with server.page() as page:
        say(page, type="look")
        heard(page)
        assert heard(page)["type"] == "picture"
        say(page, type="ask")
        assert heard(page)["type"] == "said"


def test_a_fault_of_a_session_is_told_and_ends_nothing(server):
    with server.page() as page:
        say(page, type="fail")
        assert heard(page)["text"] == "Unexpected RuntimeError: a fault of ours"
        say(page, type="set")
        assert heard(page)["type"] == "said"
    assert [str(one) for one in server.unexpected] == ["a fault of ours"]


def test_a_session_that_cannot_be_made_closes_its_page_with_the_reason(tmp_path, monkeypatch):
    def fails(send):
        raise MemoryError("no memory " * 30)

    with running(tmp_path) as server:
        monkeypatch.setattr("play_server.FakeSession", fails)
        with server.page() as page, pytest.raises(ConnectionClosed) as closed:
            page.recv(10)
    assert closed.value.rcvd.code == 1011
    assert closed.value.rcvd.reason.startswith("Unexpected MemoryError: no memory")
    assert [type(one) for one in server.unexpected] == [MemoryError]


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"a": 1}', '{"type": 3}', "[" * 100_000, b"\x00\x01"])
def test_what_is_no_message_closes_the_page_alone(server, text):
    with server.page("f" * 32) as other, server.page() as page:
        page.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(10)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1007, "A message was no JSON object with a type.")
        say(other, type="set")
        assert heard(other)["type"] == "said"
    assert server.unexpected == []


def test_a_message_of_megabytes_closes_the_page(server):
    with server.page() as page:
        page.send(json.dumps({"type": "set", "text": "x" * 2_000_000}))
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(10)
    assert closed.value.rcvd.code == 1009


def test_a_closed_page_ends_its_session_at_once(server):
    with server.page() as page:
        say(page, type="set")
        heard(page)
    (session,) = server.sessions
    assert session.closed.wait(1)


def test_a_page_that_vanishes_ends_its_session(server):
    with contextlib.suppress(EOFError, OSError, ConnectionClosed), server.page() as page:
        say(page, type="set")
        heard(page)
        page.socket.shutdown(socket.SHUT_RDWR)
    assert server.sessions[0].closed.wait(5)


def test_two_pages_do_not_disturb_each_other(server):
    with server.page("a" * 32) as slow:
        say(slow, type="set")
        heard(slow)
        with server.page("b" * 32) as quick:
            say(slow, type="wait", seconds=1.0)
            start = time.monotonic()
            say(quick, type="set")
            heard(quick)
            assert time.monotonic() - start < 0.7
        assert until(server.sessions[1].closed.is_set)
        assert heard(slow)["type"] == "said"
        assert not server.sessions[0].closed.is_set()
    assert [len(one.heard) for one in server.sessions] == [2, 1]


def test_no_two_pages_have_one_name(server):
    with server.page(), pytest.raises(Exception, match="404"), server.page():
        pass


def answers(server, name):
    try:
        with server.page(name) as page:
            say(page, type="set")
            return heard(page)["type"] == "said"
    except (ConnectionClosed, InvalidStatus):
        return False


def test_a_ninth_page_is_told_why_there_is_none(server):
    opened = [server.page(f"{number:032x}").__enter__() for number in range(MOST_PAGES)]
    try:
        with server.page("e" * 32) as ninth, pytest.raises(ConnectionClosed) as closed:
            ninth.recv(10)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, FULL)
        assert until(lambda: len(server.sessions) == MOST_PAGES)
        opened[0].close()
        assert until(lambda: answers(server, "e" * 32), 30)
    finally:
        for one in opened:
            one.close()


def test_without_free_memory_a_page_is_told_so(server, monkeypatch):
    monkeypatch.setattr(pages_module, "available_memory", lambda: 100_000_000)
    with server.page() as page, pytest.raises(ConnectionClosed) as closed:
        page.recv(10)
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, NO_MEMORY)
    assert server.sessions == []


def test_reasons_fit_into_the_frame_that_closes_a_websocket():
    assert all(len(one.encode()) <= 123 for one in (FULL, NO_MEMORY))


def test_a_page_that_asks_without_end_waits(server, monkeypatch):
    monkeypatch.setattr(page_module, "MOST_WAITING", 3)
    with server.page() as page:
        say(page, type="wait", seconds=0.5)
        for _ in range(50):
            say(page, type="set")
        time.sleep(0.3)
        assert len(server.sessions[0].heard) == 1
        assert [heard(page)["type"] for _ in range(51)] == ["said"] * 51


def test_a_server_that_ends_ends_all_sessions(tmp_path):
    with running(tmp_path) as server:
        pages = [server.page(f"{number:032x}").__enter__() for number in range(3)]
        for one in pages:
            say(one, type="set")
            heard(one)
        start = time.monotonic()
    assert time.monotonic() - start < 3
    assert all(one.closed.is_set() for one in server.sessions)
    for one in pages:
        one.close()
