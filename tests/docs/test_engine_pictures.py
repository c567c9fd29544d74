"""The pages on speed and their pictures say what was measured, and what the formulas give."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools" / "pictures"))

import engine_pictures as pictures
import themed_svg

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "engine"


def page(name):
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").replace("\n", " ")


def measured(name):
    return json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_the_file_shows_the_numbers_of_today(name):
    with themed_svg.style():
        made = pictures.PICTURES[name]()
    assert themed_svg.facts_in(FOLDER / f"{name}.svg") == made.facts, "run: python tools/pictures/engine_pictures.py"


def test_bars_are_as_long_as_what_they_say():
    with themed_svg.style():
        figure = pictures.block_costs().figure
    moved, arithmetic = [[bar.get_width() for bar in axes.patches] for axes in figure.axes]
    assert moved == [2 * 784 * 128, 3 * 784 * 128 / 24]
    assert arithmetic == [2 * 784 * 128, 2 * 784 * 128 + 12 * 784 + 12 * 128]
    growth = arithmetic[1] / arithmetic[0] - 1
    assert f"{100 * growth:.1f} %" in page("block-exact-sgd")


def test_what_the_story_says_of_time_was_measured():
    step = measured("sample-8")
    operations = step["details"]["flop_per_step"]
    assert "about 600 multiplications and as many additions" in page("index")
    assert operations / 2 == pytest.approx(600, rel=0.05)
    seconds = operations / (step["machine"]["sgemm_peak_gflops"] * 1e9)  # within a tenth of the multiply-adds' own
    assert "could do that in a few billionths of a second" in page("index")
    assert 2e-9 < seconds < 2e-8
    times = [line["theirs"] * 1e-6 / seconds for line in step["lines"] if line["against"] in pictures.RIVALS]
    assert "need a hundred times as long, or ten thousand times" in page("index")
    assert 60 < min(times) < 200
    assert 6000 < max(times) < 30000
    cores = [line["ratio"]["median"] for line in measured("cores")["lines"] if line["against"] == "one core"]
    assert "two cores do 1.7 to 2 times the work" in page("index")
    assert all(1.65 < ratio < 2.05 for ratio in cores)


def test_every_picture_has_its_place():
    shown = set(re.findall(r"\]\((\S+)\.svg\)", "".join(page(path.stem) for path in FOLDER.glob("*.md"))))
    assert shown == {*pictures.PICTURES, "restart-lanes"} == {path.stem for path in FOLDER.glob("*.svg")}


def test_order_of_additions_matters_as_the_page_says():
    assert (0.1 + 0.2) + 0.3 == 0.6000000000000001
    assert 0.1 + (0.2 + 0.3) == 0.6
    assert "# 0.6000000000000001" in page("index")
