"""What is not followed: the error that a page is answered with."""

from __future__ import annotations

from descend.errors import DescendError


class SettingError(DescendError):
    """A message of the page that is not followed.

    Parameters
    ----------
    setting : str
        The setting that is wrong; "" if none is.
    text : str
        The rule, what was got, what to do.
    """

    def __init__(self, setting: str, text: str) -> None:
        super().__init__(text)
        self.setting = setting
