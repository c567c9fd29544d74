"""How `TabularClassifier` answers: its threshold or costs, its mended probabilities, what these are worth."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse

from descend.describe.decisions import decided_words
from descend.describe.weights import NOT_PUT_BACK, PUT_BACK
from descend.estimators.mlp.soft import SoftLabels
from descend.estimators.tabular.prepare import Counted
from descend.estimators.tabular.targets import ClassTarget
from descend.models.blends.result import BlendTraining
from descend.models.decisions.choose import HeldOut, decide, decide_blindly
from descend.models.decisions.decision import Asked, Decision
from descend.models.sections import Sections
from descend.typing import Array


class Deciding:
    """Parameters `threshold`, `costs`, `prior_correction`; attributes `threshold_`, `decision_`, `calibration_`."""

    threshold: Any
    costs: Any
    prior_correction: Any
    class_weight: Any
    decision_: dict[str, Any] | None
    calibration_: dict[str, Any] | None

    _name: str
    _target: ClassTarget
    _sections: Sections

    @property
    def _asked(self) -> Asked:
        return Asked(self.threshold, self.costs, self.prior_correction)

    @property
    def threshold_(self) -> float | None:
        """From which probability of the second of two classes on it is answered; None if there are others."""
        sections = self.__dict__.get("_sections")
        if sections is None:
            raise AttributeError(f"{self._name}: threshold_ is there after `fit`.")
        if not self._target.single or len(self._target.classes.labels) != 2:
            return None
        chosen = None if sections.decision is None else sections.decision.threshold
        return 0.5 if chosen is None else float(chosen)

    def _check_asked(self, target: ClassTarget, y: Any) -> None:
        """Refuse what does not fit the classes that y has."""
        if isinstance(y, SoftLabels) and self.class_weight is not None:
            self._asked.check_none(self._name, "is for labels, where classes are weighted; y holds soft ones")
        elif target.single:
            self._asked.check_classes(_listed(target), self._name)
        else:
            self._asked.check_none(self._name, "is for one column of classes; y has several labels or columns")

    def _decided(self, counted: Counted, judged: Counted, training: BlendTraining) -> Decision | None:
        """Decide by rows that were not learnt; sets `decision_` and `calibration_`."""
        self.decision_ = self.calibration_ = None
        if not self._target.single or (self.class_weight is not None and isinstance(counted.y, SoftLabels)):
            return None
        class_weights = None if self.class_weight is None else _class_weights(counted)
        self._asked.check_weights(class_weights, _listed(self._target), self._name)
        there = np.isfinite(training.outputs).all(axis=1)
        if not there.any():
            return _unless_plain(decide_blindly(self._asked, class_weights))
        weight = np.ones(len(judged.Y)) if judged.own_weight is None else judged.own_weight
        probability = np.asarray(self._target.answers(training.outputs[there]), dtype=np.float64)
        shares = judged.Y[there].astype(np.float64)
        held = HeldOut.of_shares(probability, shares, weight[there], training.fold[there])
        decided = decide(held, self._asked, class_weights)
        told = decided.to_dict()
        self.decision_, self.calibration_ = told["decision"], told["calibration"]
        return _unless_plain(decided.decision)

    def _shown(self, outputs: Array) -> Any:
        """Probabilities as users see them, of the outputs of a blend; for several columns a list."""
        found = self._target.answers(outputs)
        decision = self._sections.decision
        return found if decision is None else decision.probabilities(found)

    def _answered(self, outputs: Array) -> Any:
        """Labels, of the outputs of a blend."""
        decision = self._sections.decision
        if decision is None:
            return self._target.decode(outputs)
        places = decision.places(decision.probabilities(self._target.answers(outputs)))
        return self._target.classes.labels[places]

    def _notes_of_answers(self) -> tuple[str, ...]:
        """What should be known of answers and probabilities, beyond the obvious."""
        scores = {"decision": self.decision_, "calibration": self.calibration_}
        words = decided_words(scores, _listed(self._target))
        if self.class_weight is not None:
            undo = f"{NOT_PUT_BACK} `prior_correction` puts them back."
            words.append(PUT_BACK if self.prior_correction else undo)
        return tuple(words)


def _listed(target: ClassTarget) -> list[str]:
    return [str(one) for one in np.asarray(target.classes.labels).tolist()] if target.single else []


def _unless_plain(decision: Decision) -> Decision | None:
    return None if decision == Decision() else decision


def _class_weights(counted: Counted) -> tuple[float, ...]:
    """What a row of each class counted because of its class; 0 if no row did."""
    assert not issparse(counted.Y)
    weight = np.ones(len(counted.Y)) if counted.weight is None else counted.weight
    by_class = weight if counted.own_weight is None else weight / counted.own_weight
    truth = counted.Y.argmax(axis=1)
    first = [np.flatnonzero(truth == k)[:1] for k in range(counted.Y.shape[1])]
    return tuple(float(by_class[rows[0]]) if len(rows) else 0.0 for rows in first)
