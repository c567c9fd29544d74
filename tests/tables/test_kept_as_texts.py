"""Whole numbers that a source with types keeps as texts: codes, whoever reads it; what estimators advise."""

import numpy as np
import pytest

import descend
from descend.estimators.tabular.rows import table_of
from descend.models.understand import understand
from descend.tables.cells.texts import Texts
from descend.tables.convert import as_table

pandas = pytest.importorskip("pandas")
N = 60


def frame(shop=("12", "7", "1002"), **others):
    return pandas.DataFrame({"shop": [shop[j % len(shop)] for j in range(N)], "x": np.arange(N) * 0.5, **others})


def kind(source, column="shop", target="y"):
    return understand(source, target).preprocessing.known_readings()[column].kind


def test_every_source_with_types_is_read_alike(tmp_path):
    import polars
    import pyarrow

    own = frame(y=np.arange(N) % 7 * 1.5)
    own.to_parquet(tmp_path / "t.parquet")
    own.to_feather(tmp_path / "t.feather")
    sources = (own, polars.from_pandas(own), pyarrow.Table.from_pandas(own), own.to_dict("list"), as_table(own))
    assert {kind(one) for one in sources} == {"category"}
    assert kind(tmp_path / "t.parquet") == kind(tmp_path / "t.feather") == "category"
    assert table_of(own[["shop", "x"]]).column("shop").kind == "category"


def test_sources_without_types_are_read_by_their_cells(tmp_path):
    own = frame(y=np.arange(N) % 7 * 1.5)
    own.to_csv(tmp_path / "t.csv", index=False)
    own.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    assert kind(tmp_path / "t.csv") == kind(tmp_path / "t.jsonl") == kind(own.to_dict("records")) == "number"


def test_where_all_inputs_are_texts_nothing_was_said_of_types(tmp_path):
    own = frame(y=np.arange(N) % 7 * 1.5).astype({"x": str})
    own.assign(empty=np.full(N, np.nan)).to_parquet(tmp_path / "t.parquet")
    assert kind(own) == kind(tmp_path / "t.parquet") == kind(own, "x") == "number"  # the target is no input
    assert table_of(own[["shop", "x"]]).column("shop").kind == "number"


def test_the_target_is_read_by_its_cells():
    own = frame(y=[str(j * 3 % 71) for j in range(N)])
    assert as_table(own).column("y").kind == "category"
    assert [understand(one, "y").task.kind for one in (own, as_table(own))] == ["regress", "regress"]
    assert kind(as_table(own)) == "category"
    assert len(as_table(own).notes) == 2
    assert not any('"y"' in note for note in understand(as_table(own), "y").notes)  # it holds no longer


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("12", "7", "NA"), "category"),
        (("12", "7", "unknown"), "category"),
        (("12", "-7", "9"), "number"),
        (("12", "7.5", "9"), "number"),
        (("2024-01-05", "2024-02-07"), "date"),
        (("$12", "$7"), "number"),
        ((12, "7", 9), "number"),  # of both types: nothing was said
    ],
)
def test_only_whole_numbers_are_codes(cells, expected):
    assert as_table(frame(cells)).column("shop").kind == expected


def test_many_texts_of_polars_are_looked_at_as_few_are():
    import polars

    def texts(*more):
        made = Texts.of_series(polars.Series([*map(str, range(3000)), None, "NA", *more]))
        return made.digits_only(), Texts.of(made.series.to_list()).digits_only()

    assert texts() == (True, True)
    assert texts("1e5") == texts("-4") == texts("0.5") == (False, False)


def test_a_user_is_told_and_has_the_last_word():
    table = as_table(frame())
    assert "are kept as texts" in table.notes[0]
    assert table.notes[0].endswith("--type shop=number reads numbers.")
    assert as_table(frame(), types={"shop": "number"}).column("shop").kind == "number"
    assert as_table(table, types={"shop": "number"}).column("shop").kind == "number"
    assert as_table(table.take(np.arange(9)), missing=["-"]).column("shop").kind == "category"


def test_estimators_advise_what_their_caller_can_do():
    own = frame(("1,234", "12,345"), zip=["00501", "02139", "10001"] * 20, size=["1", "2", "3", "XL"] * 15)
    table = table_of(own.assign(far=[-999, *range(N - 1)], number=np.arange(N)))
    told = [*table.notes, table.column("shop").question]
    assert len(told) == 4
    assert not any("--" in text for text in told)
    assert told[-1].endswith('Make numbers of the column, or make it categorical (`astype("category")`).')
    with pytest.raises(descend.DataError, match=r"tells which\. Make numbers of the column"):
        descend.TabularRegressor().fit(own[["shop"]], np.arange(N))
