"""`watch`: the playground in a notebook. anywidget carries the messages; the notebook keeps the last picture."""

from __future__ import annotations

import base64
import functools
import threading
import time
from typing import Any

from descend.errors import SpecError, check_extra
from descend.play import wire
from descend.play.address import write_address
from descend.play.messages import Refused, Settings
from descend.play.rows.open import source_of
from descend.play.server.page_files import page_files
from descend.play.session import Session
from descend.play.settings import changed

PICTURE_SECONDS = 0.1
SECONDS_WITHOUT_WORD = 1.0  # a kernel that runs a cell hears nothing; then so much lies between pictures,
MOST_SECONDS_WITHOUT_WORD = 60.0  # and after so much nobody may be looking
STILL = "descend-still"  # the page's style hides what has this class: it is seen where the widget is not


def watch(given: Any = None, *rows: Any, **settings: Any) -> Any:
    """Show how a network learns, in a notebook: the page of ``descend play`` as a widget.

    It needs ``pip install 'descend[notebook]'``. Give it to the notebook as a cell's last line, or to ``display``. The
    saved notebook shows the last picture, also where there is no kernel.

    Parameters
    ----------
    given : Network, Training, Model, estimator, table, path or None, default None
        What is looked at: a network or a model as it is, a table (also a data frame or a mapping) that is learnt by a
        network of the settings. None begins with made data. It is not changed: what is trained is a copy.
    *rows
        To train what was given: of a model a table, of a network X (m, n_0) and Y (m, n_d).
    **settings
        As the page has them, by name: ``data="spiral"``, ``hidden=[8, 8]``, ``restarts=4``, ``seed=1``, …

    Returns
    -------
    widget
        With methods ``play()``, ``pause()`` and ``close()``.

    Raises
    ------
    DescendError
        If what was given cannot be read, a setting cannot be, or anywidget is not installed.

    Examples
    --------
    In a notebook ``descend.watch(data="spiral", hidden=[8, 8])``, ``descend.watch("table.csv", target="y")``,
    ``descend.watch(network, X, y)``. What is wrong is said at once:

    >>> watch(data="spirel")
    Traceback (most recent call last):
    descend.play.refused.SettingError: `data` "spirel" is not known. Did you mean "spiral"?
    """
    source = None if given is None else source_of((given, *rows) if rows else given)
    own = "" if source is None else source.words
    usual = Settings() if source is None else Settings(data="own")
    address = write_address(changed(usual, settings, own))
    check_extra("descend.watch", "anywidget", extra="notebook")
    return _widget_type()(source, address)


@functools.cache
def _widget_type() -> Any:
    """Return the class of widgets: anywidget's, which is imported now, and ours."""
    import anywidget

    files = page_files()
    named = {"_esm": "descend.js", "_css": "descend.css"}
    texts = {name: files[file].decode() + "\n" for name, file in named.items()}  # one line might be a file's name
    return type("Watch", (Watching, anywidget.AnyWidget), texts)


class Watching:
    """What a widget of ours does beyond anywidget's.

    Parameters
    ----------
    source, address
        As of `Watched`.
    """

    def __init__(self, source: Any, address: str) -> None:
        super().__init__()
        self._watched = Watched(self, source, address)
        self._super.on_msg(lambda _, content, buffers: self._watched.hear(content))

    @property
    def _super(self) -> Any:
        return super()

    def play(self) -> None:
        """Let the training go on, in the background."""
        self._watched.run("play")

    def pause(self) -> None:
        """Stop the training."""
        self._watched.run("pause")

    def close(self) -> None:
        """End the training, and take the widget away."""
        if hasattr(self, "_watched"):  # ipywidgets may close what was never finished
            self._watched.close()
        self._super.close()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self._repr_mimebundle_()[0], raw=True)
        still = still_bundle(self._watched.svg)
        self._watched.still = display(still, raw=True, display_id=f"still-{self._super.model_id}")

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, about = self._super._repr_mimebundle_(**options)
        svg = self._watched.svg
        return data | ({"image/svg+xml": svg} if svg else {}), about


class Watched:
    """What a widget shows: a session, and the thread that sends its pictures.

    Parameters
    ----------
    widget : object
        Has ``send(content, buffers)``.
    source : object or None
        As `Session` takes it.
    address : str
        The experiment.

    Raises
    ------
    SpecError
        If it cannot be.

    Attributes
    ----------
    svg : str
        The last picture that the front end has drawn to be kept; "" before there is one.
    still : object or None
        The output beside the widget, which keeps that picture in the notebook.
    """

    def __init__(self, widget: Any, source: Any, address: str) -> None:
        self._widget = widget
        self.svg = ""
        self.still: Any = None
        self._closed, self._begun = threading.Event(), False
        self._taken, self._seen = True, False
        self._sent = self._heard = time.monotonic()
        self._session = Session(self._send, source, "notebook")
        self._session.receive({"type": "hello", "address": address})
        self._begun = True
        threading.Thread(target=self._look, name="descend widget", daemon=True).start()

    def hear(self, message: Any) -> None:
        """Do what a message of the front end says."""
        kind = message.get("type") if isinstance(message, dict) else None
        self._heard = time.monotonic()
        if kind == "hello":  # one more place where it is shown: nothing begins anew
            self._seen = self._taken = True
            self._session.again()
        elif kind == "taken":
            self._taken = True
        elif kind == "still":
            self._keep(str(message.get("svg", "")))
        elif isinstance(message, dict):
            self._session.receive(message)

    def run(self, action: str) -> None:
        """Let the training go on or stop."""
        self._session.receive({"type": "run", "action": action})

    def close(self) -> None:
        """End the training."""
        self._closed.set()
        self._session.close()

    def _keep(self, svg: str) -> None:
        self.svg = svg
        if self.still is not None:
            self.still.update(still_bundle(svg), raw=True)

    def _send(self, said: Any, arrays: dict[str, Any]) -> None:
        if not self._begun and isinstance(said, Refused):  # there is no widget yet that could say it
            raise SpecError(said.text)
        content, buffers = wire.content(said, arrays)
        self._widget.send(content, [one.tobytes() for one in buffers])

    def _look(self) -> None:
        while not self._closed.wait(PICTURE_SECONDS):
            if self._may_send() and (seen := self._session.picture()) is not None:
                self._taken, self._sent = False, time.monotonic()
                self._send(*seen)

    def _may_send(self) -> bool:
        now = time.monotonic()
        unheard = now - self._sent > SECONDS_WITHOUT_WORD and now - self._heard < MOST_SECONDS_WITHOUT_WORD
        return self._seen and (self._taken or unheard)


def still_bundle(svg: str) -> dict[str, str]:
    """Return a picture as an output of a notebook, in the forms that hosts know.

    Examples
    --------
    >>> still_bundle("")
    {'text/plain': ''}
    >>> sorted(still_bundle("<svg/>"))
    ['image/svg+xml', 'text/html', 'text/plain']
    """
    if not svg:
        return {"text/plain": ""}
    data = base64.b64encode(svg.encode()).decode()
    image = f'<img class="{STILL}" alt="The last picture of the playground" src="data:image/svg+xml;base64,{data}">'
    return {"text/plain": "The last picture of the playground", "text/html": image, "image/svg+xml": svg}
