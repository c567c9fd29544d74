"""The settings of an experiment, checked one by one; what is wrong is refused with its name, the rule, what was got."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from descend.errors import closest, quoted, shortened
from descend.play.choices import BOUNDS, MOST_LAYERS, choices
from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.typing import is_whole

LOOKING = ("speed", "row", "restart", "member")  # these never begin a new run of a network
# a new network, or other rows: weights that were set by hand would mean others
OTHER_WEIGHTS = ("data", "noise", "samples", "target", "hidden", "activation", "bias", "init", "seed", "member")
NAMES = tuple(one.name for one in fields(Settings))
MOST_EDITS = 1000


def changed(settings: Settings, given: Mapping[str, Any], own: str = "") -> Settings:
    """Return the settings with other values of some of them.

    Where there are more hidden layers than activations, the last one is that of the others, too.

    Parameters
    ----------
    settings : Settings
        As they are.
    given : mapping
        Names and new values, as JSON holds them.
    own : str, default ""
        What the user gave to learn from, in words; "": nothing.

    Raises
    ------
    SettingError
        For the first one that is wrong.

    Examples
    --------
    >>> changed(Settings(), {"hidden": [8, 8], "noise": 0}).activation
    ['tanh', 'tanh']
    >>> changed(Settings(), {"noise": 7})
    Traceback (most recent call last):
    descend.play.refused.SettingError: `noise` must be a number from 0 to 1; got 7.
    """
    values = {name: _checked(name, value, own) for name, value in given.items()}
    if "data" in values and values["data"] != settings.data:
        values = {"target": "", "row": 0, "member": 0} | values
    if any(name in values and values[name] != getattr(settings, name) for name in OTHER_WEIGHTS):
        values = {"edits": []} | values
    new = replace(settings, **values)
    if len(new.activation) != len(new.hidden):
        new = replace(new, activation=_fitted(new.activation, len(new.hidden)))
    return new


def _fitted(names: Sequence[str], count: int) -> list[str]:
    last = names[-1] if names else "tanh"
    return [*names[:count], *[last] * (count - len(names))]


def _checked(name: str, value: Any, own: str) -> Any:
    if name not in NAMES:
        raise SettingError("", f"`{name}` is no setting. {closest(name, NAMES)}")
    if name in _SPECIAL:
        return _SPECIAL[name](value)
    if name in BOUNDS and name != "hidden":
        return _number(name, value)
    if isinstance(getattr(Settings(), name), bool):
        if not isinstance(value, bool):
            raise SettingError(name, f"`{name}` must be true or false; got {shortened(value)}.")
        return value
    return _name(name, value, own)


def _number(name: str, value: Any) -> float | int:
    bounds = BOUNDS[name]
    if not is_finite(value) or not bounds.least <= value <= bounds.most or (bounds.whole and value != int(value)):
        kind = "a whole number" if bounds.whole else "a number"
        raise SettingError(
            name, f"`{name}` must be {kind} from {bounds.least:,g} to {_written(bounds.most)}; got {shortened(value)}."
        )
    return int(value) if bounds.whole else float(value)


def _written(most: float) -> str:
    return f"{most:,.0f}" if most == int(most) else f"{most:g}"


def _name(name: str, value: Any, own: str) -> str:
    allowed = [one.value for one in choices(own)[name]]
    if value not in allowed:
        if value == "own":
            raise SettingError(
                name, '`data` is "own", but no table and no model was given. Upload one, or choose another.'
            )
        raise SettingError(name, f"`{name}` {quoted(value)} is not known. {closest(value, allowed)}")
    return str(value)


def _target(value: Any) -> str:
    if not isinstance(value, str):
        raise SettingError("target", f"`target` must be the name of a column; got {shortened(value)}.")
    return value


def _hidden(value: Any) -> list[int]:
    bounds = BOUNDS["hidden"]
    ok = isinstance(value, list) and len(value) <= MOST_LAYERS
    if not ok or not all(is_whole(n, 1) and n <= bounds.most for n in value):
        raise SettingError(
            "hidden",
            f"`hidden` must be at most {MOST_LAYERS} layers of 1 to {bounds.most:,.0f} nodes; got {shortened(value)}.",
        )
    return [int(n) for n in value]


def _activation(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise SettingError(
            "activation", f"`activation` must be a list of names, one per layer; got {shortened(value)}."
        )
    return [_name("activation", one, "") for one in value]


def _edits(value: Any) -> list[list[float]]:
    rule = "`edits` must be a list of [restart, layer, from, to, weight], numbers"
    if not isinstance(value, list) or len(value) > MOST_EDITS:
        raise SettingError("edits", f"{rule}, at most {MOST_EDITS:,}; got {shortened(value)}.")
    for one in value:
        ok = isinstance(one, list) and len(one) == 5 and all(map(is_finite, one))
        if not ok or any(n != int(n) or not 0 <= n < 2**53 for n in one[:4]):
            raise SettingError("edits", f"{rule}; got {shortened(one)}.")
    return [[*(float(int(n)) for n in one[:4]), float(one[4])] for one in value]


def is_finite(value: Any) -> bool:
    """Whether it is a finite number that float64 holds; True and False are none.

    Examples
    --------
    >>> is_finite(1.5), is_finite(10**400), is_finite(float("nan")), is_finite("1"), is_finite(True)
    (True, False, False, False, False)
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= sys.float_info.max


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "target": _target,
    "hidden": _hidden,
    "activation": _activation,
    "edits": _edits,
}


def setting_in(text: str) -> str:
    """Return the setting that an error of a lower room speaks of; "" if it names none.

    Examples
    --------
    >>> setting_in('loss "poisson" does not fit output "sigmoid"'), setting_in("`epochs` must be ...")
    ('loss', 'epochs')
    """
    words = {name: text.find(f"`{name}`") for name in NAMES} | {"activation": text.find('activation "')}
    found = {name: place for name, place in words.items() if place >= 0}
    if text.startswith("loss ") or "of loss" in text:
        return "loss"
    return min(found, key=lambda name: found[name]) if found else ""
