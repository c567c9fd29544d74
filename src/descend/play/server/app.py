"""What the server answers: the files of the page, its WebSocket, its uploads."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from descend.errors import DescendError, message
from descend.play.server.guard import refusal
from descend.play.server.page import Page
from descend.play.server.page_files import KINDS
from descend.play.server.pages import Pages
from descend.play.server.uploads import MOST_BYTES, in_words, own_file, shown_name, take


def make_app(pages: Pages, files: dict[str, bytes], most_bytes: int = MOST_BYTES) -> Starlette:
    """Make the application behind the guard.

    Parameters
    ----------
    pages : Pages
        The open pages.
    files : dict of bytes
        The files of the page, by name.
    most_bytes : int
        Of an upload.
    """

    async def file(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        return Response(files[name], media_type=KINDS[name]) if name in files else refusal()

    async def talk(socket: WebSocket) -> None:
        name = socket.query_params.get("page", "")
        if not pages.may_be(name):
            await socket.send_denial_response(refusal())
            return
        await socket.accept()
        await pages.run(name, socket)

    async def upload(request: Request) -> Response:
        page = pages.page(request.query_params.get("page", ""))
        if page is None:
            return refusal()
        if page.uploading:
            return PlainTextResponse("Another file of this page is being read. Wait until that is done.", 409)
        page.uploading = True
        try:
            words = await _read(request, page, most_bytes)
        finally:
            page.uploading = False
        return PlainTextResponse(words, 400) if words else Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", file, methods=["GET"]),
            WebSocketRoute("/ws", talk),
            Route("/upload", upload, methods=["POST"]),
            Route("/{name}", file, methods=["GET"]),
        ],
        exception_handlers={405: lambda request, error: refusal()},
    )


async def _read(request: Request, page: Page, most_bytes: int) -> str:
    """Take an upload and read it; return what is wrong with it."""
    name = request.query_params.get("name", "")
    said = shown_name(name)
    with own_file(name) as (path, opened):
        try:
            await take(request.stream(), opened, said, most_bytes)
            opened.close()
            await page.read(path, said)
        except (DescendError, OSError) as error:
            return message(in_words(error, path, said))
        except Exception as error:
            page.unexpected(error)
            return message(f"{said}: unexpected {type(error).__name__}: {in_words(error, path, said)}")
    return ""
