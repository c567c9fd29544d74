"""Files that a page sends: bounded while they come, read by the reader of all tables, gone afterwards."""

import gzip
import io
import itertools
import tempfile
import threading
import zipfile

import httpx
import numpy as np
import pytest

from descend.play.server import uploads
from play_server import PAGE, TOKEN, message_of, running, until

NUMBERS = itertools.count()  # a page is loaded under a new name


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server whose temporary files lie in a folder of the test."""
    (tmp_path / "page").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with running(tmp_path / "page") as one:
        one.temporary = tmp_path / "temporary"
        yield one
    assert list(one.temporary.iterdir()) == []


def sent(server, name, content):
    """Send a file; the answer, and what the session said of it, if anything."""
    own = f"{next(NUMBERS):032x}"
    with server.page(own) as page:
        answer = server.upload(name, content, page=own)
        assert list(server.temporary.iterdir()) == []
        return answer, message_of(page.recv(10))["text"] if answer.status_code == 204 else ""


def refused(server, name, content):
    answer, _ = sent(server, name, content)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert str(server.temporary) not in answer.text
    assert "descend-play" not in answer.text
    return answer.text


def test_a_table_is_read_under_a_name_of_our_own(server):
    answer, columns = sent(server, "my data.csv", b"a,b\n1,2\n3,4\n")
    assert (answer.status_code, columns) == (204, "a b")
    (opened,) = server.sessions[0].heard
    assert opened["said"] == "my data.csv"
    assert "my data" not in str(opened["path"])
    assert opened["path"].name.endswith(".csv")
    assert opened["path"].is_relative_to(server.temporary)


def test_a_compressed_table_keeps_its_endings(server):
    assert sent(server, "t.csv.gz", gzip.compress(b"a,b\n1,2\n"))[1] == "a b"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../../etc/cron.d/x.csv", "x.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\x.csv", "x.csv"),
        ("..", ".."),
        ("a\x00b.csv", "a\\x00b.csv"),
        ("x\x1b]0;mine\x07.csv", "x\\x1b]0;mine\\x07.csv"),
        ("\u202ecsv.exe", "\\u202ecsv.exe"),
        ("<script>alert(1)</script>.csv", "script>.csv"),
        ("n" * 300 + ".csv", "n" * 79 + "…"),
        ("", "upload"),
    ],
)
def test_a_name_is_for_words_only(server, name, said):
    sent(server, name, b"a,b\n1,2\n3,4\n")
    heard = server.sessions[0].heard[0]
    assert heard["said"] == said
    assert heard["path"].parent.parent == server.temporary


def test_markup_in_names_of_columns_is_a_text_like_others(server):
    assert sent(server, "t.csv", b"b,<script>alert(1)</script>\n1,2\n3,4\n")[1] == "b <script>alert(1)</script>"


def test_codes_of_terminals_in_a_file_are_refused_in_words_without_them(server):
    words = refused(server, "t.csv", b"a\x1b[2J,b\n1,2\n1,2,3\n")
    assert words.isprintable()


def test_a_binary_is_refused_by_its_name(server):
    assert "t.csv: the file is a PNG image" in refused(server, "t.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    assert "t.csv: the file is a program" in refused(server, "t.csv", b"\x7fELF" + bytes(300))
    assert "page.csv: the file is a web page (HTML)" in refused(server, "page.csv", b"<script>alert(1)</script>")
    assert refused(server, "t.csv", np.random.default_rng(0).bytes(10_000)).startswith("t.csv")
    assert "t.exe" in refused(server, "t.exe", b"a,b\n1,2\n")


def test_what_no_reader_can_read_is_told_in_the_readers_words(server):
    assert refused(server, "t.csv", b"a,b\n1,2\n1,2,3,4\n").startswith("t.csv")
    assert refused(server, "t.csv", b"") == "t.csv: the file is empty. Choose a table."
    assert refused(server, "t.parquet", b"PAR1" + bytes(100) + b"PAR1").startswith("t.parquet: ")


def test_a_zip_bomb_is_refused(server, monkeypatch):
    monkeypatch.setattr("descend.tables.files.limits.SMALL", 2_000_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("t.csv", "w") as inside:
        for _ in range(5):
            inside.write(b"0" * 1_000_000)
    assert packed.tell() < 10_000
    assert "expands to more than 200 times the size" in refused(server, "t.zip", packed.getvalue())


def test_two_hundred_and_one_megabytes_are_refused_while_they_come(server):
    def parts():
        for _ in range(201):
            yield b"a,b\n" * 250_000
            most.append(sum(one.stat().st_size for one in server.temporary.rglob("*") if one.is_file()))

    most = []
    assert uploads.MOST_BYTES == 200_000_000
    assert "may have 200.0 MB; this one has more" in refused(server, "t.csv", parts())
    assert 0 < max(most) <= 200_000_000


def test_a_length_that_is_told_wrongly_is_not_believed(tmp_path):
    with running(tmp_path, most_bytes=1000) as server, server.page():
        answer = server.upload("t.csv", iter([b"a,b\n" * 100] * 4))  # in pieces, without a length
        assert (answer.status_code, "this one has more" in answer.text) == (400, True)
        assert server.upload("t.csv", b"a,b\n" * 200).status_code == 204


def test_a_page_that_is_not_open_can_send_nothing(server):
    assert server.upload("t.csv", b"a,b\n1,2\n").status_code == 404
    with server.page():
        assert server.upload("t.csv", b"a,b\n1,2\n", page="f" * 32).status_code == 404


def test_a_file_goes_to_the_session_of_its_page(server):
    with server.page("a" * 32) as other, server.page("b" * 32) as own:
        server.upload("t.csv", b"a,b\n1,2\n", page="b" * 32)
        assert message_of(own.recv(10))["text"] == "a b"
        with pytest.raises(TimeoutError):
            other.recv(0.1)


def test_a_page_sends_one_file_at_a_time(server):
    go = threading.Event()

    def slow():
        yield b"a,b\n"
        go.wait(10)
        yield b"1,2\n"

    with server.page():
        first = []
        thread = threading.Thread(target=lambda: first.append(server.upload("t.csv", slow())))
        thread.start()
        assert until(lambda: any(server.temporary.iterdir()))
        second = server.upload("t.csv", b"a,b\n1,2\n")
        go.set()
        thread.join(10)
    assert (first[0].status_code, second.status_code) == (204, 409)


def test_an_upload_that_breaks_off_leaves_nothing(server):
    def broken():
        yield b"a,b\n"
        raise OSError("gone")

    with server.page():
        with pytest.raises(OSError, match="gone"):
            server.upload("t.csv", broken())
        assert until(lambda: not any(server.temporary.iterdir()))
    assert [one.heard for one in server.sessions] in ([], [[]])


def test_a_fault_of_ours_is_told_on_both_sides(server, monkeypatch):
    def panic(path):
        raise type("PanicException", (BaseException,), {})(f"{path}: no end")

    monkeypatch.setattr("play_server.read_table", panic)
    assert refused(server, "t.csv", b"a,b\n1,2\n") == "t.csv: unexpected RuntimeError: PanicException: t.csv: no end"
    assert [type(one) for one in server.unexpected] == [RuntimeError]


def test_only_posts_are_uploads(server):
    with server.page():
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            address = f"{server.origin}/{TOKEN}/upload?name=t.csv&page={PAGE}"
            found = httpx.request(method, address, headers={"origin": server.origin})
            assert found.status_code == 404, method
