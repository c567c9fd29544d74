"""Dates as people of several countries write them: read where one order of day and month is the only one."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import DataError
from descend.tables.cells.dates import ANY_ORDER, orders_of, seconds_of
from descend.tables.columns.column import date_text
from descend.tables.convert import as_table


def column(values, **options):
    return as_table({"a": values}, **options).column("a")


@pytest.mark.parametrize(
    ("values", "days"),
    [
        (["15.04.2021", "1.2.2020"], ["2021-04-15", "2020-02-01"]),  # where dots stand, the day is first
        (["01.02.2021", "03.04.2021"], ["2021-02-01", "2021-04-03"]),
        (["15/04/2021", "03/04/2021"], ["2021-04-15", "2021-04-03"]),
        (["04/15/2021", "03/04/2021"], ["2021-04-15", "2021-03-04"]),
        (["15-04-2021", "3-4-2021"], ["2021-04-15", "2021-04-03"]),
        (["2021/04/15", "2021/4/3"], ["2021-04-15", "2021-04-03"]),
        (["2021.04.15", "2021.4.3"], ["2021-04-15", "2021-04-03"]),
        (["15 Apr 2021", "3 May 2021"], ["2021-04-15", "2021-05-03"]),
        (["15-Apr-2021", "3-Dec-1999"], ["2021-04-15", "1999-12-03"]),
        (["April 15, 2021", "May 3, 2021"], ["2021-04-15", "2021-05-03"]),
        (["15. März 2021", "3. Dezember 2021"], ["2021-03-15", "2021-12-03"]),
        (["15 février 2021", "3 août 2021"], ["2021-02-15", "2021-08-03"]),
        (["Thu, 15 Apr 2021", "Mon, 3 May 2021"], ["2021-04-15", "2021-05-03"]),
        (["15.04.21", "31.12.99"], ["2021-04-15", "1999-12-31"]),
        (["12/31/68", "1/15/69"], ["2068-12-31", "1969-01-15"]),
        (["15/04/2021 13:05", "16/04/2021 00:30:15"], ["2021-04-15T13:05:00", "2021-04-16T00:30:15"]),
        (["4/15/2021 1:05 PM", "4/16/2021 12:00 am"], ["2021-04-15T13:05:00", "2021-04-16"]),
        (["2021-04-15 10:00:00 +02:00", "2021-04-15T10:00:00Z"], ["2021-04-15T08:00:00", "2021-04-15T10:00:00"]),
        (["2021-04", "1999-12"], ["2021-04-01", "1999-12-01"]),
        (["Apr 2021", "May 2021"], ["2021-04-01", "2021-05-01"]),
    ],
)
def test_dates_with_one_possible_order_are_read(values, days):
    read = column(values)
    assert (read.kind, [read[0], read[1]]) == ("date", days)


@pytest.mark.parametrize("values", [["03/04/2021", "01/12/2020"], ["3-4-2021"], ["01/02/03", "04/05/06"]])
def test_where_two_orders_fit_the_user_is_asked(values):
    question = column(values).question
    short = len(values) == 2 and values[0].endswith("/03")  # a year of two digits may also come first
    first = "the day or the month or the year" if short else "the day or the month"
    assert f'"{values[0]}" in row 1 can be read with {first} first' in question
    assert f"--date-format dmy or mdy{' or ymd' if short else ''} (date_format= in Python)" in question
    assert [column(values, date_format=order)[0] for order in ("dmy", "mdy")] == [
        date_text(seconds_of(values[0], order)) for order in ("dmy", "mdy")
    ]
    assert column(values, types={"a": "category"}).question == ""


def test_one_cell_tells_for_the_whole_column():
    assert column(["03/04/2021"] * 50 + ["13/04/2021"])[0] == "2021-04-03"
    assert column(["03/04/2021"] * 50 + ["04/13/2021"])[0] == "2021-03-04"


@pytest.mark.parametrize(
    "values",
    [
        ["13/04/2021", "04/13/2021"],  # no order fits both
        ["30.02.2021", "01.02.2021"],
        ["2021-02-29"],
        ["2021-13-01"],
        ["15.04.2021", "soon"],
        ["15 Foo 2021"],
        ["1.2.3.4"],
    ],
)
def test_what_is_no_date_in_any_order_stays_text(values):
    assert column(values).kind == "category"


def test_a_note_shows_a_date_before_and_after():
    assert as_table({"a": ["04/15/2021", "03/04/2021"]}).notes == (
        'table: column "a" is read as dates: "04/15/2021" is 2021-04-15.',
    )
    assert as_table({"a": ["2021-04-15", ""]}).notes == ()


def test_a_column_that_is_nearly_dates_is_text_aloud():
    (note,) = as_table({"a": ["15.04.2021"] * 9 + ["soon"]}).notes
    assert note.startswith(
        'table: column "a" is read as text: "15.04.2021" looks like a date, but "soon" in row 10 is none.'
    )


@pytest.mark.parametrize(
    ("values", "asked", "day"),
    [
        (["15|04|2021"], "%d|%m|%Y", "2021-04-15"),
        (["03/04/2021"], "dd/mm/yyyy", "2021-04-03"),
        (["03/04/2021"], "MM/DD/YYYY", "2021-03-04"),
        (["2021-105"], "%Y-%j", "2021-04-15"),
    ],
)
def test_a_format_of_the_users_own_is_used(values, asked, day):
    read = column(values, date_format=asked)
    assert (read.kind, read[0]) == ("date", day)


def test_digits_are_dates_only_if_a_user_says_so():
    values = ["20210415", "20200201"]
    assert column(values).kind == "number"
    assert column(values, date_format="%Y%m%d")[0] == "2021-04-15"
    assert column(["112233", "445566"], date_format="%Y%m%d").kind == "number"
    assert column(values, date_format="%Y%m%d", types={"a": "date"})[0] == "2021-04-15"
    assert column(values, types={"a": "date"})[0] == "2021-04-15"


@pytest.mark.parametrize("asked", ["xyz", "", "ydm", "d"])
def test_a_format_that_cannot_be_is_refused(asked):
    with pytest.raises(DataError, match="`date_format` must be dmy, mdy, ymd, or a format such as"):
        column(["03/04/2021"], date_format=asked)


DAYS = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))


@given(DAYS, st.sampled_from("/.-"))
def test_a_day_is_found_in_every_order_that_it_is_written_in(day, mark):
    expected = (day - datetime.date(1970, 1, 1)).days * 86400.0
    for order in ("dmy", "mdy", "ymd"):
        parts = {"d": f"{day.day:02d}", "m": f"{day.month:02d}", "y": f"{day.year:04d}"}
        text = mark.join(parts[one] for one in order)
        orders = orders_of(text)
        if mark != "." or order != "mdy":  # with dots nobody puts the month first
            assert order in orders
            assert seconds_of(text, order) == expected
        assert orders == ANY_ORDER if order == "ymd" else orders <= {"dmy", "mdy"}


@given(st.text(st.sampled_from("0123456789-/.: TZaprPM+,"), max_size=24))
def test_any_text_is_a_date_or_none(text):
    for order in orders_of(text):
        assert isinstance(seconds_of(text, order), float)
