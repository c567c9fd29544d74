"""The table that is larger than one would like, and what its benchmark measures."""

import os
import sys

import numpy as np
import pyarrow.parquet as pq
from benchmarks.large import batches, measured, scores, tree_bytes
from benchmarks.large_table import columns_of, make


def test_each_file_has_thirty_columns_of_all_types_and_its_own_seed(tmp_path):
    make(tmp_path, files=2, rows=300, groups=100)
    first, second = (pq.read_table(tmp_path / f"part-0{k}.parquet") for k in range(2))
    assert first.num_columns == 30
    assert {str(kind) for kind in first.schema.types} == {"double", "int64", "string", "bool", "timestamp[us]"}
    assert first.schema.equals(second.schema)
    assert not first.equals(second)
    assert first.column("amount_11").null_count > 10
    again = columns_of(0, 300)
    assert (np.asarray(first.column("weight")) == again["weight"][0]).all()


def test_untouched_rows_of_peers_are_those_of_descend(tmp_path):
    make(tmp_path, files=2, rows=300)
    found = [(len(frame), test.sum()) for frame, test in batches(tmp_path)]
    assert [rows for rows, _ in found] == [300, 300]
    assert 60 < sum(test for _, test in found) < 180


def test_the_peak_is_that_of_the_whole_tree(tmp_path):
    inner = "import time; x = b'x' * 80_000_000; time.sleep(1)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    found = measured([sys.executable, "-c", code], tmp_path, tmp_path / "log")
    assert found["megabytes"] > 80
    assert tree_bytes(os.getpid()) > 10_000_000


def test_scores_are_plain_formulas():
    found = scores(np.array([True, False]), np.array([0.75, 0.75]))
    assert found["accuracy"] == 0.5
    assert abs(found["log_loss"] + (np.log(0.75) + np.log(0.25)) / 2) < 1e-12
