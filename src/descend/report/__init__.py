"""The report: one self-contained page about a model or a training, for somebody who was not there."""
