"""ONNX: one graph from raw columns, or one matrix, to labels, probabilities, numbers and intervals."""
