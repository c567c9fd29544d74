"""One network in C99: two files without library, allocation or global state, in floats or in 8-bit integers."""
