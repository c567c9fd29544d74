"""Networks as nodes and edges: widths by weights, signs apart, large layers in short."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from sklearn.exceptions import NotFittedError

from descend import MLPClassifier, Network, NetworkDisplay, SpecError
from descend.figures.network import THINNEST, WIDEST
from figure_cases import HOSTILE, X, blend, mlp, tabular, trained, training


def edges(display, layer):
    """{((x, y), (x, y)): width, negative} of a layer."""
    found = {}
    for negative, lines in enumerate(display.edges_[layer]):
        ends = [tuple(map(tuple, one.tolist())) for one in map(np.asarray, lines.get_segments())]
        found |= {end: (width, bool(negative)) for end, width in zip(ends, lines.get_linewidths(), strict=True)}
    return found


def test_each_weight_is_an_edge_from_its_node_to_its_node():
    net = Network([2, 3, 1], seed=0)
    net.W[0] = [[1.0, -0.5, 0.25], [-2.0, 0.1, 0.0], [0.5, 0.5, -1.0]]
    display = NetworkDisplay.from_network(net)
    below, above = display.layers_[:2]
    drawn = edges(display, 0)
    assert len(drawn) == 9
    for i, y in enumerate([*below.y, below.bias]):
        for j, end in enumerate(above.y):
            width, negative = drawn[(0.0, y), (1.0, end)]
            weight = float(net.W[0][i, j])
            assert width == pytest.approx(THINNEST + (WIDEST - THINNEST) * abs(weight) / 2.0)
            assert negative == (weight < 0)
    assert display.nodes_[1].get_offsets().tolist() == [[1.0, y] for y in above.y]
    assert display.bias_nodes_[0].get_offsets().tolist() == [[0.0, below.bias]]


def test_signs_differ_in_colour_and_in_dashes():
    positive, negative = NetworkDisplay.from_network(training().best).edges_[0]
    assert to_hex(positive.get_colors()[0]) != to_hex(negative.get_colors()[0])
    assert positive.get_linestyles()[0][1] is None
    assert negative.get_linestyles()[0][1] is not None


def test_of_a_large_layer_the_heaviest_nodes_are_drawn():
    net = Network([30, 40, 1], seed=0)
    net.W[0][7] *= 50
    display = NetworkDisplay.from_network(net, max_nodes=5, bias=False)
    assert [len(layer.nodes) for layer in display.layers_] == [5, 5, 1]
    assert 7 in display.layers_[0].nodes
    assert len(edges(display, 0)) == 25
    assert display.bias_nodes_ == [None, None]
    words = [text.get_text() for text in display.texts_]
    assert {"+ 25 more", "+ 35 more", "40 nodes\ntanh", "30 inputs", "1 output\nidentity"} <= set(words)
    with pytest.raises(SpecError, match="`max_nodes` must be a whole number ≥ 1; got 0"):
        display.plot(max_nodes=0)


def test_without_a_bias_node_none_is_drawn():
    display = NetworkDisplay.from_network(Network([2, 2, 1], bias=[0.0, 1.0], seed=0))
    assert [one is None for one in display.bias_nodes_] == [True, False]


def test_all_words_lie_inside_the_axes_and_apart_from_each_other():
    figure, ax = pyplot.subplots(figsize=(7, 5))
    names = ["a name of quite some length", "b", "flipper_length_mm"]
    display = NetworkDisplay.from_network(Network([3, 20, 20, 2], seed=0), ax=ax, input_names=names, output_names="ab")
    figure.canvas.draw()
    inside = ax.get_window_extent()
    boxes = [text.get_window_extent() for text in display.texts_]
    assert all(inside.x0 <= box.x0 <= box.x1 <= inside.x1 and inside.y0 <= box.y0 for box in boxes)
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[:k])
    assert not any(box.overlaps(ax.get_legend().get_window_extent()) for box in boxes)


def test_a_model_names_its_inputs_and_classes():
    display = NetworkDisplay.from_model(trained("kind").model)
    assert display.output_names == trained("kind").model.preprocessing.task.written
    assert "size" in display.input_names
    display.figure_.canvas.draw()  # dollar signs of names are no formulas
    assert any("script" in text.get_text() for text in display.texts_)


def test_of_a_blend_the_network_is_chosen_the_heaviest_first():
    model = blend("price").model
    heaviest = model.blend.members[0]
    display = NetworkDisplay.from_model(model)
    net = heaviest.nets[0]
    np.testing.assert_array_equal(display.weights[0], net.network.W[0])
    assert display.name == f"{heaviest.name} (weight {heaviest.weight:.2f}), fold {net.place.fold}"
    last = model.blend.members[-1]
    chosen = NetworkDisplay.from_model(model, member=last.name, fold=last.nets[-1].place.fold, name="mine")
    np.testing.assert_array_equal(chosen.weights[0], last.nets[-1].network.W[0])
    assert chosen.ax_.get_title() == "mine"
    with pytest.raises(SpecError, match="the blend has no `member`"):
        NetworkDisplay.from_model(model, member="none")


def test_estimators_draw_their_network():
    display = NetworkDisplay.from_estimator(mlp(3))
    assert display.output_names == ("0", "1", "2")
    assert NetworkDisplay.from_estimator(mlp(2)).output_names == ("1",)
    pairs = np.column_stack([X[:, 0] > 0, np.digitize(X[:, 1], [-0.3, 0.3])])
    two_columns = MLPClassifier((3,), solver="lbfgs", max_iter=2000, random_state=0).fit(X, pairs)
    assert NetworkDisplay.from_estimator(two_columns).output_names == ("1", "0", "1", "2")
    of_table = NetworkDisplay.from_estimator(tabular())
    assert of_table.sizes == tabular().members_[0].nets[0].network.spec.sizes
    with pytest.raises(NotFittedError):
        NetworkDisplay.from_estimator(MLPClassifier())


def test_what_is_no_network_is_refused():
    with pytest.raises(SpecError, match=r"`network` must be a descend.Network; got MLPRegressor.* `from_estimator`"):
        NetworkDisplay.from_network(mlp())
    with pytest.raises(SpecError, match="`model` must be a table's model; got Network"):
        NetworkDisplay.from_model(training().best)
    with pytest.raises(SpecError, match="`input_names` needs 2 names; got 1"):
        NetworkDisplay.from_network(training().best, input_names=[HOSTILE])
