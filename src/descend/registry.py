"""What a room finds in a higher room, at the call: the one exception from the order of imports, in one place.

Rooms import one way (``tools/check_imports.py``); a higher room stands later in that order. Three things look up: the
package hands out public names without importing them, `load` makes whatever a file says it holds, and methods such as
``plot`` need a higher room. Each calls ``find`` and has an entry here.

The check reads the table: each entry leads to something that is there, and somebody asks for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

HIGHER = {
    # public names of the package
    "descend.ClusterError": "descend.errors:ClusterError",
    "descend.DataError": "descend.errors:DataError",
    "descend.DependenceDisplay": "descend.figures.dependence:DependenceDisplay",
    "descend.DescendError": "descend.errors:DescendError",
    "descend.DivergenceError": "descend.errors:DivergenceError",
    "descend.Field": "descend.spec.indexed:Field",
    "descend.FileError": "descend.errors:FileError",
    "descend.IndexedRows": "descend.spec.indexed:IndexedRows",
    "descend.LossCurveDisplay": "descend.figures.loss_curve:LossCurveDisplay",
    "descend.MLPClassifier": "descend.estimators:MLPClassifier",
    "descend.MLPRegressor": "descend.estimators:MLPRegressor",
    "descend.Model": "descend.models.model:Model",
    "descend.Network": "descend.nets.network:Network",
    "descend.NetworkDisplay": "descend.figures.network:NetworkDisplay",
    "descend.RestartsDisplay": "descend.figures.restarts:RestartsDisplay",
    "descend.SpecError": "descend.errors:SpecError",
    "descend.Table": "descend.tables.table:Table",
    "descend.TabularClassifier": "descend.estimators:TabularClassifier",
    "descend.TabularRegressor": "descend.estimators:TabularRegressor",
    "descend.as_table": "descend.tables.convert:as_table",
    "descend.load": "descend.files.load:load",
    "descend.register_with_skl2onnx": "descend.exports.onnx.skl2onnx_converters:register_with_skl2onnx",
    "descend.watch": "descend.play.widget:watch",
    # what draws and shows the things of lower rooms
    "plot.dependence": "descend.figures.doors:plot_dependence",
    "plot.model": "descend.figures.doors:plot_model",
    "plot.network": "descend.figures.doors:plot_network",
    "plot.training": "descend.figures.doors:plot_training",
    "shown.html": "descend.figures.doors:html",
    "shown.rich": "descend.figures.doors:rich",
    # what makes a model of a table
    "Model.fit": "descend.models.fit:fit_model",
    # what a model answers to a table that is read in pieces
    "Model.evaluate": "descend.models.streamed.answers:evaluate_table",
    "Model.importance": "descend.models.streamed.answers:importance_source",
    "Model.predict_to": "descend.models.predicted:predict_to",
    # reports of what stands lower
    "Model.report": "descend.report.model:report_model",
    "Tabular.report": "descend.report.tabular:report_tabular",
    "Training.report": "descend.report.training:report_training",
    # a fitted thing as a file that others run
    "Exports.export": "descend.exports.door:export",
    # what shows how far a training is
    "Training.run": "descend.progress.restarts:RestartsBar",
    # what makes a thing from its file, by the file's kind: (document, tensors, path)
    "load.estimator": "descend.estimators.mlp.load:read_estimator",
    "load.model": "descend.models.model:read_model",
    "load.network": "descend.nets.network:read_network",
    "load.tabular": "descend.estimators.tabular.load:read_tabular",
}


def find(asked: str) -> Any:
    """Import and return what stands behind an entry.

    Parameters
    ----------
    asked : str
        A key of `HIGHER`.

    Raises
    ------
    KeyError
        If there is no such entry.

    Examples
    --------
    >>> find("descend.SpecError").__name__
    'SpecError'
    """
    module, _, name = HIGHER[asked].partition(":")
    return getattr(import_module(module), name)


class Shown:
    """What notebooks ask of an object (`_repr_html_`), and what rich asks (`__rich__`): found in the figures."""

    def _repr_html_(self) -> str:
        found: str = find("shown.html")(self)
        return found

    def __rich__(self) -> Any:
        return find("shown.rich")(self)


class Exports:
    """A part of all that is fitted: `export`, found in the exports."""

    def export(self, path: Any, to: str | None = None, *, table: Any = None, **options: Any) -> Any:
        """Write a file that others run without this library, once running it has shown that it answers as `predict`.

        Parameters
        ----------
        path : str or Path
            The file; its folder is made if it is absent, an older file replaced.
        to : {"onnx", "c", "fortran", "json"} or None, default None
            The format; None: what the suffix of `path` says.
        table : Table, path, data frame, array or None, default None
            Rows that the file is run on besides made ones, which touch every branch: at most 1,000 of them.
        **options
            Of the format; "In production" and "In a simulator" in the user guide name them.

        Returns
        -------
        Export
            The files that were written, their size, and what running them showed; prints well.

        Raises
        ------
        SpecError
            If the format is not known or cannot hold this, a package is absent that it needs, or the file answers
            otherwise than `predict` by more than 1e-5 of the output's scale: then none is written.
        DataError
            If the table does not fit.
        OSError
            If a file cannot be written; an old one is intact.

        Examples
        --------
        >>> import pathlib, tempfile, descend
        >>> net = descend.Network([2, 3, 1], seed=0)
        >>> print(net.export(pathlib.Path(tempfile.mkdtemp()) / "net.json").proof)
        74 rows by descend.load: no difference
        """
        return find("Exports.export")(self, path, to, table=table, **options)
