"""Benchmarks: our engine next to PyTorch, scikit-learn, JAX and onnxruntime; see README.md. Run ``make bench``."""
