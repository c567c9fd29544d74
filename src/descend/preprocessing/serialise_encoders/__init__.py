"""Fitted encoders <-> rows and tensors of a model file."""
