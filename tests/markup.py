"""Reading HTML in tests: parse it as a browser would, ask in CSS selectors."""

from xml.etree.ElementTree import Element

import tinyhtml5
from cssselect2 import ElementWrapper


class Markup:
    """A parsed page or part of one."""

    def __init__(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode()
        tree = tinyhtml5.parse(data, namespace_html_elements=False, override_encoding="utf-8")
        self.root = ElementWrapper.from_html_root(tree)

    def all(self, selector: str) -> list[Element]:
        """Every element that the selector finds."""
        return [wrapper.etree_element for wrapper in self.root.query_all(selector)]

    def one(self, selector: str) -> Element:
        """The only element that the selector finds; fails if there are none or several."""
        found = self.all(selector)
        assert len(found) == 1, f"{selector} finds {len(found)} elements"
        return found[0]

    def text(self, selector: str) -> str:
        """The words of the only element that the selector finds."""
        return words(self.one(selector))

    def texts(self, selector: str) -> list[str]:
        """The words of every element that the selector finds."""
        return [words(element) for element in self.all(selector)]


def words(element: Element) -> str:
    """The words of an element, its white space evened out."""
    return " ".join("".join(element.itertext()).split())
