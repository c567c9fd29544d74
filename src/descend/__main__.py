"""``python -m descend`` is the command ``descend``."""

from descend.cli import main

if __name__ == "__main__":
    main()
