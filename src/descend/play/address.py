"""The experiment as an address: settings that differ from the defaults, by name, in the order of `Settings`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import quote, unquote

from descend.errors import closest, cut, quoted
from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.play.rows.problem import Problem
from descend.play.settings import changed

PAGE_ALONE = ("view", "theme", "talk", "lesson")  # what begins so is the page's own: handed on as it is
MOST_SIGNS = 20_000
SWITCHES = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


def write_address(settings: Settings, rest: str = "") -> str:
    """Return the address's part after the ``#``.

    Parameters
    ----------
    settings : Settings
        The experiment.
    rest : str, default ""
        What the page alone decides.

    Examples
    --------
    >>> write_address(Settings(data="spiral", hidden=[8, 8], seed=3, race=False), "view=round")
    'data=spiral&hidden=8,8&seed=3&race=no&view=round'
    """
    usual = Settings()
    values = {one.name: getattr(settings, one.name) for one in fields(Settings)}
    parts = [f"{name}={_written(value)}" for name, value in values.items() if value != getattr(usual, name)]
    return "&".join([*parts, rest] if rest else parts)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        inner = [":".join(map(_written, one)) if isinstance(one, list) else _written(one) for one in value]
        return ",".join(inner) or "none"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return quote(str(value), safe=":")


def read_address(address: str, settings: Settings, own: str = "") -> tuple[Settings, str, list[str]]:
    """Return the settings of an address, what is the page's own, and notes on parts that are unknown or wrong.

    Parameters
    ----------
    address : str
        With or without the ``#``; as `write_address` makes it.
    settings : Settings
        What holds where it says nothing.
    own : str, default ""
        As in `changed`.

    Examples
    --------
    >>> read_address("#data=xor&noise=9&view=round", Settings())[0].data
    'xor'
    >>> read_address("#data=xor&noise=9&view=round", Settings())[1:]
    ('view=round', ['Address: `noise` must be a number from 0 to 1; got 9.'])
    """
    given: dict[str, Any] = {}
    rest, notes = [], []
    for part in filter(None, address[:MOST_SIGNS].removeprefix("#").split("&")):
        name, _, text = part.partition("=")
        if name.startswith(PAGE_ALONE):
            rest.append(part)
            notes += _unknown_lesson(unquote(text)) if name == "lesson" else []
            continue
        try:
            value = _read(name, unquote(text))
            changed(Settings(data="own") if own else settings, {name: value}, own)
            given[name] = value
        except (SettingError, ValueError) as error:
            told = str(error) if isinstance(error, SettingError) else f"`{cut(name)}` cannot be read; got {cut(text)}."
            notes.append(f"Address: {told}")
    try:
        return changed(settings, given, own), "&".join(rest), notes
    except SettingError as error:  # parts that do not fit together
        return settings, "&".join(rest), [*notes, f"Address: {error}"]


def too_large(asked: Settings, held: Settings, problem: Problem | None) -> list[str]:
    """Return notes on a row and a restart of an address that are not there, where the rest of it could be followed."""
    if problem is None or asked.data != held.data or asked.restarts != held.restarts:
        return []
    rows = len(problem.parts[0].X)
    wrong = [no_row(asked.row, rows)] if asked.row >= rows > 0 else []
    wrong += [no_restart(asked.restart, asked.restarts)] if asked.restart >= asked.restarts else []
    return [f"Address: {one}" for one in wrong]


def no_row(row: int, rows: int) -> str:
    """Say that there is no such row.

    Examples
    --------
    >>> no_row(999, 240)
    '`row` must be from 0 to 239, the training rows; got 999.'
    """
    return f"`row` must be from 0 to {rows - 1:,}, the training rows; got {row:,}."


def no_restart(restart: int, restarts: int) -> str:
    """Say that there is no such restart.

    Examples
    --------
    >>> no_restart(7, 4)
    '`restart` must be from −1 to 3; got 7.'
    """
    return f"`restart` must be from −1 to {restarts - 1}; got {restart}."


def _unknown_lesson(text: str) -> list[str]:
    from descend.play.lessons import lessons

    names = [one.name for one in lessons()]
    known = text in (*names, "list", "")
    return [] if known else [f"Address: `lesson` {quoted(text)} is not known. {closest(text, names)}"]


def _read(name: str, text: str) -> Any:
    """Return the value that `_written` wrote, by the type of the setting's default."""
    usual = getattr(Settings(), name, None)
    if isinstance(usual, bool):
        return SWITCHES.get(text.lower(), text)
    if name == "edits":
        return [[_number(one) for one in edit.split(":")] for edit in text.split(",") if text != "none"]
    if isinstance(usual, list):
        words = text.split(",") if text not in ("", "none") else []
        return [_number(one) for one in words] if name == "hidden" else words
    return _number(text) if isinstance(usual, int | float) else text


def _number(text: str) -> float | int:
    return int(text) if text.lstrip("-").isdigit() else float(text)
