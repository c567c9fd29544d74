"""Tables with something of everything for exports, cells as a file takes them, and goals of each kind."""

import json

import numpy as np

_TRUTH = {True: 1.0, False: 0.0, "True": 1.0, "False": 0.0}


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


def odd_table(rows, seed=0, unseen=False):
    """Odd names and texts, sizes at the ends of float64, dates as texts, truth values of all sorts."""
    import pandas

    random = np.random.default_rng(seed)
    texts = [
        "a\tb",
        "né",
        "e\u0301",
        "\U0001f600",
        "",
        "x",
        "NaN?",
        "nul\u200b",
        *["unseen ☃", "NA", "N\u00e9"][: 3 * unseen],
    ]
    start = pandas.Timestamp("2020-01-01")
    return pandas.DataFrame(
        {
            "with space": np.where(random.random(rows) < 0.1 * unseen, np.nan, random.normal(size=rows)),
            "dotted.name": random.choice(["yes", "no", *["maybe"] * unseen], rows),
            "ünï ☃": random.choice(texts, rows),
            "": random.choice([1, 2, 3, 10, *[77] * unseen], rows),
            "001": random.choice(["001", "1", "2", "10"], rows),
            "huge": random.normal(size=rows) * 1e300,
            "tiny": random.normal(size=rows) * 1e-300,
            "bool": random.random(rows) > 0.5,
            "bool?": pandas.Series(random.choice(np.array([True, False, None], dtype=object), rows)),
            "when": start + pandas.to_timedelta(random.integers(0, 10**8, rows), unit="s"),
            "day": [f"2021-{1 + k % 12:02d}-{1 + k % 28:02d}" for k in random.integers(0, 400, rows)],
            "tf": random.choice(["True", "False"], rows),
            "label": pandas.Categorical(random.choice(["u", "v"], rows)),
            "i8": random.integers(-5, 5, rows).astype("int8"),
            "nullable": pandas.array(random.choice([1, 2, None], rows), dtype="Int64"),
            "nothing": np.nan,
        }
    )


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

    told = {one["input"]: one for one in json.loads(session.get_modelmeta().custom_metadata_map["columns"])}
    given = {}
    for one in session.get_inputs():
        column, kind = table[told[one.name]["name"]], told[one.name]["kind"]
        if kind == "category":
            values = np.where(column.isna(), "", column.astype(str)).astype(object)
        elif kind == "date":
            values = ((pandas.to_datetime(column) - pandas.Timestamp("1970-01-01")) / pandas.Timedelta("1s")).to_numpy()
        elif kind == "boolean":
            values = np.array([_TRUTH.get(cell, np.nan) for cell in column.tolist()])
        else:
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
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
