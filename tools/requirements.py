"""Print requirements of pyproject.toml, one a line, for a pip of any age (`--group` needs 25.1).

Usage: ``python tools/requirements.py NAME …``; a name is `project`, one of its extras, or a group.
"""

from __future__ import annotations

import re
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
    >>> requirements('[project]\nname = "a"\noptional-dependencies = {x = ["b"], y = ["a[x]", "c"]}', ["y"])
    ['b', 'c']
    """
    table = tomllib.loads(pyproject)
    project = table.get("project", {})
    known = {"project": project.get("dependencies", []), **project.get("optional-dependencies", {})}
    known |= table.get("dependency-groups", {})
    wanted = []
    for one in (one for name in names for one in known[name]):
        own = re.fullmatch(rf"{re.escape(project.get('name', ''))}\[(.+)\]", one)  # an extra that contains others
        wanted += requirements(pyproject, own[1].split(",")) if own else [one]
    return wanted


if __name__ == "__main__":
    print("\n".join(requirements(Path("pyproject.toml").read_text(encoding="utf-8"), sys.argv[1:])))
