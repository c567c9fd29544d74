"""What notebooks and rich's terminals show of a fitted estimator: scikit-learn's diagram, and what was learnt."""

from __future__ import annotations

from typing import Any

from sklearn import get_config
from sklearn.utils import estimator_html_repr

from descend.estimators.mlp.moment import as_it_is


class ShowsWhatWasLearnt:
    """A part of all estimators, before scikit-learn's own."""

    def _repr_html_inner(self) -> str:
        return _html(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:  # noqa: ARG002
        output = {"text/plain": repr(self)}
        if get_config()["display"] == "diagram":
            output["text/html"] = _html(self)
        return output

    def __rich__(self) -> Any:
        from descend.figures.seen import seen_estimator
        from descend.figures.terminal import rich_of

        return rich_of(seen_estimator(as_it_is(self))) if _is_fitted(self) else repr(self)


def _html(estimator: Any) -> str:
    diagram: str = estimator_html_repr(estimator)
    if not _is_fitted(estimator):
        return diagram
    from descend.figures.html import html_of
    from descend.figures.seen import seen_estimator

    return diagram + html_of(seen_estimator(as_it_is(estimator)))


def _is_fitted(estimator: Any) -> bool:
    fitted: bool = estimator.__sklearn_is_fitted__()
    return fitted
