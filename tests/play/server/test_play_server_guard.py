"""Who comes in: the token, the Host, the Origin; whatever else asks gets 404 and no reason."""

import socket

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from descend.play.server.door import Door, Names
from play_server import PAGE, TOKEN, running, until


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("page")) as one:
        yield one


def test_page_and_its_files_are_there_with_their_kinds(server):
    found = {name: server.get(f"/{TOKEN}/{name}") for name in ("", "descend.js", "page.js", "descend.css", "icon.svg")}
    assert {name: (one.status_code, one.text) for name, one in found.items()} == {
        name: (200, f"this is {name or 'index.html'}") for name in found
    }
    kinds = [one.headers["content-type"].split(";")[0] for one in found.values()]
    assert kinds == ["text/html", "text/javascript", "text/javascript", "text/css", "image/svg+xml"]


def test_every_answer_has_the_headers_that_keep_it_to_itself(server):
    for path in (f"/{TOKEN}/", f"/{TOKEN}/descend.js", f"/{TOKEN}/none", "/", f"/{TOKEN}"):
        headers = server.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data: blob:",
            "connect-src": "'self'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
        assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/descend.js",
        f"/{TOKEN[:-1]}/",
        f"/{TOKEN}x/",
        f"/{TOKEN.upper()}/",
        f"//{TOKEN}/",
        f"/x/{TOKEN}/",
        "/%ff/",
        "/💥/",
        f"/?token={TOKEN}",
        "/upload",
        "/ws",
    ],
)
def test_without_the_token_there_is_nothing(server, path):
    found = server.get(path)
    assert (found.status_code, found.text) == (404, "Not Found")


@pytest.mark.parametrize(
    "path",
    ["nothing", "../guard.py", "..%2f..%2fguard.py", "%2e%2e/guard.py", "static/index.html", "/etc/passwd", "a/b"],
)
def test_no_path_reaches_the_file_system(server, path):
    with httpx.Client() as client:
        request = client.build_request("GET", server.origin)
        request.url = request.url.copy_with(raw_path=f"/{TOKEN}/{path}".encode())
        found = client.send(request)
    assert (found.status_code, found.text) == (404, "Not Found")


def test_the_token_without_a_slash_leads_to_the_page(server):
    found = server.get(f"/{TOKEN}")
    assert (found.status_code, found.headers["location"]) == (302, f"/{TOKEN}/")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.:{port}", ""]
)
def test_another_host_gets_nothing(server, host):
    found = server.get(f"/{TOKEN}/", host=host.format(port=server.door.port))
    assert (found.status_code, found.text) == (404, "Not Found")
    with pytest.raises(InvalidStatus) as refused, connected_with(server, host=host.format(port=server.door.port)):
        pass
    assert refused.value.response.status_code == 404


def test_localhost_is_the_same_as_its_number(server):
    assert server.get(f"/{TOKEN}/", host=f"localhost:{server.door.port}").status_code == 200
    assert server.get(f"/{TOKEN}/", host=f"LOCALHOST:{server.door.port}").status_code == 200


def connected_with(server, *, host=None, origin="own", token=TOKEN, page=PAGE):
    """Open a WebSocket by hand of all that is said of it."""
    raw = socket.create_connection(("127.0.0.1", server.door.port))
    address = f"ws://{server.door.host if host is None else host or 'x'}/{token}/ws?page={page}"
    if host is None:
        address = f"ws://127.0.0.1:{server.door.port}/{token}/ws?page={page}"
    return connect(address, sock=raw, origin=server.origin if origin == "own" else origin, open_timeout=10)


def foreign_origins(server):
    return [
        None,
        "null",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        f"https://127.0.0.1:{server.door.port}",
        f"http://localhost:{server.door.port}",
        f"{server.origin}.evil.example",
    ]


def test_a_websocket_of_another_origin_is_refused(server):
    before = len(server.sessions)
    for origin in foreign_origins(server):
        with pytest.raises(InvalidStatus) as refused, connected_with(server, origin=origin):
            pass
        response = refused.value.response
        assert (origin, response.status_code, response.body) == (origin, 404, b"Not Found")
    assert len(server.sessions) == before
    with connected_with(server):
        assert until(lambda: len(server.sessions) == before + 1)


def test_a_websocket_without_the_token_is_refused(server):
    for token in ("x", TOKEN[:-1], ""):
        with pytest.raises(InvalidStatus) as refused, connected_with(server, token=token):
            pass
        assert refused.value.response.status_code == 404


@pytest.mark.parametrize("page", ["", "x", PAGE + "0", PAGE[:-1] + "/"])
def test_a_websocket_names_its_page(server, page):
    with pytest.raises(InvalidStatus) as refused, connected_with(server, page=page):
        pass
    assert refused.value.response.status_code == 404


def test_what_would_change_something_needs_this_servers_origin(server):
    with server.page("c" * 32):
        for origin in foreign_origins(server):
            headers = {} if origin is None else {"origin": origin}
            address = f"{server.origin}/{TOKEN}/upload?page={'c' * 32}&name=a.csv"
            found = httpx.post(address, content=b"a,b\n1,2\n", headers=headers)
            assert (origin, found.status_code, found.text) == (origin, 404, "Not Found")
        assert server.upload("a.csv", b"a,b\n1,2\n", page="c" * 32).status_code == 204


def test_a_page_of_another_origin_reads_nothing_even_with_the_token(server):
    found = server.get(f"/{TOKEN}/descend.js", origin="https://evil.example")
    assert (found.status_code, found.text) == (404, "Not Found")


def test_a_ticket_leads_to_the_page_once(server):
    first, second = (server.get(f"/{server.door.ticket}") for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (302, f"/{TOKEN}/")
    assert (second.status_code, second.text) == (404, "Not Found")


def test_tokens_have_at_least_128_random_bits_and_are_compared_in_constant_time(monkeypatch, server):
    tokens = set()
    for _ in range(4):
        door = Door()
        tokens.add(door.token)
        door.socket.close()
    assert len(tokens) == 4
    assert all(len(one) * 6 >= 128 for one in tokens)
    compared = []
    monkeypatch.setattr(
        "descend.play.server.guard.secrets.compare_digest",
        lambda first, second: compared.append((first, second)) or first == second,
    )
    server.get("/a-guess/")
    assert (b"a-guess", TOKEN.encode()) in compared


def test_a_host_that_others_reach_allows_its_own_names_only():
    names = Names("192.168.1.7", 8000)
    assert [
        names.allow(one) for one in ("192.168.1.7:8000", "localhost:8000", "192.168.1.8:8000", "evil.example:8000")
    ] == [
        True,
        True,
        False,
        False,
    ]
    everywhere = Names("0.0.0.0", 8000)
    assert [everywhere.allow(one) for one in ("10.0.0.3:8000", "[::1]:8000", "evil.example:8000")] == [
        True,
        True,
        False,
    ]


def test_it_listens_on_this_machine_alone_and_on_a_free_port():
    first, second = Door(), Door()
    try:
        assert {one.socket.getsockname()[0] for one in (first, second)} == {"127.0.0.1"}
        assert first.port != second.port
    finally:
        first.socket.close()
        second.socket.close()
