"""Reads one QTI 3.0 item from anywhere: keeps a single choice with one right answer, and notes the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from lms.catalog.exchange.bank import BankItem, BankOption, Names, option_id, quoted
from lms.catalog.exchange.qti_item import (
    NAMESPACE,
    PROCESSING,
    REWRITE,
    VERBATIM,
    from_identifier,
    read_prose,
)
from lms.catalog.exchange.tags import Tags
from lms.catalog.exchange.xml_tree import Node, parse_xml

OUTCOMES = {"SCORE", "FEEDBACK", "REWRITE", "MAXSCORE"}
INSIDE_OPTION = {"qti-feedback-inline", "qti-feedback-block"}
SLUG_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

Note = Callable[[int, str, str], None]


@dataclass(slots=True)
class QtiQuestion:
    """One item while it is read. ``tags`` come from the manifest; ``note`` knows the file."""

    root: Node
    file: str
    tags: Tags
    names: Names
    note: Note
    _place: str = "item"
    _feedback: dict[str, str] = field(default_factory=dict)

    def read(self) -> BankItem | None:
        """The item; None where it could not be kept as a whole, which is noted."""
        root = self.root
        refusal = self._refusal()
        if refusal:
            self.note(root.line, self._place, refusal)
            return None
        name = self.names.name(from_identifier(root.attribute("identifier")), root.line)
        self._place = f"items.{name}"
        self._read_head(name)
        right = self._read_declarations()
        body = root.take("qti-item-body")
        interaction = next(node for node in root.walk() if node.tag == "qti-choice-interaction")
        self._read_feedback({choice.attributes.get("identifier", "") for choice in interaction.children})
        rewrite = self._feedback.pop(REWRITE, "")
        stem = self._read_stem(body, interaction) if body is not None else ""
        options = self._read_options(interaction, right)
        self._read_processing()
        for line, message in root.leftovers():
            self.note(line, self._place, message)
        return BankItem(
            id=name,
            clause=self.tags.clause,
            verdict=self.tags.verdict,
            stem=stem,
            options=options,
            rewrite=rewrite,
            module=self.tags.module,
            file=self.file,
            line=root.line,
        )

    def _lost(self, line: int, message: str) -> None:
        self.note(line, self._place, message)

    def _refusal(self) -> str:
        root = self.root
        if root.tag != "qti-assessment-item" or root.namespace != NAMESPACE:
            return f"This is no QTI 3.0 item: it begins with <{root.tag}> of {quoted(root.namespace)}."
        titled = quoted(root.attributes.get("title", ""))
        if root.attributes.get("adaptive") in {"true", "1"}:
            return f"The item {titled} is adaptive. It is not kept."
        kinds = [node.tag for node in root.walk() if node.tag.endswith("-interaction")]
        if kinds != ["qti-choice-interaction"]:
            said = ", ".join(f"<{kind}>" for kind in kinds) or "no interaction"
            return f"The item {titled} has {said}. Only one choice with one right answer is kept."
        right = [node for node in root.walk() if node.tag == "qti-correct-response"]
        values = [value for node in right for value in node.children]
        if len(values) != 1:
            return f"The item {titled} has {len(values)} right answers. Only one with exactly one is kept."
        choices = {node.attributes.get("identifier") for node in root.walk() if node.tag == "qti-simple-choice"}
        if values[0].text().strip() not in choices:
            return f"The right answer of the item {titled} is none of its choices. It is not kept."
        return ""

    def _read_head(self, name: str) -> None:
        root = self.root
        for expected in ("adaptive", "xml:lang"):
            root.attribute(expected)
        if root.attributes.get("time-dependent") == "false":
            root.attribute("time-dependent")
        if root.attributes.get("title") in {name, root.attributes.get("identifier")}:
            root.attribute("title")

    def _read_declarations(self) -> str:
        right = ""
        for declaration in self.root.take_all("qti-response-declaration"):
            for name in ("identifier", "base-type", "cardinality"):
                declaration.attribute(name)
            if declaration.attributes.get("cardinality") != "single":
                self._lost(declaration.line, "One could choose several answers here; it is kept as a single choice.")
            correct = declaration.take("qti-correct-response")
            value = correct.take("qti-value") if correct is not None else None
            right = value.text().strip() if value is not None else right
            mapping = declaration.take("qti-mapping")
            if mapping is not None:
                mapping.take_whole()
                self._lost(mapping.line, "Points for single answers (<qti-mapping>) are not kept.")
        for outcome in self.root.take_all("qti-outcome-declaration"):
            if outcome.attributes.get("identifier") not in OUTCOMES:
                outcome.taken = False
                break
            maximum = outcome.attributes.get("normal-maximum") or _default(outcome) or "1"
            if outcome.attributes["identifier"] in {"SCORE", "MAXSCORE"} and maximum not in {"0", "0.0", "1", "1.0"}:
                self._lost(outcome.line, f"The weight of the item ({maximum} points) is not kept.")
            outcome.take_whole()
        return right

    def _read_feedback(self, choices: set[str]) -> None:
        """Takes the modal feedback that belongs to one choice, and our rewrite; other feedback is left over."""
        for modal in [node for node in self.root.children if node.tag == "qti-modal-feedback"]:
            identifier = modal.attributes.get("identifier", "")
            ours = modal.attributes.get("outcome-identifier") == "REWRITE" and identifier == REWRITE
            key = REWRITE if ours else f"choice:{identifier}"
            known = (ours or identifier in choices) and modal.attributes.get("show-hide", "show") == "show"
            if known and key not in self._feedback:
                modal.taken = True
                for name in ("identifier", "outcome-identifier", "show-hide", *(["title"] if ours else [])):
                    modal.attribute(name)
                modal.text()
                self._feedback[key] = self._content(modal)

    def _content(self, modal: Node) -> str:
        body = modal.take("qti-content-body")
        return read_prose(body if body is not None else modal, self._lost)

    def _read_stem(self, body: Node, interaction: Node) -> str:
        prompt = next((node for node in interaction.children if node.tag == "qti-prompt"), None)
        after: list[str] = []

        def skip(node: Node) -> bool:
            if node is interaction:
                node.taken = True
            elif interaction.taken:
                after.append(node.tag)
            # What is QTI's own (rubrics, templates, feedback in the text) is no part of a question here.
            return node.tag.startswith("qti-")

        parts = [read_prose(body, self._lost, skip=skip)]
        interaction.taken = True
        if prompt is not None:
            prompt.taken = True
            parts.append(read_prose(prompt, self._lost))
        if after:
            self._lost(interaction.line, "Text that stood after the options is now part of the question.")
        return "\n\n".join(part for part in parts if part)

    def _read_options(self, interaction: Node, right: str) -> tuple[BankOption, ...]:
        interaction.text()
        interaction.attribute("response-identifier")
        for name, plain in (("max-choices", {"1"}), ("shuffle", {"true", "1"})):
            if interaction.attributes.get(name) in plain:
                interaction.attribute(name)
        if "shuffle" not in interaction.attributes:
            self._lost(interaction.line, "The order of the options is not kept; it is drawn anew each time.")
        choices = interaction.take_all("qti-simple-choice")
        return tuple(self._read_option(place, choice, right) for place, choice in enumerate(choices))

    def _read_option(self, place: int, choice: Node, right: str) -> BankOption:
        identifier = choice.attribute("identifier")
        key = f"choice:{identifier}"

        def skip(node: Node) -> bool:
            if node.tag in INSIDE_OPTION and node.attributes.get("identifier") == identifier:
                node.taken = True
                for name in ("identifier", "outcome-identifier", "show-hide"):
                    node.attribute(name)
                said = self._feedback.get(key, "")
                own = read_prose(node, self._lost)
                self._feedback[key] = f"{said}\n\n{own}" if said else own
            return node.tag.startswith("qti-")

        if choice.attributes.get("class") == VERBATIM:
            choice.attribute("class")
            text = choice.text()
        else:
            text = read_prose(choice, self._lost, plain=True, skip=skip)
        named = from_identifier(identifier)
        if not named or not set(named) <= SLUG_SIGNS or named.strip("-") != named or "--" in named:
            self._lost(choice.line, f"The identifier {quoted(identifier)} of a choice became {option_id(place)}.")
            named = option_id(place)
        return BankOption(named, text, identifier == right, self._feedback.get(key, ""), line=choice.line)

    def _read_processing(self) -> None:
        processing = self.root.take("qti-response-processing")
        if processing is None:
            return
        template = processing.attributes.get("template", "").removesuffix(".xml")
        if not template.endswith("/match_correct") and _shape(processing) != _our_processing():
            message = "The rules of scoring (<qti-response-processing>) are not kept; the answer declared right is."
            self._lost(processing.line, message)
        processing.take_whole()


def _default(outcome: Node) -> str:
    return "".join(node.text() for node in outcome.walk() if node.tag == "qti-value").strip()


def _shape(node: Node) -> tuple[object, ...]:
    """An element without its lines and spaces, to compare."""
    words = "".join(part for part in node.inside if isinstance(part, str)).strip()
    return node.tag, tuple(sorted(node.attributes.items())), words, tuple(_shape(child) for child in node.children)


@cache
def _our_processing() -> tuple[object, ...]:
    return _shape(parse_xml(PROCESSING.encode(), ""))
