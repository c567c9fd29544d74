"""`descend.watch`: what a notebook hears and says, without a notebook; tools/try_notebook.py has a real one."""

import time

import numpy as np
import pytest

import descend
import descend.play.server.page_files as page_files
from command_line import PENGUINS
from descend.errors import DescendError, FileError, SpecError
from descend.play import widget as module
from descend.play.widget import STILL, Watched, still_bundle
from play_server import until, write_page


class Front:
    """A widget whose front end only listens."""

    def __init__(self):
        self.heard = []

    def send(self, content, buffers):
        self.heard.append((content, buffers))

    def kinds(self):
        return [content["type"] for content, _ in self.heard]


@pytest.fixture
def watched():
    opened = []

    def make(source=None, address="data=xor&restarts=2&epochs=5&speed=0"):
        opened.append(Watched(Front(), source, address))
        return opened[-1], opened[-1]._widget

    yield make
    for one in opened:
        one.close()


def test_a_place_that_says_hello_is_told_all_and_gets_a_picture(watched):
    one, front = watched()
    front.heard.clear()
    time.sleep(0.3)
    assert front.heard == []  # nobody looks yet
    one.hear({"type": "hello", "address": ""})
    assert until(lambda: "picture" in front.kinds())
    assert front.kinds()[:2] == ["welcome", "experiment"]
    content, buffers = front.heard[-1]
    assert [len(one) for one in buffers] == [
        np.dtype(head["dtype"]).itemsize * int(np.prod(head["shape"], dtype=int)) for head in content["arrays"]
    ]


def test_one_more_place_begins_nothing_anew(watched):
    one, front = watched()
    one.hear({"type": "hello", "address": ""})
    one.run("play")
    assert until(lambda: front.heard[-1][0].get("finished") or one.hear({"type": "taken"}))
    front.heard.clear()
    one.hear({"type": "hello", "address": "data=moons"})
    assert until(lambda: "picture" in front.kinds())
    said = {content["type"]: content for content, _ in front.heard}
    assert (said["experiment"]["settings"]["data"], said["picture"]["epoch"]) == ("xor", 5)


def test_no_picture_is_sent_before_the_last_was_taken(watched, monkeypatch):
    monkeypatch.setattr(module, "SECONDS_WITHOUT_WORD", 60.0)
    one, front = watched(address="data=xor&epochs=20000&speed=50")
    one.hear({"type": "hello", "address": ""})
    one.run("play")
    assert until(lambda: front.kinds().count("picture") == 1)
    time.sleep(0.5)
    assert front.kinds().count("picture") == 1
    one.hear({"type": "taken"})
    assert until(lambda: front.kinds().count("picture") == 2)


def test_a_kernel_that_hears_nothing_still_shows_the_training_now_and_then(watched, monkeypatch):
    monkeypatch.setattr(module, "SECONDS_WITHOUT_WORD", 0.3)
    one, front = watched(address="data=xor&epochs=20000&speed=50")
    one.hear({"type": "hello", "address": ""})
    one.run("play")
    assert until(lambda: front.kinds().count("picture") >= 3)
    monkeypatch.setattr(module, "MOST_SECONDS_WITHOUT_WORD", 0.0)
    time.sleep(0.3)
    before = front.kinds().count("picture")
    time.sleep(0.5)
    assert front.kinds().count("picture") == before


def test_what_the_front_end_says_reaches_the_session(watched):
    one, front = watched()
    one.hear({"type": "set", "settings": {"noise": 7}})
    assert (front.heard[-1][0]["type"], front.heard[-1][0]["setting"]) == ("refused", "noise")
    for strange in (None, [], "x", 3):
        one.hear(strange)


def test_a_still_is_kept_and_shown_beside_the_widget(watched):
    class Output:
        def update(self, data, raw):
            self.data, self.raw = data, raw

    one, _ = watched()
    one.hear({"type": "still", "svg": "<svg>1</svg>"})
    assert one.svg == "<svg>1</svg>"
    one.still = Output()
    one.hear({"type": "still", "svg": "<svg>2</svg>"})
    assert (one.still.data, one.still.raw) == (still_bundle("<svg>2</svg>"), True)
    assert one.still.data["image/svg+xml"] == "<svg>2</svg>"
    assert f'class="{STILL}"' in one.still.data["text/html"]


def test_a_widget_carries_the_page_and_ends_with_its_session(tmp_path, monkeypatch):
    pytest.importorskip("anywidget")
    monkeypatch.setattr(page_files, "FOLDER", write_page(tmp_path))
    module._widget_type.cache_clear()
    made = descend.watch(data="moons", hidden=[3], restarts=2)
    try:
        assert (made._esm, made._css) == ("this is descend.js\n", "this is descend.css\n")
        assert "application/vnd.jupyter.widget-view+json" in made._repr_mimebundle_()[0]
        made._watched.hear({"type": "still", "svg": "<svg/>"})
        assert made._repr_mimebundle_()[0]["image/svg+xml"] == "<svg/>"
        made.play()
        made.pause()
    finally:
        made.close()
        module._widget_type.cache_clear()
    assert made._watched._session.picture() is None


@pytest.mark.parametrize(
    ("given", "rows", "words"),
    [
        (descend.Network([2, 3, 1], seed=0), (np.zeros((4, 2)), np.ones((4, 1))), "your network"),
        (PENGUINS, (), "penguins.csv"),
    ],
)
def test_networks_and_tables_are_taken(watched, given, rows, words):
    one, front = watched(module.source_of((given, *rows) if rows else given), "")
    one.hear({"type": "hello", "address": ""})
    welcome = next(content for content, _ in front.heard if content["type"] == "welcome")
    assert welcome["choices"]["data"][-1]["label"] == words


def test_what_cannot_be_watched_is_said_at_once(tmp_path, monkeypatch):
    with pytest.raises(DescendError, match='`data` "spirel" is not known'):
        descend.watch(data="spirel")
    with pytest.raises(DescendError, match="there is no such file"):
        descend.watch("absent.csv")
    with pytest.raises(SpecError, match="rows"):
        Watched(Front(), module.source_of({"a": [1.0, 2.0], "b": ["x", "y"]}), "")
    monkeypatch.setattr("descend.errors.find_spec", lambda name: None)
    with pytest.raises(SpecError, match="pip install 'descend\\[notebook\\]'"):
        descend.watch()
    monkeypatch.undo()
    pytest.importorskip("anywidget")
    monkeypatch.setattr(page_files, "FOLDER", tmp_path)
    module._widget_type.cache_clear()
    with pytest.raises(FileError, match="run: make front"):
        descend.watch()
