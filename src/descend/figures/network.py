"""`NetworkDisplay`: nodes and edges of a network, edges by the size and sign of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import SpecError, cut
from descend.figures.canvas import axes_of, colours, ink, paper, plain_texts
from descend.figures.descents import check_fitted
from descend.figures.layout import Layer, layers_of, limits
from descend.figures.names import checked_names, member_words, output_names
from descend.nets.network import Network
from descend.typing import is_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection, PathCollection
    from matplotlib.figure import Figure
    from matplotlib.text import Text

WIDEST, THINNEST = 3.2, 0.25  # of edges, in points
LARGEST = 16.0  # diameter of a node, in points
MOST_NODES = 12
LETTER, LONGEST = 5.0, 28  # of names: width of a letter in points, letters


class NetworkDisplay:
    """A network as nodes and edges: the larger a weight, the wider its edge; negative ones are dashed.

    Make it by `from_network`, `from_model` or `from_estimator`; `plot` draws it. Widths are relative to the largest
    weight of each layer.

    Parameters
    ----------
    weights : sequence of array_like
        W_0 … W_{d−1}, (n_l, n_{l+1}), or (n_l + 1, n_{l+1}) with the bias node's row last.
    sizes : sequence of int
        n_0 … n_d.
    activations : sequence of str or None, default None
        Of layers 1 … d; None: they are not named.
    input_names, output_names : sequence of str or None, default None
        What inputs and outputs are called.
    name : str or None, default None
        The title.

    Attributes
    ----------
    layers_ : list of Layer
        Which nodes of each layer are drawn, and where.
    nodes_ : list of matplotlib PathCollection
        The nodes of each layer, bias nodes left out.
    bias_nodes_ : list of matplotlib PathCollection or None
        The bias node of layers 0 … d−1, a square; None where there is none.
    edges_ : list of (LineCollection, LineCollection)
        Of each layer of weights those that are not negative, and the negative ones.
    texts_ : list of matplotlib Text
        Names of inputs, outputs and layers, and how many nodes are not drawn.
    ax_, figure_ : matplotlib Axes and Figure
        Where it is drawn.

    Examples
    --------
    >>> from descend import Network, NetworkDisplay
    >>> display = NetworkDisplay.from_network(Network([2, 3, 1], seed=0), input_names=["width", "height"])
    >>> [layer.nodes.tolist() for layer in display.layers_]
    [[0, 1], [0, 1, 2], [0]]
    >>> [len(positive.get_segments()) + len(negative.get_segments()) for positive, negative in display.edges_]
    [9, 4]
    """

    layers_: list[Layer]
    nodes_: list[PathCollection]
    bias_nodes_: list[PathCollection | None]
    edges_: list[tuple[LineCollection, LineCollection]]
    texts_: list[Text]
    ax_: Axes
    figure_: Figure

    def __init__(
        self,
        *,
        weights: Sequence[ArrayLike],
        sizes: Sequence[int],
        activations: Sequence[str] | None = None,
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        self.weights = [np.asarray(W, dtype=np.float64) for W in weights]
        self.sizes = tuple(sizes)
        self.activations = None if activations is None else tuple(activations)
        self.input_names = checked_names(input_names, self.sizes[0], "input_names")
        self.output_names = checked_names(output_names, self.sizes[-1], "output_names")
        self.name = name

    @classmethod
    def from_network(
        cls,
        network: Network,
        *,
        ax: Axes | None = None,
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
        name: str | None = None,
        max_nodes: int = MOST_NODES,
        bias: bool = True,
    ) -> Self:
        """Draw a network.

        Parameters
        ----------
        network : Network
            Trained or not.
        input_names, output_names : sequence of str or None, default None
            What inputs, n_0, and outputs, n_d, are called.
        name : str or None, default None
            The title.
        ax, max_nodes, bias
            As in `plot`.

        Returns
        -------
        NetworkDisplay

        Raises
        ------
        SpecError
            If `network` is none, names are too few or too many, or matplotlib is not installed.
        """
        if not isinstance(network, Network):
            raise SpecError(
                f"{cls.__name__}.from_network: `network` must be a descend.Network; got {type(network).__name__}. "
                "For a model or an estimator use `from_model` or `from_estimator`."
            )
        spec = network.spec
        made = cls(
            weights=[W.astype(np.float64) for W in network.W],
            sizes=spec.sizes,
            activations=[row.name for row in spec.activations],
            input_names=input_names,
            output_names=output_names,
            name=name,
        )
        return made.plot(ax, max_nodes=max_nodes, bias=bias)

    @classmethod
    def from_model(
        cls,
        model: Any,
        *,
        member: str | None = None,
        fold: int | None = None,
        ax: Axes | None = None,
        name: str | None = None,
        max_nodes: int = MOST_NODES,
        bias: bool = True,
    ) -> Self:
        """Draw a network of a table's model, with the names of its inputs and outputs.

        Parameters
        ----------
        model : Model
            Of one network, or a blend.
        member : str or None, default None
            Member of a blend; None: the heaviest.
        fold : int or None, default None
            The fold that its network has not learnt, from 0; None: the first that there is.
        name : str or None, default None
            The title; None: of a blend the member, its weight and the fold.
        ax, max_nodes, bias
            As in `plot`.

        Returns
        -------
        NetworkDisplay

        Raises
        ------
        SpecError
            If there is no such network, or matplotlib is not installed.
        """
        if not hasattr(model, "preprocessing"):
            raise SpecError(
                f"{cls.__name__}.from_model: `model` must be a table's model; got {type(model).__name__}. For a "
                "network or an estimator use `from_network` or `from_estimator`."
            )
        net, prep = model.net(member, fold), model.preprocessing
        if name is None and model.blend is not None:
            name = member_words(net, model.blend.members)
        task = prep.task
        outputs = list(task.written) if task.kind == "classify" else [prep.target]
        return cls.from_network(
            net.network,
            ax=ax,
            input_names=net.feature_names,
            output_names=outputs if len(outputs) == net.network.spec.sizes[-1] else None,
            name=name,
            max_nodes=max_nodes,
            bias=bias,
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        ax: Axes | None = None,
        name: str | None = None,
        max_nodes: int = MOST_NODES,
        bias: bool = True,
    ) -> Self:
        """Draw the network of a fitted estimator; of a blend the first of its heaviest member.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, TabularClassifier or TabularRegressor
            Fitted.
        ax, name, max_nodes, bias
            As in `from_model`.

        Returns
        -------
        NetworkDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        SpecError
            If it is another kind of estimator, or matplotlib is not installed.
        """
        check_fitted(estimator)
        members = getattr(estimator, "members_", None)
        if members:
            net = members[0].nets[0]
            network, inputs = net.network, net.feature_names
            name = member_words(net, members) if name is None else name
        elif hasattr(estimator, "network_"):
            network, inputs = estimator.network_, getattr(estimator, "feature_names_in_", None)
        else:
            raise SpecError(
                f"{cls.__name__}.from_estimator: `estimator` must be one of descend's; got {type(estimator).__name__}. "
                "Of a pipeline give the last step, pipeline[-1]."
            )
        return cls.from_network(
            network,
            ax=ax,
            input_names=None if inputs is None else list(inputs),
            output_names=output_names(getattr(estimator, "classes_", []), network.spec.sizes[-1]),
            name=name,
            max_nodes=max_nodes,
            bias=bias,
        )

    def plot(self, ax: Axes | None = None, *, max_nodes: int = MOST_NODES, bias: bool = True) -> Self:
        """Draw nodes and edges.

        Parameters
        ----------
        ax : matplotlib Axes or None, default None
            Where; None: in a new figure.
        max_nodes : int ≥ 1, default 12
            Nodes of a layer that are drawn: of more nodes those with the largest weights, and how many are not drawn.
        bias : bool, default True
            Whether bias nodes are drawn.

        Returns
        -------
        NetworkDisplay
            Itself, with the artists as attributes.

        Raises
        ------
        SpecError
            If `max_nodes` is none such, or matplotlib is not installed.
        """
        what = f"{type(self).__name__}.plot"
        if not is_whole(max_nodes, 1):
            raise SpecError(f"{what}: `max_nodes` must be a whole number ≥ 1; got {max_nodes!r}.")
        self.ax_ = ax = axes_of(ax, what)
        self.figure_ = ax.figure  # type: ignore[assignment]
        there = [bias and len(W) > n for W, n in zip(self.weights, self.sizes, strict=False)]
        self.layers_ = layers_of(self.sizes, self.weights, there, max_nodes)
        self.edges_ = [self._edges(layer) for layer in range(len(self.weights))]
        self.nodes_ = [self._nodes(place) for place in range(len(self.layers_))]
        self.bias_nodes_ = [self._bias_node(place) for place in range(len(self.weights))]
        self._side_texts = self._names(0, self.input_names), self._names(len(self.weights), self.output_names)
        self.texts_ = [*self._side_texts[0], *self._side_texts[1]]
        self.texts_ += [text for place in range(len(self.layers_)) for text in self._words(place)]
        ax.set_axis_off()
        self._make_room()
        if self.name:
            ax.set_title(plain_texts([self.name])[0])
        self._legend()
        return self

    # ------------------------------------------------------------ artists

    def _edges(self, layer: int) -> tuple[LineCollection, LineCollection]:
        from matplotlib.collections import LineCollection

        below, above, W = self.layers_[layer], self.layers_[layer + 1], self.weights[layer]
        rows, y = below.nodes, below.y
        if below.bias is not None:
            rows, y = np.append(rows, self.sizes[layer]), np.append(y, below.bias)
        drawn = W[np.ix_(rows, above.nodes)]
        size = np.abs(drawn) / (np.abs(W).max() or 1.0)
        i, j = np.meshgrid(np.arange(len(rows)), np.arange(len(above.nodes)), indexing="ij")
        made = []
        for colour, dashes, chosen in zip(colours(2), ("-", (0, (2.5, 1.5))), (drawn >= 0, drawn < 0), strict=True):
            lines = [[(layer, y[a]), (layer + 1, above.y[b])] for a, b in zip(i[chosen], j[chosen], strict=True)]
            widths = THINNEST + (WIDEST - THINNEST) * size[chosen]
            alphas = 0.25 + 0.75 * size[chosen]
            one = LineCollection(lines, linewidths=widths, colors=colour, linestyles=[dashes], zorder=1)
            one.set_alpha(alphas if len(lines) else None)
            made.append(one)
            self.ax_.add_collection(one)
        return made[0], made[1]

    def _nodes(self, place: int) -> PathCollection:
        layer = self.layers_[place]
        return self.ax_.scatter(np.full(len(layer.y), place), layer.y, marker="o", **self._node_style())

    def _bias_node(self, place: int) -> PathCollection | None:
        at = self.layers_[place].bias
        return None if at is None else self.ax_.scatter([place], [at], marker="s", **self._node_style())

    def _node_style(self) -> dict[str, Any]:
        return {"s": LARGEST**2, "facecolor": paper(self.ax_), "edgecolor": ink(), "zorder": 2}

    def _names(self, place: int, names: tuple[str, ...] | None) -> list[Text]:
        """Names of inputs at the left of their nodes, of outputs at the right of theirs."""
        if names is None:
            return []
        layer, side = self.layers_[place], "right" if place == 0 else "left"
        where = {"ha": side, "va": "center", "fontsize": "small", "textcoords": "offset points"}
        shown = zip(
            plain_texts([cut(names[node], LONGEST) for node in layer.nodes.tolist()]), layer.y.tolist(), strict=True
        )
        away = (-12 if place == 0 else 12, 0)
        return [self.ax_.annotate(text, (place, y), xytext=away, **where) for text, y in shown]  # type: ignore[arg-type]

    def _words(self, place: int) -> list[Text]:
        """What is said of a layer: how many nodes are not drawn, its size and activation, its bias node."""
        layer, where = self.layers_[place], {"ha": "center", "va": "center", "fontsize": "small"}
        texts = []
        if layer.gap is not None:
            behind = {"facecolor": paper(self.ax_), "edgecolor": "none", "pad": 1.0}
            said = f"+ {layer.left_out:,} more"
            texts.append(self.ax_.text(place, layer.gap, said, bbox=behind, **where))  # type: ignore[arg-type]
        kind = "inputs" if place == 0 else "outputs" if place == len(self.weights) else "nodes"
        said = f"{layer.size:,} {kind if layer.size > 1 else kind[:-1]}"
        if place and self.activations is not None:
            said += f"\n{self.activations[place - 1]}"
        below = {"xytext": (0, -16), "textcoords": "offset points", "ha": "center", "va": "top", "fontsize": "small"}
        texts.append(self.ax_.annotate(said, (place, self._lowest), **below))  # type: ignore[arg-type]
        return texts

    @property
    def _lowest(self) -> float:
        """Where the lowest node of all layers stands."""
        return -(max(layer.places for layer in self.layers_) - 1) / 2

    def _make_room(self) -> None:
        """Set limits so that names and words lie inside the axes, and sizes so that nodes lie apart from each other."""
        inside = self.ax_.get_window_extent().transformed(self.figure_.dpi_scale_trans.inverted())
        longest = [max((len(text.get_text()) for text in texts), default=0) for texts in self._side_texts]
        left, right = (24.0 + LETTER * n if n else 34.0 for n in longest)
        margins = left, right, 44.0 if self.activations is not None else 32.0, 14.0
        tall = max(-2 * self._lowest, 1.0)
        x, y = limits(len(self.weights), tall, (inside.width, inside.height), margins)
        self.ax_.set(xlim=x, ylim=y)
        apart = 72.0 * inside.height / float(y[1] - y[0])  # points from node to node
        for nodes in [*self.nodes_, *[one for one in self.bias_nodes_ if one is not None]]:
            nodes.set_sizes([min(LARGEST, 0.72 * apart) ** 2])

    def _legend(self) -> None:
        from matplotlib.lines import Line2D

        first, second = colours(2)
        shown = [Line2D([], [], color=first, linewidth=2, label="weight > 0")]
        shown.append(Line2D([], [], color=second, linewidth=2, linestyle="--", label="weight < 0"))
        if any(one is not None for one in self.bias_nodes_):
            style = {"marker": "s", "linestyle": "none", "markerfacecolor": paper(self.ax_), "markeredgecolor": ink()}
            shown.append(Line2D([], [], **style, label="bias node"))
        self.ax_.legend(handles=shown, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(shown), frameon=False)
