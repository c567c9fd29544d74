"""Check the built site: links inside it lead somewhere, anchors too, and no page asks for anything from elsewhere.

Usage: ``python tools/check_site.py [FOLDER]``; without it docs/_build/html. Prints each finding, and leaves with 1.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

BUILT = Path(__file__).resolve().parents[1] / "docs" / "_build" / "html"
LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data")}
IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@dataclass
class Page(HTMLParser):
    """What a page holds: ids, links, and what a browser loads with it."""

    text: str
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.ids.add(value)
            elif tag == "a" and name == "href":
                self.links.append(value)
            elif (tag, name) in LOADED:
                self.loaded.append(value)
            elif name == "style":
                self.loaded += [one or other for one, other in IN_STYLE.findall(value)]


def findings(folder: Path) -> list[str]:
    """Return what is wrong with a built site.

    Parameters
    ----------
    folder : Path
        With ``index.html``.

    Returns
    -------
    list of str
        One sentence each; empty if all is well.
    """
    paths = [path for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts]  # a template of the theme
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in paths}
    found = []
    for path, page in pages.items():
        name = path.relative_to(folder)
        found += [f"{name}: loads {one} from elsewhere" for one in page.loaded if elsewhere(one)]
        found += [f"{name}: {one} is not there" for one in page.loaded if not elsewhere(one) and not there(path, one)]
        found += [f"{name}: the link {one} leads nowhere" for one in set(page.links) if dead(path, one, pages)]
    for path in sorted(folder.rglob("*.css")):
        style = path.read_text(encoding="utf-8")
        asked = [one or other for one, other in IN_STYLE.findall(style)]
        found += [f"{path.relative_to(folder)}: loads {one} from elsewhere" for one in asked if elsewhere(one)]
    return found


def elsewhere(address: str) -> bool:
    """Whether an address is that of another machine."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data")


def there(path: Path, address: str) -> bool:
    """Whether a file that a page loads is there."""
    parts = urlsplit(address)
    return parts.scheme == "data" or not parts.path or (path.parent / unquote(parts.path)).exists()


def dead(path: Path, address: str, pages: dict[Path, Page]) -> bool:
    """Whether a link inside the site has no file or no anchor to lead to."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists():
        return True
    return bool(parts.fragment) and target in pages and unquote(parts.fragment) not in pages[target].ids


if __name__ == "__main__":
    said = findings((Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT).resolve())
    print("\n".join(said) if said else "site: all links lead somewhere, nothing is loaded from elsewhere")
    sys.exit(bool(said))
