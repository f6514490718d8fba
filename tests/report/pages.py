"""A page taken apart, without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "br", "hr", "img", "link", "input"}


@dataclass
class Element:
    """A node of the page. ``text`` is that of everything in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def all(self, tag: str = "", kind: str = "") -> list[Element]:
        """Everything in it of that tag and class, in the order of the page."""
        found = []
        for child in self.children:
            if tag in ("", child.tag) and (not kind or kind in child.classes):
                found.append(child)
            found += child.all(tag, kind)
        return found

    def one(self, tag: str = "", kind: str = "") -> Element:
        (found,) = self.all(tag, kind)
        return found

    def by_id(self, wanted: str) -> Element:
        (found,) = [each for each in self.all() if each.attributes.get("id") == wanted]
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.path = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append(element)
        if tag not in _VOID:
            self.path.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.path[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.path[-1].tag == tag, f"</{tag}> ends <{self.path[-1].tag}>"
        self.path.pop()

    def handle_data(self, data: str) -> None:
        for element in self.path:
            element.pieces.append(data)


def parsed(page: str) -> Element:
    """The page as a tree.

    Raises:
        AssertionError: a tag is not closed, or another one is.
    """
    builder = _Builder()
    builder.feed(page)
    builder.close()
    assert [element.tag for element in builder.path] == [""]
    return builder.root
