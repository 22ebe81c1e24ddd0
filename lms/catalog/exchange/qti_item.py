"""One QTI 3.0 assessment item: a single choice with feedback for each option and a rewrite that everyone is shown.

Texts are written as XHTML where that gives the same CommonMark back, and else letter by letter in elements of the
class ``rollcall-verbatim``. Source: 1EdTech QTI 3.0, information model of items, and the samples beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from markdown_it import MarkdownIt

from lms.catalog.exchange.bank import BankItem, BankOption, CannotExchange
from lms.catalog.exchange.markup import Prose, feed_node
from lms.catalog.exchange.xml_tree import XSI, Node, parse_xml

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0p1_v1p0.xsd"
VERBATIM = "rollcall-verbatim"
REWRITE = "rewrite"

PROCESSING = """  <qti-response-processing>
    <qti-set-outcome-value identifier="FEEDBACK">
      <qti-variable identifier="RESPONSE"/>
    </qti-set-outcome-value>
    <qti-set-outcome-value identifier="REWRITE">
      <qti-base-value base-type="identifier">rewrite</qti-base-value>
    </qti-set-outcome-value>
    <qti-response-condition>
      <qti-response-if>
        <qti-match>
          <qti-variable identifier="RESPONSE"/>
          <qti-correct identifier="RESPONSE"/>
        </qti-match>
        <qti-set-outcome-value identifier="SCORE">
          <qti-base-value base-type="float">1</qti-base-value>
        </qti-set-outcome-value>
      </qti-response-if>
      <qti-response-else>
        <qti-set-outcome-value identifier="SCORE">
          <qti-base-value base-type="float">0</qti-base-value>
        </qti-set-outcome-value>
      </qti-response-else>
    </qti-response-condition>
  </qti-response-processing>"""


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def to_identifier(slug: str) -> str:
    """A QTI identifier for an id: it may not begin with a digit."""
    return f"_{slug}" if slug[0].isdigit() else slug


def from_identifier(identifier: str) -> str:
    """The id behind an identifier that ``to_identifier`` made; any other is given back as it is."""
    return identifier[1:] if identifier[:1] == "_" and identifier[1:2].isdigit() else identifier


def write_item(item: BankItem, language: str) -> bytes:
    """The item as a QTI 3.0 file."""
    right = next(option.id for option in item.options if option.correct)
    choices = "\n".join(_choice(option) for option in item.options)
    feedback = "\n".join(
        [_modal("FEEDBACK", to_identifier(option.id), option.feedback) for option in item.options]
        + [_modal("REWRITE", REWRITE, item.rewrite, ' title="A safer rewrite"')]
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="{NAMESPACE}" xmlns:xsi="{XSI}"
    xsi:schemaLocation="{NAMESPACE} {SCHEMA}"
    identifier="{to_identifier(item.id)}" title="{item.id}" adaptive="false" time-dependent="false"
    xml:lang={quoteattr(language)}>
  <qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">
    <qti-correct-response><qti-value>{to_identifier(right)}</qti-value></qti-correct-response>
  </qti-response-declaration>
  <qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float" normal-maximum="1">
    <qti-default-value><qti-value>0</qti-value></qti-default-value>
  </qti-outcome-declaration>
  <qti-outcome-declaration identifier="FEEDBACK" cardinality="single" base-type="identifier"/>
  <qti-outcome-declaration identifier="REWRITE" cardinality="single" base-type="identifier"/>
  <qti-item-body>
{xhtml_of(item.stem)}
    <qti-choice-interaction response-identifier="RESPONSE" shuffle="true" max-choices="1">
{choices}
    </qti-choice-interaction>
  </qti-item-body>
{PROCESSING}
{feedback}
</qti-assessment-item>
""".encode()


def _choice(option: BankOption) -> str:
    written = escape(option.text)
    name = to_identifier(option.id)
    kept = _read_back(f"<p>{written}</p>", plain=True) == option.text
    style = "" if kept else f' class="{VERBATIM}"'
    return f'      <qti-simple-choice identifier="{name}"{style}>{written}</qti-simple-choice>'


def _modal(outcome: str, identifier: str, text: str, more: str = "") -> str:
    return (
        f'  <qti-modal-feedback outcome-identifier="{outcome}" identifier="{identifier}" show-hide="show"{more}>\n'
        f"    <qti-content-body>\n{xhtml_of(text)}\n    </qti-content-body>\n  </qti-modal-feedback>"
    )


def xhtml_of(text: str) -> str:
    """CommonMark as XHTML blocks from which ``read_prose`` gets exactly this text again."""
    written = str(_markdown().render(text)).strip("\n")
    if _read_back(written) == text:
        return written
    return "\n".join(f'<p class="{VERBATIM}">{escape(part)}</p>' for part in text.split("\n\n"))


def _read_back(written: str, *, plain: bool = False) -> str | None:
    lost: list[str] = []
    try:
        node = parse_xml(f"<x>{written}</x>".encode(), "")
    except CannotExchange:
        return None
    read = read_prose(node, lambda _, message: lost.append(message), plain=plain)
    return None if lost else read


def read_prose(
    node: Node,
    note: Callable[[int, str], None],
    *,
    plain: bool = False,
    skip: Callable[[Node], bool] = lambda _: False,
) -> str:
    """The text inside an element in our form; elements that ``skip`` handles are left out."""
    verbatim = [child for child in node.children if child.attributes.get("class") == VERBATIM]
    others = [child for child in node.children if child.attributes.get("class") != VERBATIM]
    if verbatim and all(child.tag.startswith("qti-") for child in others) and not any(c.children for c in verbatim):
        for child in verbatim:
            child.take_whole()
        for child in others:
            skip(child)
        node.text()
        return "\n\n".join(child.text() for child in verbatim)
    prose = Prose(note, plain=plain)
    feed_node(node, prose, skip)
    return prose.markdown()
