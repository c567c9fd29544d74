"""A path -> cells as they are written: kinds of files, layouts of texts, Parquet and Feather, within bounds."""
