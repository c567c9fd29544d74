"""A record by the plan, and the same cells as a table: the same bits, the same warnings, the same errors."""

import copy
import datetime
import pickle
import threading
import warnings
from collections import OrderedDict, defaultdict
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from awkward import THEMES, records
from descend.errors import DataError
from descend.preprocessing.encoders.plain import NumberEncoder
from descend.preprocessing.records import FEW, RecordPlan, check_names_there
from descend.preprocessing.roles import assign_roles
from descend.preprocessing.transform import Preprocessing, fit_preprocessing
from descend.tables.cells.reading import Reading
from descend.tables.convert import as_table

ROWS = 24
DAY = datetime.datetime(2024, 2, 29, 13, 5, 7, 250_000)
COLUMNS = {
    "mass": [None if i % 7 == 0 else i / 8 for i in range(ROWS)],
    "price": ["1.234,5", "-3,25", "7", "-", "1.000.000"] * 4 + ["12,5"] * 4,
    "open": [True, False, None] * 8,
    "truth": ["yes", "no"] * 12,
    "kind": ["low", "middle", "high", None] * 6,
    "two": ["x", "y"] * 12,
    "zip": ["0123", "0007", "00501"] * 8,
    "grade": ["1", "2", "A", "2.50"] * 6,
    "day": [DAY + datetime.timedelta(days=40 * i, hours=i) if i else None for i in range(ROWS)],
    "written": [f"{1 + i}.0{1 + i % 9}.2021" for i in range(ROWS)],
    "compact": [str(20240101 + i) for i in range(ROWS)],
    "age": [-999 if i % 5 == 0 else i for i in range(ROWS)],
    "y": [i * 1.5 for i in range(ROWS)],
}
OPTIONS = {"missing": ("-", "-999"), "date_format": "%Y%m%d", "types": {"compact": "date", "zip": "category"}}
NUMPY = [
    np.float64(0.1),
    np.float32(0.1),
    np.float16(2.5),
    np.int8(3),
    np.int64(2**53),
    np.uint64(2**60),
    np.bool_(True),
]
TYPED = [0.0, -0.0, 1.5, -999.0, 1e-310, 1.7e308, -1.7e308, float("nan"), float("inf"), float("-inf")]
TYPED += [0, 1, 2, 7, 123, 501, -999, 20240229, 2**53, 2**53 + 1, 10**400, True, False, None, Decimal("2.50")]
TIMES = [DAY, DAY.date(), DAY.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2))), datetime.time(10, 30)]
TIMES += [np.datetime64("2024-02-29"), np.datetime64("NaT"), np.timedelta64(90, "s"), datetime.timedelta(hours=1)]
TIMES += [datetime.datetime.max.replace(tzinfo=datetime.timezone(-datetime.timedelta(hours=14))), datetime.date.min]
TIMES += [np.datetime64("2024-02-29T10:30:01.123456789"), np.datetime64("2024"), np.datetime64(10**12, "Y")]
PANDAS = [pd.Timestamp(DAY), pd.NaT, pd.NA, pd.Timedelta(5, "s"), np.str_("high"), np.str_(" 2,50 "), np.str_("")]
PANDAS += [pd.Timestamp(DAY, tz="Asia/Tokyo"), pd.Timestamp(1, unit="ns"), pd.Timestamp.min, pd.Period("2024-02", "M")]
STRANGE = [b"low", [1], (), {"a": 1}, 1j, object, np.array(1.5), np.array([1.5])]
TEXTS = [
    "low",
    " high\u2003",
    "unseen",
    "",
    " ",
    "NA",
    "-",
    "nan",
    "None",
    "x",
    "TRUE",
    "1,5",
    "1.5",
    "1e3",
    "inf",
    "-0",
]
TEXTS += ["29.02.2024", "2024-02-29T13:05:07.25+01:00", "20240229", "0123", "123", "2.50", "2.5", "A", "\x00", "heavy"]
CELLS = st.one_of(
    st.sampled_from([*NUMPY, *TYPED, *TIMES, *PANDAS, *STRANGE, *TEXTS]),
    st.sampled_from(THEMES).flatmap(st.sampled_from),
    st.floats(),
    st.integers(),
    st.text(max_size=6),
    st.datetimes(),
)


