"""A real terminal for tests: commands are run on a pseudo-terminal, and what they wrote there is returned."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

# colours and movements of the cursor that rich writes; neither clears the screen nor sets a title
OWN = re.compile(r"\x1b\[(?:\d+(?:;\d+)*)?m|\x1b\[\d+[A-D]|\x1b\[[012]?K|\x1b\[\?25[lh]")

DRIVER = """
import json, sys
from descend.cli import main
codes = []
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as left:
        codes.append(left.code)
open("codes.json", "w").write(json.dumps(codes))
"""


def on_terminal(*commands: Sequence[object], folder: Path) -> tuple[list[int], str]:
    """Run ``descend`` with each of `commands` on one pseudo-terminal: the exit codes, and what reached the screen."""
    import pty

    words = json.dumps([[str(word) for word in command] for command in commands])
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        settings = {"TERM": "xterm", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
        os.execve(sys.executable, [sys.executable, "-c", DRIVER, words], os.environ | settings)
    read = b""
    with contextlib.suppress(OSError):  # EIO: nobody has the terminal any more
        while piece := os.read(terminal, 65536):
            read += piece
    os.close(terminal)
    os.waitpid(pid, 0)
    return json.loads((folder / "codes.json").read_text()), read.decode("utf-8", "surrogateescape")


def obeyed(screen: str) -> set[str]:
    """Signs on a screen that a terminal obeys, or that nobody sees, other than line breaks and the program's own."""
    return {sign for sign in OWN.sub("", screen) if not sign.isprintable() and sign not in "\r\n"}
