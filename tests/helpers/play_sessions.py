"""A session of the playground and the page's side of the talk with it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from descend.nets.network import Network
from descend.play.session import Session
from descend.play.wire import frame


class Talk:
    """What a page says and hears; every message goes over the wire's encoder."""

    def __init__(self, address: str = "", source: Any = None, host: str = "page") -> None:
        self.heard: list[tuple[Any, dict[str, np.ndarray]]] = []
        self.session = Session(self._hear, source, host)
        self.say("hello", address=address)

    def _hear(self, message, arrays):
        frame(message, arrays)
        self.heard.append((message, arrays))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.session.close()

    def say(self, type: str, **fields):
        """Say something; returns what was heard since."""
        before = len(self.heard)
        self.session.receive({"type": type, **fields})
        return [message for message, _ in self.heard[before:]]

    def set(self, **settings):
        return self.say("set", settings=settings)

    def run(self, action: str):
        return self.say("run", action=action)

    def ask(self, what: str, **where):
        self.say("ask", what=what, **where)
        return self.heard[-1]

    def last(self, type: str):
        """The last message of a type, and its arrays."""
        return next(one for one in reversed(self.heard) if one[0].type == type)

    @property
    def experiment(self):
        return self.last("experiment")[0]

    def picture(self):
        """What is to be seen now; there must be something new."""
        self.session._news.set()
        picture, arrays = self.session.picture()
        frame(picture, arrays)
        return picture, arrays

    def finish(self, seconds: float = 30.0):
        """Wait until nothing runs; returns the picture of then."""
        end = time.monotonic() + seconds
        while self.picture()[0].running:
            assert time.monotonic() < end
            time.sleep(0.005)
        return self.picture()

    def play(self):
        """Train to the end."""
        self.run("play")
        return self.finish()

    def theta(self):
        """Weights of all restarts now, (K, P)."""
        return self.session._trainer.moment.thetas.copy()

    def network(self, theta):
        """The network of the experiment with these weights."""
        net = self.session._made.network
        return Network.from_spec(net.spec, theta, dtype=net.dtype.name, engine="reference")

    @property
    def part(self):
        """The rows that train."""
        return self.session._made.problem.parts[0]
