"""Print requirements of pyproject.toml, one a line, for a pip of any age (`--group` needs 25.1).

Usage: ``python tools/requirements.py NAME …``; a name is `project`, one of its extras, or a group.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def requirements(pyproject: str, names: list[str]) -> list[str]:
    r"""Return what the package itself (`project`), its extras and the dependency groups of these names ask for.

    Examples
    --------
    >>> text = '[project]\ndependencies = ["numpy"]\n[dependency-groups]\ntest = ["pytest>=8"]'
    >>> requirements(text, ["project", "test"])
    ['numpy', 'pytest>=8']
    """
    table = tomllib.loads(pyproject)
    project = table.get("project", {})
    known = {"project": project.get("dependencies", []), **project.get("optional-dependencies", {})}
    known |= table.get("dependency-groups", {})
    return [one for name in names for one in known[name]]


if __name__ == "__main__":
    print("\n".join(requirements(Path("pyproject.toml").read_text(encoding="utf-8"), sys.argv[1:])))