def fitted(columns=COLUMNS, **options) -> Preprocessing:
    table = as_table(columns, **options)
    return fit_preprocessing(table, assign_roles(table, "y"))


@pytest.fixture(scope="module")
def prep() -> Preprocessing:
    made = fitted(**OPTIONS)
    assert set(made.input_names) == set(COLUMNS) - {"y"}
    return made


def by_table(prep, source, dtype=np.float64):
    """Inputs of the network, or the error; with what was said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            X, notes = prep.transform(prep.table_of(source, with_target=False), dtype=dtype)
        except DataError as error:
            return str(error)
    return X.tobytes(), notes


def check_alike(prep, record):
    """The plan does what a table of one row gives without a word, or leaves the record alone."""
    expected = by_table(prep, {name: [cell] for name, cell in record.items()})
    X = prep.record_plan.encode(record, np.float64)
    if X is not None:
        assert (X.tobytes(), ()) == expected
    elif not any(isinstance(cell, list | tuple | dict | np.ndarray) for cell in record.values()):
        assert by_table(prep, record) == (
            expected.replace("table:", "record:") if isinstance(expected, str) else expected
        )


# ---------------------------------------------------------------- the same as a table


def test_every_row_of_training_goes_by_the_plan_with_the_bits_of_the_table(prep):
    rows = [{name: cell for name, cell in one.items() if name != "y"} for one in records(COLUMNS)]
    whole, _ = prep.transform(prep.table_of(COLUMNS), dtype=np.float32)
    alone = [prep.record_plan.encode(row, np.float32) for row in rows]
    assert np.concatenate(alone).tobytes() == whole.tobytes()
    assert prep.record_plan.encode(rows, np.float32).tobytes() == whole.tobytes()
    assert (
        by_table(prep, rows * (FEW // ROWS + 1))[0][: whole.size * 8] == prep.record_plan.encode(rows, float).tobytes()
    )


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(("mass", cell) for cell in (1, 2.5, True, None, "3.5", "NA", np.float32(0.1), np.int16(3), float("nan"))),
        *(("price", cell) for cell in ("1.234,5", "-", -999, -999.0, 4, "")),
        *(("open", cell) for cell in (True, np.bool_(False), 1, 0.0, "yes", "FALSE", None)),
        *(("kind", cell) for cell in ("low", " high", None, "", "?")),
        *(("two", cell) for cell in ("x", "y", None)),
        *(("zip", cell) for cell in (123, 501.0, "0007")),
        *(("grade", cell) for cell in (1, 2.5, "2.50", "A")),
        *(("day", cell) for cell in (DAY, DAY.date(), "2024-02-29", None, np.datetime64("2024-02-29"))),
        *(("day", cell) for cell in (pd.Timestamp(DAY), pd.Timestamp(DAY, tz="UTC"), pd.NaT, np.datetime64("NaT"))),
        *(("kind", cell) for cell in (np.str_("low"), pd.NA)),
        *(("compact", cell) for cell in (20240229, "20240229", DAY)),
        *(("age", cell) for cell in (-999, -999.0, "-999", 7)),
    ],
)
def test_common_cells_go_by_the_plan(prep, name, cell):
    record = records(COLUMNS)[1] | {name: cell}
    assert prep.record_plan.encode(record, np.float32) is not None
    check_alike(prep, record)


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "y"])
def test_any_cell_is_read_as_in_a_table_of_one_row(prep, name):
    for cell in [*NUMPY, *TYPED, *TIMES, *PANDAS, *STRANGE, *TEXTS]:
        check_alike(prep, records(COLUMNS)[1] | {name: cell})


@settings(max_examples=100)
@given(data=st.data())
def test_records_of_any_cells_are_read_as_tables_of_one_row(data, prep):
    record = records(COLUMNS)[data.draw(st.integers(0, ROWS - 1))]
    names = data.draw(st.lists(st.sampled_from(prep.input_names), max_size=3))
    check_alike(prep, record | {name: data.draw(CELLS) for name in names})


@pytest.mark.long
@settings(max_examples=5000, derandomize=False)
@given(data=st.data())
def test_many_records_of_any_cells_are_read_as_tables_of_one_row(data, prep):
    name = data.draw(st.sampled_from(prep.input_names))
    check_alike(prep, records(COLUMNS)[1] | {name: data.draw(CELLS)})


@settings(max_examples=100)
@given(value=st.floats(allow_nan=False, allow_infinity=False), center=st.floats(-1e308, 1e308))
@example(value=-0.0, center=0.0)
@example(value=1.7e308, center=-1e308)
@example(value=1e-310, center=3e-310)
@pytest.mark.parametrize("scale", [5e-324, 1e-300, 0.3, 7.0, 1.7e308])
def test_one_scaled_number_has_the_bits_of_many(scale, value, center):
    plan = RecordPlan([NumberEncoder("a", center, scale, False)], {"a": Reading("number")}, {})
    X = plan.encode({"a": value}, np.float64)
    if X is None:
        assert scale == 5e-324
        return
    prep = Preprocessing((NumberEncoder("a", center, scale, False),), "y", None)
    assert X.tobytes() == prep.transform(as_table({"a": [value] * 9}))[0][:1].tobytes()


def test_whole_numbers_that_float64_cannot_hold_are_told_apart():
    levels = ["9007199254740993", "9007199254740992", "A"]
    prep = fitted({"code": levels * 3, "y": [i * 1.5 for i in range(9)]})
    for cell, place in ((2**53 + 1, 1), (2**53, 0), ("A", 2)):
        check_alike(prep, {"code": cell})
        assert by_table(prep, {"code": cell}) == (np.eye(3)[place].tobytes(), ())


# ---------------------------------------------------------------- what is refused


def refusal(prep, source) -> str:
    found = by_table(prep, source)
    assert isinstance(found, str)
    return found


@pytest.fixture(scope="module")
def small() -> Preprocessing:
    return fitted(
        {
            "mass": [1.5, 2.0, 4.0, 8.0] * 2,
            "colour": ["red", "blue", "green", "red"] * 2,
            "y": [i * 1.5 for i in range(8)],
        }
    )


def test_names_that_lack_are_refused_all_at_once_with_the_closest(small):
    assert refusal(small, {"mas": 1.5}) == (
        "record: 2 problems:\n"
        '  - the model needs "mass", which is absent. Did you mean "mas"?\n'
        '  - the model needs "colour", which is absent. Add it; None is missing.'
    )
    rows = [{"mass": 1.5, "colour": "red"}, {"mass": 1.5, "color": "red"}, {"colour": None}, {"color": "red"}]
    assert refusal(small, rows) == (
        "records: 2 problems:\n"
        '  - the model needs "mass" in every row; it is absent in rows 3, 4. Add it; None is missing.\n'
        '  - the model needs "colour" in every row; it is absent in rows 2, 4. Did you mean "color"?'
    )
    assert refusal(small, rows * FEW).startswith("records: 2 problems:\n")


def test_wrong_cells_are_refused_with_name_row_and_remedy(small):
    good, remedy = {"mass": 1.5, "colour": "red"}, "Correct the cell, or leave it empty (missing)."
    must = f'must be numbers, as in training; got "heavy". {remedy}'
    assert refusal(small, good | {"mass": "heavy"}) == f'record: column "mass", row 1: {must}'
    assert refusal(small, [good, good | {"mass": "heavy"}]) == f'records: column "mass", row 2: {must}'
    finite = f'column "mass", row 1: numbers must be finite; got inf. {remedy}'
    assert refusal(small, good | {"mass": float("inf")}) == f"record: {finite}"


@pytest.mark.parametrize("columns", [[1.5], (1.5,), np.array([1.5]), pd.Series([1.5]), range(1)])
def test_a_mapping_of_columns_and_cells_is_refused(small, columns):
    expected = (
        "table: a mapping must hold a column under every name, or one cell under every name (a record); got a column, "
        f'{type(columns).__name__}, under "mass" and a cell, str, under "colour". Make a column of each cell, or leave '
        "the others out."
    )
    assert refusal(small, {"mass": columns, "colour": "red"}) == expected
    with pytest.raises(DataError) as caught:
        as_table({"mass": columns, "colour": "red"})
    assert str(caught.value) == expected


def test_what_stands_under_other_names_is_not_looked_at(small):
    record = {"mass": 1.5, "colour": "red", "tags": ["a", "b"], "size": {"w": 1}, 7: object()}
    plain = {"mass": 1.5, "colour": "red"}
    assert by_table(small, record) == by_table(small, plain) == by_table(small, OrderedDict(record))
    assert by_table(small, [record, plain]) == by_table(small, [plain, plain])
    assert by_table(small, {"mass": [1.5], "colour": ["red"], "note": "new"}) == by_table(small, plain)


def test_unseen_categories_are_told_as_in_a_table(small):
    (_, notes), table = by_table(small, {"mass": 1.5, "colour": "pink"}), {"mass": [1.5], "colour": ["pink"]}
    assert (
        notes
        == by_table(small, table)[1]
        == ('column "colour": 1 cell with an unknown category ("pink") treated as missing',)
    )


def test_no_record_is_no_row(small):
    assert by_table(small, []) == (b"", ())


# ---------------------------------------------------------------- the plan itself


def test_a_mapping_that_makes_up_what_is_asked_for_is_not_asked(small):
    record = defaultdict(float, colour="red")
    assert 'needs "mass"' in refusal(small, record)
    assert small.record_plan.encode(record, float) is None
    assert dict(record) == {"colour": "red"}


def test_an_encoder_without_a_short_way_is_given_a_column_of_one_cell(prep):
    class Long:
        def __init__(self, encoder):
            self.name, self.kind, self.feature_names = encoder.name, encoder.kind, encoder.feature_names
            self.encode = encoder.encode

    plan = RecordPlan([Long(encoder) for encoder in prep.encoders], prep.known_readings(), prep.levels)
    rows = records(COLUMNS)
    assert plan.encode(rows, np.float32).tobytes() == prep.record_plan.encode(rows, np.float32).tobytes()
    assert plan.encode(rows[1] | {"kind": "unseen"}, np.float32) is None


def test_names_are_read_as_texts():
    prep = fitted({0: [1.5, 2.0, 4.0, 8.0] * 2, "y": [i * 1.5 for i in range(8)]})
    assert by_table(prep, {0: 2.0}) == by_table(prep, {"0": 2.0}) == by_table(prep, [{0: 2.0}])
    with pytest.raises(DataError, match='"0" is the name of columns 1 and 2'):
        prep.table_of([{"0": 1.5}, {0: 1.5, "0": 2.5}])


def test_the_plan_is_made_once_and_neither_pickled_nor_compared(small):
    assert small.record_plan is small.record_plan
    for again in (pickle.loads(pickle.dumps(small)), copy.copy(small), copy.deepcopy(small)):
        assert "record_plan" not in vars(again)
        assert again == small
        assert by_table(again, {"mass": 2.0, "colour": "red"}) == by_table(small, {"mass": 2.0, "colour": "red"})


def test_threads_share_a_plan(prep):
    rows = [row | {"mass": k / 7} for k, row in enumerate(records(COLUMNS) * 5)]
    fresh, start = copy.copy(prep), threading.Barrier(4)
    found = {}

    def work(number):
        start.wait()
        found[number] = [fresh.record_plan.encode(row, np.float32).tobytes() for row in rows]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = [prep.record_plan.encode(row, np.float32).tobytes() for row in rows]
    assert [found[number] for number in range(4)] == [alone] * 4


def test_the_name_that_is_proposed_is_none_that_is_needed_too():
    with pytest.raises(DataError, match=r'needs "num", which is absent\. Did you mean "nmu"'):
        check_names_there({"nmu": 1.0, "num2": 2.0}, ["num", "num2"])
    with pytest.raises(DataError, match=r'needs "num", which is absent\. Add it; None is missing'):
        check_names_there({"num2": 2.0}, ["num", "num2"])
