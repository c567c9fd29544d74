"""The page on how a table is read is made from what the program prints; its examples are run here."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tool():
    path = ROOT / "tools" / "write_reading_page.py"
    spec = importlib.util.spec_from_file_location("write_reading_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_the_program_prints():
    made = tool()
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run: python tools/write_reading_page.py"
