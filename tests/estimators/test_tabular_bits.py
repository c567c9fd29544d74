"""The bits of a fit: whoever computes, and with which instructions."""

import os
import subprocess
import sys

import pytest

import fitted_blends
import fitted_encoders
from descend import engine


def test_the_bits_do_not_depend_on_threads():
    assert fitted_blends.digests("good", 1, rows=60) == fitted_blends.digests("good", 2, rows=60)


def elsewhere(**environment):
    command = [sys.executable, fitted_blends.__file__]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.long
def test_the_bits_do_not_depend_on_instructions():
    here = fitted_blends.digests("good")
    found = {name: elsewhere(DESCEND_ISA=name) for name in ("avx512", "avx2") if name in engine.isas()}
    found["numpy"] = elsewhere(NPY_DISABLE_CPU_FEATURES=" ".join(fitted_encoders.instructions()))
    assert found == dict.fromkeys(found, here)
