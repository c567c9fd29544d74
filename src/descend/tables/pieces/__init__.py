"""A table larger than memory: files, folders, or what a program yields, a piece of some thousand rows at a time."""
