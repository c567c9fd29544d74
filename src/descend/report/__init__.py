"""The report: one page, without network or script, about a model or a training, for somebody who was not there."""
