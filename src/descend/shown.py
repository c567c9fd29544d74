"""`Shown`: objects that notebooks and rich's terminals show in more than one line; figures/ says how."""

from __future__ import annotations

from typing import Any

from descend.registry import find


class Shown:
    """What notebooks ask of an object (`_repr_html_`), and what rich asks (`__rich__`)."""

    def _repr_html_(self) -> str:
        found: str = find("shown.html")(self)
        return found

    def __rich__(self) -> Any:
        return find("shown.rich")(self)
