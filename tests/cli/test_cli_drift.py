"""``descend drift`` and ``predict --strict``: what differs is said; nothing is written if it must not."""

from pathlib import Path

import pytest

from command_line import PENGUINS, numbers_model, numbers_table, penguins_model, run


@pytest.fixture
def renamed(tmp_path):
    table = tmp_path / "new.csv"
    table.write_text(Path(PENGUINS).read_text(encoding="utf-8").replace("Torgersen", "Atlantis"), encoding="utf-8")
    return table


def test_what_differs_has_a_star_and_a_sentence(renamed):
    shown = run("drift", penguins_model(), renamed)
    assert (shown.code, shown.err) == (0, "")
    assert 'column "island": "Torgersen" seems to be called "Atlantis" now' in shown.out
    assert [line.split()[1] for line in shown.out.splitlines() if line.startswith("*")] == ["island"]
    assert "AUC of a linear classifier 0." in shown.out


@pytest.mark.parametrize(("model", "table"), [(penguins_model, lambda: PENGUINS), (numbers_model, numbers_table)])
def test_the_training_rows_do_not_differ_from_themselves(model, table):
    shown = run("drift", model(), table())
    assert shown.code == 0
    assert "none differs" in shown.out
    assert not [line for line in shown.out.splitlines() if line.startswith("*")]


def test_why_all_together_may_be_calm_is_said_where_it_is(tmp_path):
    rows = [line.split(",") for line in Path(PENGUINS).read_text(encoding="utf-8").splitlines()]
    place = rows[0].index("body_mass_g")
    for row in rows[1::2]:
        row[place] = "4050"  # the median
    table = tmp_path / "new.csv"
    table.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    shown = run("drift", penguins_model(), table)
    calm = "All together do not differ though 1 column differs: there the means of"
    assert [line.split()[1] for line in shown.out.splitlines() if line.startswith("*")] == ["body_mass_g"]
    assert calm in shown.out
    same = run("drift", penguins_model(), PENGUINS).out
    assert "All together do not differ" not in same
    for out in (same, shown.out):
        assert "Now, before: the median of a number or a date" in out


def test_strict_writes_nothing_if_the_table_differs_and_else_what_is_written_without_it(renamed, tmp_path):
    failed = run("predict", penguins_model(), renamed, "--strict", "-o", tmp_path / "out.csv")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith(
        f'Error: {renamed}: 1 column differs from the training rows: "island" ("Torgersen" seems'
    )
    assert len(failed.err.splitlines()) == 1
    assert not (tmp_path / "out.csv").exists()
    strict, plain = (run("predict", penguins_model(), PENGUINS, *more) for more in (("--strict",), ()))
    assert (strict.code, strict.out, strict.err) == (0, plain.out, "")
