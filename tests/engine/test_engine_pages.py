"""The programs of docs/engine show what they say, and the numbers of its pages are right."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "engine"
BLOCKS, LANES = ((DOCS / name).read_text(encoding="utf-8") for name in ("block-exact-sgd.md", "restart-lanes.md"))


def program(page: str) -> str:
    (found,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return found


def distances(code: str, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """How far apart the two runs of the program end, for each momentum."""
    exec(compile(code, "block-exact-sgd.md", "exec"), {})
    return {mu: float(apart) for mu, apart in re.findall(r"mu = (\S+): (\S+) apart", capsys.readouterr().out)}


def test_blocks_of_the_page_end_where_the_chain_ends(capsys):
    found = distances(program(BLOCKS), capsys)
    assert set(found) == {"0.0", "0.9"}
    assert max(found.values()) < 1e-12
    assert len([line for line in program(BLOCKS).splitlines() if line]) <= 40


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("@ d[:t]", "@ (0 * d[:t])"),  # a mini-batch in layer 0: every round of a block at its first weights
        ("coefficients(eta, 0, mu)", "coefficients(eta, lam, mu)"),  # bias rows decayed
        ("z[t] @ M.T", "z[t]"),  # outer products that are not decayed
        ("zo[t, :t, 0] * c**2", "0"),  # a Gram matrix without the bias node
    ],
)
def test_a_wrong_formula_in_the_program_is_seen(capsys, right, wrong):
    code = program(BLOCKS)
    assert code.count(right) == 1
    assert max(distances(code.replace(right, wrong), capsys).values()) > 1e-6


def test_numbers_of_the_cost_model_are_those_of_its_formulas():
    n_0, n_1, length, itemsize, slower = 784, 128, 24, 4, 4
    weights = n_0 * n_1

    def time(block: float) -> float:
        return 2 * weights + (n_0 + slower * n_1) * block / 2 + 3 * weights * itemsize / block

    best = math.sqrt(6 * weights * itemsize / (n_0 + slower * n_1))
    assert time(best) < min(time(best - 1), time(best + 1))
    text = " ".join(BLOCKS.replace("$", "").split())
    assert f"{100 * length / 4 * (1 / n_0 + 1 / n_1):.1f} % for {n_0}-{n_1} and B = {length}" in text
    assert f"r = {slower}, that is {best:.0f}." in text
    assert f"by this model B = {length} takes {100 * (time(length) / time(best) - 1):.0f} % longer" in text


def test_the_rule_of_the_page_is_that_of_the_engine():
    regime = (ROOT / "src" / "descend" / "engine" / "contract" / "regime.hpp").read_text(encoding="utf-8")
    least, length = re.search(r">= (\d+) \? (\d+) : 1;", regime).groups()
    assert f"blocks of {length} where W_0 takes at least {int(least) // 1024} KB" in " ".join(BLOCKS.split())


def test_a_restart_of_the_page_has_the_same_bits_alone(capsys):
    exec(compile(program(LANES), "restart-lanes.md", "exec"), {})
    assert capsys.readouterr().out == "True\n"


def test_the_picture_of_lanes_shows_what_the_page_says():
    tag = "{http://www.w3.org/2000/svg}"
    groups = {group.get("id"): group for group in ElementTree.parse(DOCS / "restart-lanes.svg").iter(f"{tag}g")}
    drawn = {name: [use.get("href") for use in group] for name, group in groups.items()}
    assert drawn == {"alone": ["#one"] * 5 + ["#idle"] * 11, "lanes": ["#full"] * 3 + ["#one"] + ["#full"] * 12}
