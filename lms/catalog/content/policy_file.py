"""policy.md: YAML front matter, headings, and clauses word for word under ``[clause REF]`` lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lms.catalog.content.course_shape import PolicyShape
from lms.catalog.content.faults import Faults
from lms.catalog.content.fitting import fit
from lms.catalog.content.markdown import refused_in
from lms.catalog.content.source import Source
from lms.catalog.content.tree import Tree, read_tree
from lms.policy.rules import ParsedPolicy, read_blocks

CLAUSE = re.compile(r"\[clause ([^\]]*)\]")
REF = re.compile(r"[IVX]+(\.[A-Za-z0-9-]+)*")
HEADING = re.compile(r"(#{1,6}) +(.+)")
LONGEST_REF = 30
DEEPEST_HEADING = 3


@dataclass(slots=True)
class _Block:
    """A heading or a clause while it is being read."""

    line: int
    ref: str | None = None
    heading: str = ""
    level: int = 0
    paragraphs: list[list[str]] = field(default_factory=lambda: [[]])

    @property
    def text(self) -> str:
        """Paragraphs parted by a blank line; the lines of one are joined."""
        return "\n\n".join(" ".join(lines) for lines in self.paragraphs if lines)


def read_policy(source: Source, faults: Faults) -> ParsedPolicy | None:
    """The policy of a file; None where it has any fault, which is noted."""
    before = len(faults)
    end = _front_matter_end(source)
    if end is None:
        faults.add(source.file, 1, "", "The file must begin with front matter between two lines “---”.")
        return None
    head = Source(source.file, "\n".join(source.lines[1:end]) + "\n")
    tree = read_tree(head, faults, first_line=2)
    shape = fit(PolicyShape, tree, faults) if tree is not None else None
    blocks = _read_body(source, end + 1, faults)
    if shape is None or tree is None:
        return None
    taught = _taught(shape, tree, {block.ref for block in blocks if block.ref}, faults)
    if len(faults) > before:
        return None
    fields = shape.model_dump(exclude={"taught", "document"})
    listed = (_block_fields(block, taught) for block in blocks)
    return ParsedPolicy(slug=shape.document, blocks=read_blocks(listed), **fields)


def _front_matter_end(source: Source) -> int | None:
    lines = source.lines
    if lines[0] != "---":
        return None
    return next((number for number, line in enumerate(lines[1:], start=1) if line == "---"), None)


def _taught(shape: PolicyShape, tree: Tree, refs: set[str], faults: Faults) -> set[str]:
    seen: set[str] = set()
    for place, ref in enumerate(shape.taught):
        path = ("taught", place)
        if ref not in refs:
            faults.add(tree.file, tree.line(path), tree.name(path), f"There is no clause {ref} in this policy.")
        if ref in seen:
            faults.add(tree.file, tree.line(path), tree.name(path), f"Clause {ref} is named twice.")
        seen.add(ref)
    return seen


def _block_fields(block: _Block, taught: set[str]) -> dict[str, Any]:
    if block.ref is None:
        return {"heading": block.heading, "level": block.level}
    return {"clause": block.ref, "text": block.text, "taught": block.ref in taught}


def _read_body(source: Source, start: int, faults: Faults) -> list[_Block]:
    blocks: list[_Block] = []
    for number, line in enumerate(source.lines[start:], start=start + 1):
        if clause := CLAUSE.fullmatch(line.strip()):
            blocks.append(_Block(number, ref=clause[1]))
        elif heading := HEADING.fullmatch(line.strip()):
            blocks.append(_Block(number, heading=heading[2].strip(), level=len(heading[1])))
        elif not line.strip():
            if blocks:
                blocks[-1].paragraphs.append([])
        elif blocks and blocks[-1].ref is not None:
            blocks[-1].paragraphs[-1].append(line.strip())
        else:
            faults.add(source.file, number, "", "This text is under no clause. Put a line [clause REF] above it.")
    _check_body(source.file, blocks, faults)
    return blocks


def _check_body(file: str, blocks: list[_Block], faults: Faults) -> None:
    seen: set[str] = set()
    section = ""
    for block in blocks:
        if block.ref is None:
            if block.level > DEEPEST_HEADING:
                faults.add(file, block.line, "", "A policy has headings of three levels at most.")
            section = block.heading.split(".")[0] if block.level == 1 else section
            continue
        if not REF.fullmatch(block.ref) or len(block.ref) > LONGEST_REF:
            faults.add(file, block.line, block.ref, "A clause id looks like IV.B.2.f.")
        elif block.ref.split(".")[0] != section:
            faults.add(file, block.line, block.ref, f"This clause stands under the heading of section {section}.")
        if block.ref in seen:
            faults.add(file, block.line, block.ref, "This clause id is used twice.")
        seen.add(block.ref)
        if not block.text:
            faults.add(file, block.line, block.ref, "This clause has no text.")
        for _, sentence in refused_in(block.text):
            faults.add(file, block.line, block.ref, sentence)
    if not seen:
        faults.add(file, 1, "", "This policy has no clauses.")
