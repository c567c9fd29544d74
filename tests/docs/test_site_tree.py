"""Each page has its place in the tree of the site, each public name its page there, its words and its example."""

import importlib
import inspect
import re

import pytest

import descend
import pages

API = pages.PAGES["reference/index.md"].read_text(encoding="utf-8")
LISTED = re.findall(r"^   ~?(descend(?:\.\w+)+)$", API, re.MULTILINE)
MADE_BY_FIT = ("descend.training.result.Training",)  # nobody calls it, so its parameters are not told
INCLUDED = ("gallery/index",)  # made while the site is built


def children(page):
    """Pages that the tables of contents of a page name, without their ending."""
    for body in re.findall(r"^```\{toctree\}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        for line in (line for line in body.splitlines() if line and not line.startswith(":")):
            name = re.sub(r".*<(.*)>$", r"\1", line)
            found = [path for path in page.parent.glob(f"{name}.md") if path != page]
            relative = (page.parent / name).relative_to(pages.DOCS).as_posix()
            assert found or relative in INCLUDED, f"{page}: {name} is no page"
            yield from found


def test_every_page_is_reached_from_the_front_page():
    reached, waiting = set(), [pages.PAGES["index.md"]]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += children(page)
    assert set(pages.PAGES.values()) - reached == set()


def found(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def test_every_public_name_has_its_page():
    public = {f"descend.{name}" for name in descend.__all__ if name != "__version__"}
    assert public - set(LISTED) == set()
    things = [found(name) for name in LISTED]
    assert len(things) == len(set(map(id, things)))


@pytest.mark.parametrize("name", LISTED)
def test_a_public_name_says_what_it_is_and_shows_it_in_an_example(name):
    words = inspect.getdoc(found(name)) or ""
    assert ">>> " in words, f"{name} has no example"
    bare = name in MADE_BY_FIT or (inspect.isclass(found(name)) and issubclass(found(name), Warning))
    asked = {} if bare else inspect.signature(found(name)).parameters
    named = [one.name for one in asked.values() if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    told = re.sub(r"\W+", " ", words)
    assert [one for one in named if f" {one} " not in f" {told} "] == []


@pytest.mark.parametrize("name", [name for name in LISTED if inspect.isclass(found(name))])
def test_methods_of_a_public_class_say_what_they_do(name):
    silent = []
    for attribute in inspect.classify_class_attrs(found(name)):
        if attribute.defining_class.__module__.startswith("descend") and not attribute.name.startswith("_"):
            method = attribute.kind in ("method", "class method", "static method", "property")
            thing = getattr(found(name), attribute.name, int)  # not there: what a class says that it has not
            silent += [attribute.name] if method and not inspect.getdoc(thing) else []
    assert silent == []
