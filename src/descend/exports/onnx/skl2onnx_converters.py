"""Our estimators in pipelines that skl2onnx converts: their operations instead of a converter of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import SpecError, check_extra
from descend.exports.fitted import described
from descend.exports.onnx.answers import label_dtype
from descend.exports.onnx.blend import outputs_type
from descend.exports.onnx.build import Values, operations
from descend.exports.onnx.graph import DOUBLE, FLOAT, INT64, LEAST_OPSET, ML, ML_OPSET, STRING, Graph

if TYPE_CHECKING:
    from descend.exports.described import Described

OPTIONS = {"zipmap": [True, False, "columns"], "output_class_labels": [False, True], "nocl": [False]}


def register_with_skl2onnx() -> None:
    """Tell skl2onnx how our estimators are converted, so that pipelines around them can be; to be called once.

    `skl2onnx.to_onnx` and `skl2onnx.convert_sklearn` then take pipelines that hold a `MLPClassifier`, `MLPRegressor`,
    `TabularClassifier` or `TabularRegressor` of descend, with the outputs and options (such as ``zipmap``) that they
    have for classifiers and regressors of scikit-learn. A network computes in its own type, float32 or float64; the
    steps before it compute in the type of the inputs. `target_opset` must be 17 or more. An estimator for tables is
    given one matrix, or one input for each column.

    Raises
    ------
    SpecError
        If skl2onnx is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skl2onnx import to_onnx
    >>> import descend
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> net = descend.MLPRegressor((8,), solver="lbfgs", max_iter=2000, random_state=0)
    >>> model = make_pipeline(StandardScaler(), net).fit(X, X[:, 0])
    >>> descend.register_with_skl2onnx()
    >>> file = to_onnx(model, X[:1], target_opset=17)
    >>> file.graph.output[0].name
    'variable'
    """
    check_extra("register_with_skl2onnx", "skl2onnx")
    from skl2onnx import update_registered_converter

    from descend.estimators.mlp.classifier import MLPClassifier
    from descend.estimators.mlp.regressor import MLPRegressor
    from descend.estimators.tabular.classifier import TabularClassifier
    from descend.estimators.tabular.regressor import TabularRegressor

    for estimator in (MLPClassifier, TabularClassifier):
        name = f"Descend{estimator.__name__}"
        update_registered_converter(estimator, name, _shapes, _convert, options=OPTIONS)
    for other in (MLPRegressor, TabularRegressor):
        update_registered_converter(other, f"Descend{other.__name__}", _shapes, _convert)


def _shapes(operator: Any) -> None:
    """Say what the outputs are."""
    from skl2onnx.common import data_types as types

    plain = _described(operator)
    rows, answer = operator.inputs[0].get_first_dimension(), plain.answer
    if answer.kind == "numbers":
        operator.outputs[0].set_type(_numbers(types, operator)([rows, plain.outputs]))
        return
    if answer.kind == "multilabel":
        label, k = types.Int64TensorType([rows, plain.outputs]), plain.outputs
    else:
        labels = answer.columns[0].labels
        kinds = {STRING: types.StringTensorType, INT64: types.Int64TensorType, DOUBLE: types.DoubleTensorType}
        label, k = kinds[label_dtype(labels)]([rows]), len(labels)
    operator.outputs[0].set_type(label)
    operator.outputs[1].set_type(_numbers(types, operator)([rows, k]))


def _numbers(types: Any, operator: Any) -> Any:
    """The type of numbers that skl2onnx expects: that of the inputs, if they are such."""
    wide = isinstance(operator.inputs[0].type, types.DoubleTensorType)
    return types.DoubleTensorType if wide else types.FloatTensorType


def _described(operator: Any) -> Described:
    plain = described(operator.raw_operator)
    if plain.answer.kind == "columns":
        raise SpecError(
            "skl2onnx: an estimator with several columns of classes has outputs for each, and skl2onnx takes only two. "
            "Export it by its own method, `export`, or fit one for each column."
        )
    return plain


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Add the operations of one estimator to a graph of skl2onnx."""
    from skl2onnx.common import data_types as types

    target = container.target_opset_any_domain("")
    if target is not None and target < LEAST_OPSET:
        raise SpecError(f"skl2onnx: estimators of descend need target_opset={LEAST_OPSET} or more; got {target}.")
    plain = _described(operator)
    g = Graph(prefix=f"{scope.get_unique_variable_name('descend')}_")
    found = operations(g, plain, Values(_given(g, plain, operator), hashes=_no_hashes(g, plain)))
    wanted = DOUBLE if _numbers(types, operator) is types.DoubleTensorType else FLOAT
    values = [value for _, value, _, _ in found]
    if plain.answer.kind != "numbers":
        values[1] = g.cast(values[1], wanted)
    else:
        values = [g.cast(g.rows(values[0], [plain.outputs]), wanted)]
    for value, output in zip(values, operator.outputs, strict=True):
        g.output(value, output.full_name)
    nodes, constants = g.needed(output.full_name for output in operator.outputs)
    for number, node in enumerate(nodes):
        node.name = f"{g.prefix}node_{number}"
    container.nodes.extend(nodes)
    container.initializers.extend(constants)
    container.node_domain_version_pair_sets.add(("", LEAST_OPSET))
    if g.uses_ml:
        container.node_domain_version_pair_sets.add((ML, ML_OPSET))


def _no_hashes(g: Graph, plain: Described) -> dict[str, str]:
    """No hash for each column whose texts are hashed."""
    none = g.const([[-1]], INT64)
    return {one.name: none for net in plain.nets for one in net.encoders if one.kind == "hashed"}


def _given(g: Graph, plain: Described, operator: Any) -> dict[str, str]:
    """What the estimator is given: X in the type of its weights; or columns, numbers as float64."""
    names = [one.full_name for one in operator.inputs]
    if not plain.columns:
        return {"X": g.cast(g.beside(names), outputs_type(plain.nets))}
    place = _places(operator.raw_operator)
    if len(names) == 1:
        columns = {one.name: g.columns(names[0], [place[one.name]], len(place)) for one in plain.columns}
    elif len(names) == len(place):
        columns = {one.name: names[place[one.name]] for one in plain.columns}
    else:
        raise SpecError(
            f"skl2onnx: {plain.source} must be given one matrix, or an input for each of its {len(place)} columns; got "
            f"{len(names)} inputs. Join them, or name one for each."
        )
    texts = {one.name for one in plain.columns if one.kind == "category"}
    return {name: value if name in texts else g.cast(value, DOUBLE) for name, value in columns.items()}


def _places(estimator: Any) -> dict[str, int]:
    """Where each column stands among those of `fit`."""
    names = getattr(estimator, "feature_names_in_", None)
    known = [f"x{j}" for j in range(estimator.n_features_in_)] if names is None else np.asarray(names).tolist()
    return {str(name): j for j, name in enumerate(known)}
