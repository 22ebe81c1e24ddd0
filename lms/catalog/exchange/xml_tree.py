"""XML from strangers as a small tree that knows its lines, and which of its parts were read.

The parser is defusedxml's: a document type, entities and external references are refused, so that no file can grow
while it is read or make this machine fetch anything. Limits on size, depth and number stand in front.

A reader *takes* what it understands. ``leftovers`` then names all the rest, so that forgetting an element in a
reader gives a note and not a silent loss. Comments and processing instructions are no content and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_external_ges, feature_namespaces

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.expatreader import create_parser  # type: ignore[import-untyped]

from lms.catalog.exchange.bank import CannotExchange, quoted

LARGEST_FILE = 2 * 1024 * 1024
DEEPEST = 40
MOST_ELEMENTS = 30_000
MOST_ATTRIBUTES = 50
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(slots=True, eq=False)
class Node:
    """One element. ``inside`` is its text and its elements in their order; attributes of XML itself are ``xml:…``."""

    tag: str
    namespace: str
    line: int
    attributes: dict[str, str]
    inside: list[Node | str] = field(default_factory=list)
    taken: bool = False
    _attributes_taken: set[str] = field(default_factory=set)
    _text_taken: bool = False

    @property
    def children(self) -> list[Node]:
        """Its elements."""
        return [node for node in self.inside if isinstance(node, Node)]

    def take(self, tag: str) -> Node | None:
        """Its first element of this name that was not taken yet."""
        found = next((node for node in self.children if node.tag == tag and not node.taken), None)
        if found is not None:
            found.taken = True
        return found

    def take_all(self, tag: str) -> list[Node]:
        """All of its elements of this name."""
        found = [node for node in self.children if node.tag == tag and not node.taken]
        for node in found:
            node.taken = True
        return found

    def attribute(self, name: str, default: str = "") -> str:
        """An attribute's value."""
        self._attributes_taken.add(name)
        return self.attributes.get(name, default)

    def text(self) -> str:
        """The text that stands directly in it."""
        self._text_taken = True
        return "".join(part for part in self.inside if isinstance(part, str))

    def words(self) -> str:
        """All text in it and below, for a message; takes nothing."""
        return "".join(part if isinstance(part, str) else f" {part.words()} " for part in self.inside)

    def take_whole(self) -> None:
        """Takes it with everything in it: it was read, or it was noted as one thing."""
        self.taken = True
        self._text_taken = True
        self._attributes_taken.update(self.attributes)
        for node in self.children:
            node.take_whole()

    def walk(self) -> Iterator[Node]:
        """It and everything below it."""
        yield self
        for node in self.children:
            yield from node.walk()

    def leftovers(self) -> Iterator[tuple[int, str]]:
        """What nobody took: ``(line, what it is)``."""
        for name, value in self.attributes.items():
            if name not in self._attributes_taken:
                yield self.line, f"The attribute {name} of <{self.tag}> ({quoted(value)}) is not kept."
        if not self._text_taken and (text := self.text().strip()):
            yield self.line, f"The text {quoted(text)} in <{self.tag}> is not kept."
        for node in self.children:
            if node.taken:
                yield from node.leftovers()
            else:
                # A file within a file is named, and not shown.
                words = "" if node.tag == "file" else node.words().strip()
                said = words or ", ".join(node.attributes.values())
                yield node.line, f"<{node.tag}> ({quoted(said)}) is not kept." if said else f"<{node.tag}> is not kept."


def parse_xml(data: bytes, file: str) -> Node:
    """The root of an XML document. Raises CannotExchange for what is no XML, or is made to do harm."""
    if len(data) > LARGEST_FILE:
        raise CannotExchange(f"{file}:1: This file is larger than {LARGEST_FILE // 1024 // 1024} MB. Divide it.")
    parser = create_parser(forbid_dtd=True)
    builder = _Builder(file, parser)
    parser.setFeature(feature_namespaces, True)
    parser.setFeature(feature_external_ges, False)
    parser.setContentHandler(builder)
    try:
        # In one piece: in small ones, a name that never ends would be read again from its beginning each time.
        parser.feed(data)
        parser.close()
    except SAXParseException as error:
        message = f"This is not well-formed XML: {error.getMessage()}."
        raise CannotExchange(f"{file}:{error.getLineNumber() or 1}: {message}") from None
    except DefusedXmlException:
        message = "A document type (DOCTYPE) or an entity is declared here. This is refused, because it can do harm."
        raise CannotExchange(f"{file}:{parser.getLineNumber() or 1}: {message}") from None
    except (LookupError, ValueError, RecursionError):
        raise CannotExchange(f"{file}:1: This is not XML in an encoding that is known here.") from None
    if builder.root is None:
        raise CannotExchange(f"{file}:1: This file is empty.")
    return builder.root


class _Builder(ContentHandler):
    """Builds the tree from what the parser tells."""

    def __init__(self, file: str, parser: Any) -> None:
        super().__init__()
        self._parser = parser
        self.root: Node | None = None
        self._file = file
        self._open: list[Node] = []
        self._elements = 0

    def _refuse(self, message: str) -> CannotExchange:
        return CannotExchange(f"{self._file}:{self._line()}: {message}")

    def _line(self) -> int:
        return int(self._parser.getLineNumber() or 1)

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802, ARG002 (the names of SAX)
        self._elements += 1
        if len(self._open) >= DEEPEST:
            raise self._refuse("This is nested too deep.")
        if self._elements > MOST_ELEMENTS:
            raise self._refuse(f"This file holds more than {MOST_ELEMENTS} elements. Divide it.")
        if len(attrs) > MOST_ATTRIBUTES:
            raise self._refuse(f"<{name[1]}> has more than {MOST_ATTRIBUTES} attributes.")
        attributes = {
            (f"xml:{local}" if space == XML else local): value
            for (space, local), value in attrs.items()
            if space != XSI
        }
        node = Node(name[1], name[0] or "", self._line(), attributes)
        if self._open:
            self._open[-1].inside.append(node)
        else:
            self.root = node
            node.taken = True
        self._open.append(node)

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802, ARG002 (the names of SAX)
        self._open.pop()

    def characters(self, content: str) -> None:
        if self._open:
            self._open[-1].inside.append(content)
