"""The user's browser, if there is one that does not take the terminal."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")  # one of these is set where a browser can be shown


def open_browser(address: str) -> None:
    """Open an address in the background; do nothing where there is no browser with windows.

    Parameters
    ----------
    address : str
        Can be read by everybody on this machine while the browser starts.
    """
    threading.Thread(target=_open, args=(address,), daemon=True).start()


def _open(address: str) -> None:
    if sys.platform not in ("win32", "darwin") and not any(os.environ.get(name) for name in SCREENS):
        return
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    of_the_terminal = type(browser) is webbrowser.GenericBrowser and not os.environ.get("BROWSER")
    if not of_the_terminal:
        browser.open(address)
