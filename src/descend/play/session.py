"""`Session`: one experiment and one page; it knows nothing about the web. `README.md` here says who speaks when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DescendError, closest, message, shortened
from descend.play import messages as say
from descend.play.address import no_restart, no_row, read_address, too_large, write_address
from descend.play.answers import answer
from descend.play.choices import BOUNDS, choices
from descend.play.experiment import Experiment, make_experiment, theta_place
from descend.play.introduce import introduction
from descend.play.pictures.picture import BEST, Painter, view_of
from descend.play.refused import SettingError
from descend.play.rows.open import Source, problem_of, size_of, source_of
from descend.play.rows.problem import Problem
from descend.play.settings import LOOKING, changed, is_finite, setting_in
from descend.play.trainer import Trainer
from descend.tables.columns.sentences import grouped
from descend.typing import Array, is_whole
from descend.version import __version__

UPLOAD_BYTES = 200_000_000  # the most that a file of the user may have
Send = Callable[[Any, dict[str, Array]], None]
SHAPE = ("hidden", "activation", "straight_through", "bias", "init", "loss")  # settings that make another network
OTHER = ("data", "target", "member")  # settings after which a run does not go on by itself: all is another
ROWS = ("data", "noise", "samples", "target", "seed", "member")  # settings that make other rows


class Session:
    """An experiment that a page or a notebook shows while it learns.

    Parameters
    ----------
    send : callable
        Takes a message of `descend.play.messages` and its arrays by name.
    source : path, Table, data frame, mapping, Network, Model, tuple or None, default None
        What the user gave: a table, a model, or (model, table).
    host : {"page", "notebook"}, default "page"
        Who carries the messages.

    Raises
    ------
    DescendError
        If what the user gave cannot be read.

    Examples
    --------
    >>> said = []
    >>> session = Session(lambda message, arrays: said.append(message))
    >>> session.receive({"type": "hello", "address": "#data=xor&restarts=4&speed=0"})
    >>> [one.type for one in said], said[1].sizes
    (['welcome', 'experiment'], [2, 4, 1])
    >>> picture, arrays = session.picture()
    >>> picture.epoch, arrays["theta"].shape, session.picture() is None
    (0, (17,), True)
    >>> session.receive({"type": "set", "settings": {"noise": 7}})
    >>> said[-1].text
    '`noise` must be a number from 0 to 1; got 7.'
    >>> session.close()
    """

    def __init__(self, send: Send, source: Any = None, host: str = "page") -> None:
        self._send, self._host = send, host
        self._lock = threading.RLock()
        self._news = threading.Event()
        self._source: Source | None = None if source is None else source_of(source)
        self._settings = say.Settings(data="own") if self._source else say.Settings()
        self._rest = ""
        self._problem: Problem | None = None
        self._made: Experiment | None = None
        self._trainer: Trainer | None = None
        self._painter: Painter | None = None
        self._shown, self._edited = -1, False
        self._told: set[str] = set()

    # ------------------------------------------------------------ what a host calls

    def receive(self, message: Mapping[str, Any]) -> None:
        """Follow a message of the page; what cannot be followed is answered by `refused`, and all stays as it was."""
        with self._lock:
            try:
                self._follow(message)
            except SettingError as error:
                self._refuse(error.setting, str(error))
            except DescendError as error:
                self._refuse(setting_in(str(error)), str(error))
            except MemoryError:
                self._refuse("", "There is not enough memory for this. Take fewer restarts, nodes or rows.")

    def again(self) -> None:
        """Say all again, for one more place where it is shown; nothing begins anew."""
        with self._lock:
            self._welcome()
            self._introduce()

    def open(self, path: str | Path, said: str) -> None:
        """Learn from a file that the user gave now: a table or a model.

        Parameters
        ----------
        path : str or Path
            Where it lies; it may be removed afterwards.
        said : str
            Its name, in words.

        Raises
        ------
        DescendError
            If it cannot be read; all stays as it was.
        """
        with self._lock:
            source = source_of(path, said)
            before = self._source
            self._source = source
            try:
                self._begin(
                    changed(self._settings, {"data": "own", "target": "", "row": 0, "member": 0, "edits": []}, said)
                )
            except DescendError:
                self._source = before
                raise
            self._welcome()
            self._introduce()

    def picture(self) -> tuple[say.Picture, dict[str, Array]] | None:
        """Return what there is to be seen, or None if nothing is new since the last time."""
        with self._lock:
            if self._painter is None or self._made is None or not self._news.is_set():
                return None
            self._news.clear()
            view = view_of(self._made, self._trainer, self._settings, self._shown)
            seen = self._painter.paint(self._trainer, self._settings, view, self._edited)
            self._tell_divergence(seen[0])
            if not self._painter.complete:
                self._news.set()
            return seen

    def close(self) -> None:
        """End the training and give back its memory."""
        with self._lock:
            if self._trainer is not None:
                self._trainer.stop(at_once=True)
            self._trainer = self._painter = self._made = self._problem = self._source = None

    # ------------------------------------------------------------ messages

    def _follow(self, message: Mapping[str, Any]) -> None:
        kinds: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "hello": self._hello,
            "set": self._set,
            "run": self._run,
            "travel": self._travel,
            "edit": self._edit,
            "ask": self._ask,
        }
        kind = message.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            raise SettingError("", f"message {shortened(kind)} is not known. {closest(kind, kinds)}")
        if kind != "hello" and self._made is None:
            raise SettingError("", 'The page must say "hello" first.')
        kinds[kind](message)

    def _hello(self, message: Mapping[str, Any]) -> None:
        address = _field(message, "address", str, "")
        usual = say.Settings(data="own") if self._source else say.Settings()
        settings, rest, notes = read_address(address, usual, self._own)
        self._rest = rest
        notes += [*self._begin_first_of([settings, usual], usual), *too_large(settings, self._settings, self._problem)]
        self._welcome()
        self._introduce()
        for note in notes:
            self._send(say.Said(note), {})

    def _set(self, message: Mapping[str, Any]) -> None:
        given = _field(message, "settings", dict)
        new = changed(self._settings, given, self._own)
        self._check_looking(new)
        different = {name for name in given if getattr(new, name) != getattr(self._settings, name)}
        if different <= set(LOOKING) and not ("member" in different and self._members):
            self._settings = new
            if self._trainer is not None:
                self._trainer.speed = new.speed
        else:
            self._check_shape(different, new)
            going = self._trainer is not None and self._trainer.running
            self._begin(new)
            if going and not different & set(OTHER) and self._trainer is not None and not self._untrainable:
                self._trainer.play()  # who changes η of a run that goes wants to see it go
        self._introduce()

    def _run(self, message: Mapping[str, Any]) -> None:
        action = _field(message, "action", str)
        actions = ("play", "pause", "epoch", "round", "rewind")
        if action not in actions:
            raise SettingError("", f"`action` {shortened(action)} is not known. {closest(action, actions)}")
        trainer = self._must_train()
        self._shown = -1
        if action == "play":
            trainer.play()
        elif action == "pause":
            trainer.pause()
        elif action == "rewind":
            self._rewind()
        else:
            trainer.stop()
            if action == "epoch":
                trainer.play(one_epoch=True)
            else:
                trainer.one_round()
        self._news.set()

    def _travel(self, message: Mapping[str, Any]) -> None:
        epoch = _field(message, "epoch", int)
        self._must_train()
        self._shown = max(BEST, epoch)
        self._news.set()

    def _edit(self, message: Mapping[str, Any]) -> None:
        layer, from_node, to_node = (_field(message, name, int) for name in ("layer", "from_node", "to_node"))
        weight = _field(message, "weight", float)
        made, trainer = self._made, self._trainer
        assert made is not None
        place = theta_place(made.spec, layer, from_node, to_node)
        if not np.isfinite(made.network.dtype.type(weight)):
            raise SettingError("", f"`weight` must be a finite number; got {weight}.")
        if trainer is None:
            made.network.theta[place] = weight
            self._edited = True
        elif self._shown not in (-1, trainer.moment.epoch):
            raise SettingError("", "Weights of an earlier epoch cannot be changed: go back to now first.")
        else:
            self._edit_now(trainer, [layer, from_node, to_node], place, weight)
        self._news.set()

    def _edit_now(self, trainer: Trainer, where: list[int], place: int, weight: float) -> None:
        assert self._made is not None
        restart = view_of(self._made, trainer, self._settings, -1).restart
        going = trainer.running
        trainer.stop()
        trainer.set_weight(restart, place, weight)
        if trainer.moment.rounds[restart] == 0:
            key = [float(restart), *map(float, where)]
            kept = [one for one in self._settings.edits if one[:4] != key]
            self._settings = replace(self._settings, edits=[*kept, [*key, weight]])
            self._introduce()
        else:
            self._edited = True
        if going:
            trainer.play()

    def _ask(self, message: Mapping[str, Any]) -> None:
        assert self._made is not None
        what = _field(message, "what", str)
        where = [_field(message, name, int, 0) for name in ("layer", "from_node", "to_node")]
        view = view_of(self._made, self._trainer, self._settings, self._shown)
        self._send(*answer(what, where, self._made, self._settings, view, self._trainer))

    # ------------------------------------------------------------ the experiment

    @property
    def _own(self) -> str:
        return "" if self._source is None else self._source.words

    @property
    def _untrainable(self) -> str:
        return "" if self._made is None else self._made.untrainable

    @property
    def _members(self) -> int:
        return 0 if self._problem is None else len(self._problem.members)

    def _begin(self, settings: say.Settings) -> None:
        """Make the experiment of some settings, at its start; if it cannot be made, all stays as it was."""
        same = self._problem is not None and all(getattr(settings, n) == getattr(self._settings, n) for n in ROWS)
        problem = self._problem if same and self._problem is not None else problem_of(settings, self._source)
        settings = replace(settings, target=problem.target)
        if settings.row >= len(problem.parts[0].X):
            settings = replace(settings, row=0)
        if settings.restart >= settings.restarts:
            settings = replace(settings, restart=-1)
        made = make_experiment(settings, problem)
        if self._trainer is not None:
            self._trainer.stop(at_once=True)
        self._problem, self._settings = problem, made.settings
        self._start(made)

    def _begin_first_of(self, several: list[say.Settings], usual: say.Settings) -> list[str]:
        """Begin with the first that can be made, for a page is never left without any; returns why earlier ones not."""
        several = several if several[0] != usual else [usual]
        several = [*several, say.Settings()] if self._host == "page" else several
        notes: list[str] = []
        for settings in several:
            try:
                self._begin(settings)
                return notes
            except DescendError as error:
                notes.append(str(error) if settings == usual else f"Address: {error}")
                if settings == several[-1]:
                    raise
        return notes

    def _start(self, made: Experiment) -> None:
        self._made, self._painter = made, Painter(made)
        self._trainer = None
        if made.prepared is not None:
            self._trainer = Trainer(made.prepared, made.network, self._settings.speed, self._news.set)
        self._shown, self._edited = -1, False
        self._news.set()

    def _rewind(self) -> None:
        """The same starting weights again, bit for bit."""
        assert self._made is not None
        assert self._trainer is not None
        self._trainer.stop(at_once=True)
        self._start(make_experiment(self._settings, self._made.problem))

    def _must_train(self) -> Trainer:
        if self._trainer is None or self._made is None:
            raise SettingError("", "There are no rows to learn from, so nothing can be trained: give a table, too.")
        if self._made.untrainable:
            raise SettingError("straight_through", self._made.untrainable)
        return self._trainer

    def _check_shape(self, different: set[str], new: say.Settings) -> None:
        """Refuse another shape of a network that was given."""
        assert self._problem is not None
        wrong = [name for name in SHAPE if name in different]
        if self._problem.network is not None and wrong and new.data == self._settings.data:
            text = f"`{wrong[0]}` is the given network's own and stays as it is. To build one, choose other data."
            raise SettingError(wrong[0], text)

    def _check_looking(self, new: say.Settings) -> None:
        assert self._problem is not None
        same = all(getattr(new, name) == getattr(self._settings, name) for name in ROWS)
        rows = len(self._problem.parts[0].X)
        if same and new.row != self._settings.row and not new.row < max(rows, 1):
            raise SettingError("row", no_row(new.row, rows))
        if new.restart != self._settings.restart and not new.restart < new.restarts:
            raise SettingError("restart", no_restart(new.restart, new.restarts))

    # ------------------------------------------------------------ what is said

    def _welcome(self) -> None:
        from descend.play.lessons import lessons

        upload = UPLOAD_BYTES if self._host == "page" else 0
        host: Any = self._host
        named = choices(self._own, size_of(self._source))
        told = say.Welcome(__version__, host, say.Settings(), named, BOUNDS, lessons(), upload)
        self._send(told, {})

    def _introduce(self) -> None:
        assert self._made is not None
        self._send(*introduction(self._made, self._settings, write_address(self._settings, self._rest)))
        for note in grouped(self._made.problem.notes):
            self._say_once(note)
        self._news.set()

    def _tell_divergence(self, seen: say.Picture) -> None:
        lost = [r for r, status in enumerate(seen.status) if status == "diverged"]
        if lost and self._trainer is not None and self._trainer.prepared:
            some = ", ".join(map(str, lost[:8])) + (" …" if len(lost) > 8 else "")
            self._say_once(
                f"Restart{'s' * (len(lost) > 1)} {some} diverged: the loss left the finite numbers at step size "
                f"{self._settings.learning_rate:g}. Lower it (try {self._settings.learning_rate / 10:g})."
            )

    def _say_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._send(say.Said(text), {})

    def _refuse(self, setting: str, text: str) -> None:
        self._send(say.Refused(setting, message(text)), {})


_MISSING = object()


def _field(message: Mapping[str, Any], name: str, kind: type, otherwise: Any = _MISSING) -> Any:
    """Return a field of a message, if it is what it must be."""
    value = message.get(name, otherwise)
    if value is _MISSING:
        raise SettingError("", f"`{name}` is missing from the message.")
    if kind is int and is_whole(value, -(2**53)) and abs(value) < 2**53:
        return int(value)
    if kind is float and is_finite(value):
        return float(value)
    if kind in (str, dict) and isinstance(value, kind):
        return value
    words = {int: "a whole number", float: "a finite number", str: "a text", dict: "an object"}
    raise SettingError("", f"`{name}` must be {words[kind]}; got {shortened(value)}.")
