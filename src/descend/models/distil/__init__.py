"""Distillation: one small network that imitates a model, learnt from its answers on rows drawn around given ones."""
