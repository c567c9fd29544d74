"""Tables with something of everything for exports, cells as a file takes them, and goals of each kind."""

import numpy as np


def awkward_table(rows, seed=0, unseen=False, towns=False):
    """Numbers, large and few ones, missing cells, booleans, categories of all kinds, dates."""
    import pandas

    random = np.random.default_rng(seed)
    table = pandas.DataFrame(
        {
            "size": random.normal(size=rows) * 3.0 + 1.0,
            "pressure": 1013.25 + random.normal(size=rows) * 0.01,
            "account": random.integers(0, 2**45, rows) * 1.0,
            "few": random.choice([0.1, 0.2, 0.3, 1.1], rows),
            "half": random.choice(["left", "right"], rows),
            "colour": random.choice(["red", "né", "d blue", "?!"] + ["violet"] * unseen, rows),
            "zone": random.choice([str(k) for k in range(30)] + ["99"] * unseen, rows),
            "open": random.random(rows) > 0.5,
        }
    )
    table["when"] = pandas.Timestamp("1964-02-01") + pandas.to_timedelta(random.integers(0, 10**9, rows), unit="s")
    for name in ("size", "few", "colour", "zone"):
        table.loc[random.random(rows) < 0.1, name] = None
    if towns:
        table["town"] = [f"t{int(k)}" for k in random.zipf(1.3, rows) % 700]
    return table


def goals(x):
    """What is predicted, by name."""
    noise = np.arange(len(x)) % 7 / 7.0
    s = x + noise
    return {
        "a number": s * 1e3 + 1e6,
        "three numbers": np.stack([s, 5.0 - s, s * s], axis=1),
        "two classes": np.where(s > 1.5, "yes", "no"),
        "five classes": np.digitize(s, [-2.0, 0.0, 2.0, 4.0]),
        "labels": np.stack([s > 0.0, s > 2.0, noise > 0.4], axis=1).astype(int),
    }


def feeds(session, table):
    """Return a data frame as a file takes it: texts, "" where missing; numbers, NaN where missing; dates in seconds."""
    import pandas

    given = {}
    for one in session.get_inputs():
        column = table[one.name]
        if one.type == "tensor(string)":
            values = np.where(column.isna(), "", column.astype(str)).astype(object)
        elif column.dtype.kind == "M":
            values = ((column - pandas.Timestamp("1970-01-01")) / pandas.Timedelta("1s")).to_numpy()
        else:
            values = column.to_numpy(dtype=np.float64)
        if one.type == "tensor(float)":
            values = values.astype(np.float32)
        given[one.name] = values.reshape(-1, 1)
    return given


def forest_op():
    """TreeEnsembleRegressor with thresholds of float64, which onnx's reference evaluator lacks."""
    from onnx import numpy_helper
    from onnx.reference.op_run import OpRun

    class TreeEnsembleRegressor(OpRun):
        op_domain = "ai.onnx.ml"

        def _run(self, X, **given):
            thresholds = _array(given["nodes_values_as_tensor"], numpy_helper)
            weights = _array(given["target_weights_as_tensor"], numpy_helper)
            trees, nodes = given["nodes_treeids"], given["nodes_nodeids"]
            place = {(tree, node): k for k, (tree, node) in enumerate(zip(trees, nodes, strict=True))}
            ends = zip(given["target_treeids"], given["target_nodeids"], strict=True)
            leaf = {end: k for k, end in enumerate(ends)}
            out = np.zeros((len(X), given["n_targets"]), dtype=np.float32)
            for row, values in enumerate(X):
                for tree in dict.fromkeys(trees):
                    k = place[tree, 0]
                    while given["nodes_modes"][k] != "LEAF":
                        left = values[given["nodes_featureids"][k]] < thresholds[k]
                        k = place[tree, given["nodes_truenodeids" if left else "nodes_falsenodeids"][k]]
                    own = leaf[tree, nodes[k]]
                    out[row, given["target_ids"][own]] += weights[own]
            return (out,)

    return TreeEnsembleRegressor


def _array(value, numpy_helper):
    return value if isinstance(value, np.ndarray) else numpy_helper.to_array(value)
