"""Out of the notebook: a fitted model as a file that others run (ONNX, C, Fortran, JSON), each proved by running it."""
