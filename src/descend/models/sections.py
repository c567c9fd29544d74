"""What a model keeps besides its networks, each part optional: sections of a model file.

A file of before a section was thought of has none, and is read all the same; what needs the section then says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.errors import DescendError
from descend.files.container import DAMAGED, refuse
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries import file as summary_file
from descend.preprocessing.summaries.table import TableSummary, summarise
from descend.preprocessing.transform import Preprocessing
from descend.typing import Array

NAMES = ("summary",)


@dataclass(frozen=True, eq=False)
class Sections:
    """What a model keeps besides its networks.

    Parameters
    ----------
    summary : TableSummary or None
        The training rows in short.
    """

    summary: TableSummary | None = None


def make_sections(inputs: Inputs) -> Sections:
    """Return what is kept of a training.

    Parameters
    ----------
    inputs : Inputs
        The columns of the rows that were learnt.
    """
    return Sections(summarise(inputs))


def section_parts(sections: Sections) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the fields of a document and the tensors of a file that hold sections."""
    if sections.summary is None:
        return {"summary": None}, {}
    parts, tensors = summary_file.summary_parts(sections.summary)
    return {"summary": parts}, tensors


def sections_from_parts(
    document: Mapping[str, Any], tensors: Mapping[str, Array], columns: Preprocessing, path: str | Path
) -> tuple[Sections, list[str]]:
    """Return the sections of a file, and the names of their tensors.

    Parameters
    ----------
    document : mapping
        Of the file; a section is a field, null or absent if there is none.
    tensors : mapping of str to ndarray
        All tensors of the file.
    columns : Preprocessing
        Of the file; it says which inputs there are.
    path : str or Path
        For messages.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    kinds = {one.name: one.kind for one in columns.encoders}
    parts = document.get("summary")
    if parts is None:
        return Sections(), []
    try:
        return Sections(summary_file.summary_from_parts(parts, tensors, kinds)), list(summary_file.TENSORS)
    except DescendError as error:
        refuse(path, f"{error} {DAMAGED}", error)
