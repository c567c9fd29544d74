"""Install Chromium by apt where that is allowed, for the tests of the playground's page; say in a line what came of it.

Usage: ``python tools/install_browser.py``. The exit code is 0 also where there is none: those tests are skipped then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def found() -> str | None:
    """Return the path of a Chromium, or None.

    Examples
    --------
    >>> found() is None or os.path.isabs(found())
    True
    """
    return next(filter(None, map(shutil.which, NAMES)), None)


def apt() -> list[str]:
    """Return how apt is called here, or nothing if it may not be."""
    if shutil.which("apt-get") is None:
        return []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return ["apt-get"]
    may = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n", "apt-get"] if may and may.returncode == 0 else []


def main() -> int:
    """Install it if it is not there; return the exit code."""
    if not found() and (command := apt()):
        quiet = {"capture_output": True, "check": False, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run([*command, "update", "-qq"], **quiet)
        subprocess.run([*command, "install", "-y", "-qq", "--no-install-recommends", "chromium"], **quiet)
    how = "on Debian as root: apt-get install chromium"
    print(f"browser: {found() or f'none, so the tests in a browser will be skipped; {how}'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
