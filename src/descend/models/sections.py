"""What a model keeps besides its networks, each part optional: sections of a model file.

A file of before a section was thought of has none, and is read all the same; what needs the section then says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descend.errors import DescendError
from descend.files.container import DAMAGED, refuse
from descend.models.decisions.decision import Decision, decision_from
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries import file as summary_file
from descend.preprocessing.summaries.columns import NumberSummary
from descend.preprocessing.summaries.table import TableSummary, summarise
from descend.preprocessing.transform import Preprocessing
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend
    from descend.models.uncertainty.calibrate import Uncertainty

NAMES = ("summary", "uncertainty", "decision")


@dataclass(frozen=True, eq=False)
class Sections:
    """What a model keeps besides its networks.

    Parameters
    ----------
    summary : TableSummary or None
        The training rows in short.
    uncertainty : NumberUncertainty, ClassUncertainty or None
        What residuals say of new rows.
    decision : Decision or None
        Which class is answered, and how probabilities are mended; None: the likeliest, and they are not.
    """

    summary: TableSummary | None = None
    uncertainty: Uncertainty | None = None
    decision: Decision | None = None


def make_sections(
    inputs: Inputs, uncertainty: Uncertainty | None = None, answers: tuple[NumberSummary, ...] = ()
) -> Sections:
    """Return what is kept of a training.

    Parameters
    ----------
    inputs : Inputs
        The columns of the rows that were learnt.
    uncertainty : NumberUncertainty, ClassUncertainty or None
        What residuals say of new rows.
    answers : tuple of NumberSummary
        What was predicted for rows that had not been learnt.
    """
    return Sections(replace(summarise(inputs), answers=answers), uncertainty)


def section_parts(sections: Sections) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the fields of a document and the tensors of a file that hold sections."""
    fields: dict[str, Any] = dict.fromkeys(NAMES)
    tensors: dict[str, Array] = {}
    for name, write in (("summary", summary_file.summary_parts), ("uncertainty", _uncertainty_parts)):
        kept = getattr(sections, name)
        if kept is not None:
            fields[name], own = write(kept)
            tensors |= own
    if sections.decision is not None:
        fields["decision"] = sections.decision.to_dict()
    return fields, tensors


def _uncertainty_parts(kept: Uncertainty) -> tuple[dict[str, Any], dict[str, Array]]:
    from descend.models.uncertainty.file import uncertainty_parts

    return uncertainty_parts(kept)


def sections_from_parts(
    document: Mapping[str, Any],
    tensors: Mapping[str, Array],
    columns: Preprocessing,
    path: str | Path,
    numbers: int,
    blend: Blend | None = None,
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
    numbers : int
        How many numbers the model predicts; 0: classes.
    blend : Blend or None, default None
        Of the file.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    kinds = {one.name: one.kind for one in columns.encoders}
    parts = {name: document.get(name) for name in NAMES}
    own: list[str] = []
    summary, uncertainty, decision = None, None, None
    try:
        if parts["summary"] is not None:
            summary = summary_file.summary_from_parts(parts["summary"], tensors, kinds)
            own += summary_file.TENSORS
        if parts["uncertainty"] is not None:
            from descend.models.uncertainty.file import uncertainty_from_parts

            folds = frozenset() if blend is None else frozenset(net.place.fold for net in blend.nets)
            uncertainty, names = uncertainty_from_parts(parts["uncertainty"], tensors, numbers, folds)
            own += names
        if parts["decision"] is not None:
            decision = decision_from(parts["decision"])
    except DescendError as error:
        refuse(path, f"{error} {DAMAGED}", error)
    return Sections(summary, uncertainty, decision), own
