"""The files of the page: a list that is read once. No name that a request says reaches the file system."""

from __future__ import annotations

from pathlib import Path

from descend.errors import FileError

FOLDER = Path(__file__).parents[1] / "static"
KINDS = {
    "index.html": "text/html; charset=utf-8",
    "descend.js": "text/javascript; charset=utf-8",
    "descend.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "licences.md": "text/plain; charset=utf-8",
}


def page_files(folder: Path | None = None) -> dict[str, bytes]:
    """Return what the page is made of, by name.

    Parameters
    ----------
    folder : Path or None, default None
        Where they were built; None: where ``make front`` builds them.

    Raises
    ------
    FileError
        If one is not there, saying how to build them.
    """
    folder = folder or FOLDER
    lacking = [name for name in KINDS if not (folder / name).is_file()]
    if lacking:
        raise FileError(
            f"{folder}: the page of the playground is not built ({', '.join(lacking)} must be there). "
            "In a clone of descend, run: make front"
        )
    return {name: (folder / name).read_bytes() for name in KINDS}
