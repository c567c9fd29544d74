"""Benchmarks: our engine and our command line next to their peers; see README.md. Run ``make bench``."""
