"""What a release says of itself is the same everywhere; what a missing extra says brings what it promises."""

import ast
import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

import descend
from descend import cli
from descend.errors import check_extra
from descend.exports.formats import FORMATS
from descend.play import start

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)


def requirements(extra):
    """Names of what an extra brings, those of the extras in it included."""
    spec = importlib.util.spec_from_file_location("tools_requirements", ROOT / "tools" / "requirements.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wanted = module.requirements((ROOT / "pyproject.toml").read_text(encoding="utf-8"), [extra])
    return {re.match(r"[\w-]+", one)[0].lower() for one in wanted}


def test_the_version_is_one_everywhere():
    cited = dict(re.findall(r"^(version|date-released): (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE))
    assert PROJECT["version"] == descend.__version__
    assert RELEASES[0] == (cited["version"], cited["date-released"]) == (descend.__version__, RELEASES[0][1])


def test_releases_stand_from_the_newest_to_the_oldest():
    versions = [tuple(map(int, version.split("."))) for version, _ in RELEASES]
    assert versions == sorted(versions, reverse=True)
    assert [date for _, date in RELEASES] == sorted((date for _, date in RELEASES), reverse=True)
    assert CHANGELOG.index("## [Unreleased]") < CHANGELOG.index(f"## [{RELEASES[0][0]}]")


def test_files_of_every_minor_version_are_kept_for_later_ones():
    kept = {path.name for path in (ROOT / "tests" / "data").glob("written-by-*")}
    assert kept == {f"written-by-{version.rpartition('.')[0]}" for version, _ in RELEASES}


def test_security_names_the_versions_that_are_mended():
    table = re.findall(
        r"^\| (\d+\.\d+) \| (yes|no)\b", (ROOT / "SECURITY.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    minors = [version.rpartition(".")[0] for version, _ in RELEASES]
    assert table == [(minor, "no" if k else "yes") for k, minor in enumerate(dict.fromkeys(minors))]


# ---------------------------------------------------------------- extras


def calls_of_check_extra():
    """(file, packages, extra) of each call; packages that have a name stand under it in the module."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check_extra":
                extra = [one.value for one in node.keywords if one.arg == "extra"]
                if extra and not isinstance(extra[0], ast.Constant):
                    continue  # it says what a table of formats does, which has a test of its own
                extra = [one.value for one in extra]
                packages = [one.value for one in node.args[1:] if isinstance(one, ast.Constant)]
                yield path.name, packages, extra[0] if extra else ""


CALLS = list(calls_of_check_extra())


def test_an_extra_that_an_error_names_brings_what_lacks():
    assert len(CALLS) >= 8
    for file, packages, extra in CALLS:
        if extra:
            assert extra in PROJECT["optional-dependencies"], file
            assert {one.lower() for one in packages} <= requirements(extra), file
    assert set(cli.NEEDED) <= requirements("cli")
    assert set(start.NEEDED) <= requirements("play")


def test_the_extra_of_a_format_brings_its_packages():
    needing = [form for form in FORMATS.values() if form.packages]
    assert needing
    for form in needing:
        assert {one.lower() for one in form.packages} <= requirements(form.extra), form.name


def test_extras_that_texts_name_are_there():
    texts = [
        path.read_text(encoding="utf-8") for path in (*(ROOT / "src").rglob("*.py"), *(ROOT / "docs").rglob("*.md"))
    ]
    named = set(re.findall(r"descend\[([a-z,]+)\]", "\n".join(texts)))
    assert {"play", "notebook", "plot"} <= named
    assert {one for names in named for one in names.split(",")} <= set(PROJECT["optional-dependencies"])


def test_all_is_all():
    others = set(PROJECT["optional-dependencies"]) - {"all"}
    assert requirements("all") == set.union(*(requirements(extra) for extra in others))


@pytest.mark.parametrize(("extra", "command"), [("plot", "'descend[plot]'"), ("", "no_such_package")])
def test_what_lacks_is_named_with_its_command(extra, command):
    with pytest.raises(descend.SpecError) as refused:
        check_extra("a figure", "sys", "no_such_package", extra=extra)
    assert str(refused.value) == f"a figure needs no_such_package; install it with: pip install {command}"
    assert "no_such_package" not in sys.modules
