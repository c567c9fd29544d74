"""Print the lower bounds of pyproject.toml as exact pins: the oldest versions that `make compat` tests with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

# what the oldest versions need of packages that we do not name ourselves
COMPANIONS = (
    "scipy<1.16",  # scikit-learn 1.6 passes options that newer ones deprecate
    "pyparsing<3.3",  # matplotlib 3.8 calls functions by names that newer ones deprecate
)


def lower_bounds(pyproject: str) -> list[str]:
    r"""Return ``name==version`` for each requirement ``name>=version`` of the library, its extras and the tests.

    Examples
    --------
    >>> lower_bounds('[project]\ndependencies = ["numpy>=1.26"]\noptional-dependencies = {cli = ["rich>=13.7"]}')
    ['numpy==1.26', 'rich==13.7']
    """
    project = tomllib.loads(pyproject)
    extras = project["project"]["optional-dependencies"]
    wanted = [*project["project"]["dependencies"], *(one for extra in extras.values() for one in extra)]
    wanted += project.get("dependency-groups", {}).get("test", [])
    return [f"{m[1]}=={m[2]}" for m in (re.fullmatch(r"([\w.-]+)>=([\w.]+)", one) for one in wanted) if m]


if __name__ == "__main__":
    print("\n".join([*lower_bounds(Path("pyproject.toml").read_text(encoding="utf-8")), *COMPANIONS]))
