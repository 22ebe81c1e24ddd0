"""A QTI 3.0 package: a zip with ``imsmanifest.xml`` and one file for each item.

Clause, verdict and module stand in the manifest as keywords of the resource's LOM record, where item banks look for
them. A package is never unpacked to disk: names that lead outside of it, links, doubles, encryption and sizes that a
bank does not need are refused before a byte is unpacked. Source: 1EdTech QTI 3.0, content packaging.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from lms.catalog.content.faults import Faults
from lms.catalog.exchange.bank import MOST_QUESTIONS, Bank, BankItem, CannotExchange, Names
from lms.catalog.exchange.qti_item import to_identifier, write_item
from lms.catalog.exchange.qti_read import QtiQuestion
from lms.catalog.exchange.tags import Tags, read_tags, tags_of
from lms.catalog.exchange.xml_tree import XSI, Node, parse_xml

MANIFEST = "imsmanifest.xml"
PACKAGING = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
PACKAGING_SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd"
LOM = "http://ltsc.ieee.org/xsd/LOM"
LOM_SCHEMA = "https://purl.imsglobal.org/spec/md/v1p3/schema/xsd/imsmd_loose_v1p3p2.xsd"
ITEM_TYPE = "imsqti_item_xmlv3p0"

LARGEST_PACKAGE = 4 * 1024 * 1024
LARGEST_FILE = 512 * 1024
LARGEST_WHOLE = 12 * 1024 * 1024
LINK_TYPE = 0o120000
TOO_MANY = f"This package holds more than {MOST_QUESTIONS} files. Divide it."
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can name, so that the same bank gives the same bytes."""


def write_qti(bank: Bank) -> bytes:
    """The bank as a QTI 3.0 package."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in _files(bank):
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, data)
    return packed.getvalue()


def _files(bank: Bank) -> Iterator[tuple[str, bytes]]:
    yield MANIFEST, _manifest(bank).encode()
    for item in bank.items:
        yield _href(item), write_item(item, bank.language)


def _href(item: BankItem) -> str:
    return f"items/{item.id}.xml"


def _manifest(bank: Bank) -> str:
    resources = "\n".join(_resource(item, bank.language) for item in bank.items)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest xmlns="{PACKAGING}" xmlns:xsi="{XSI}"
    xsi:schemaLocation="{PACKAGING} {PACKAGING_SCHEMA} {LOM} {LOM_SCHEMA}"
    identifier="rollcall-{bank.course}">
  <metadata>
    <schema>QTI Package</schema>
    <schemaversion>3.0.0</schemaversion>
  </metadata>
  <organizations/>
  <resources>
{resources}
  </resources>
</manifest>
"""


def _resource(item: BankItem, language: str) -> str:
    keywords = "\n".join(
        f"            <keyword><string language={quoteattr(language)}>{escape(tag)}</string></keyword>"
        for tag in tags_of(item)
    )
    return f"""    <resource identifier="resource-{to_identifier(item.id)}" type="{ITEM_TYPE}" href="{_href(item)}">
      <metadata>
        <lom xmlns="{LOM}">
          <general>
{keywords}
          </general>
        </lom>
      </metadata>
      <file href="{_href(item)}"/>
    </resource>"""


def read_qti(data: bytes, file: str, faults: Faults) -> list[BankItem]:
    """The single-choice items of a QTI 3.0 package; ``faults`` gets what could not be kept.

    Raises CannotExchange where the file is no such package, or is made to do harm.
    """
    entries = _open(data, file)
    if MANIFEST not in entries:
        raise CannotExchange(f"{file}:1: This is no QTI package: it has no {MANIFEST}.")
    manifest_name = f"{file}/{MANIFEST}"
    manifest = parse_xml(entries[MANIFEST], manifest_name)
    if manifest.tag != "manifest":
        raise CannotExchange(f"{manifest_name}:{manifest.line}: This is no manifest: it begins with <{manifest.tag}>.")
    reader = _Package(file, entries, faults)
    items = list(reader.read(manifest))
    for line, message in manifest.leftovers():
        faults.add(manifest_name, line, "", message)
    for name in sorted(set(entries) - reader.read_names - {MANIFEST}):
        faults.add(f"{file}/{name}", 1, "", "This file is not kept; it is no item that the manifest names.")
    return items


class _Package:
    """A package while its items are read."""

    def __init__(self, file: str, entries: dict[str, bytes], faults: Faults) -> None:
        self._file = file
        self._entries = entries
        self._faults = faults
        self._names = Names(self._note_name)
        self._now = file
        self.read_names: set[str] = set()

    def _note(self, line: int, path: str, message: str) -> None:
        self._faults.add(f"{self._file}/{MANIFEST}", line, path, message)

    def _note_name(self, line: int, path: str, message: str) -> None:
        self._faults.add(self._now, line, path, message)

    def read(self, manifest: Node) -> Iterator[BankItem]:
        """Reads each item that the manifest names, in its order."""
        manifest.attribute("identifier")
        metadata = manifest.take("metadata")
        for name in ("schema", "schemaversion"):
            for node in metadata.take_all(name) if metadata is not None else []:
                node.take_whole()
        for organizations in manifest.take_all("organizations"):
            if not organizations.children:
                organizations.take_whole()
        for resources in manifest.take_all("resources"):
            for resource in resources.take_all("resource"):
                if (item := self._read_resource(resource)) is not None:
                    yield item

    def _read_resource(self, resource: Node) -> BankItem | None:
        identifier = resource.attribute("identifier")
        kind = resource.attribute("type")
        href = unquote(resource.attribute("href"))
        if kind != ITEM_TYPE:
            resource.take_whole()
            self._note(resource.line, identifier, f"The resource {href or identifier} ({kind}) is not kept.")
            return None
        tags = self._read_metadata(resource, identifier)
        for named in resource.take_all("file"):
            if unquote(named.attribute("href")) != href:
                named.taken = False
                break
        if href not in self._entries or href in self.read_names:
            twice = "is named twice" if href in self.read_names else "is missing"
            self._note(resource.line, identifier, f"The file {href} {twice}.")
            return None
        self.read_names.add(href)
        self._now = f"{self._file}/{href}"
        return self._read_item(self._now, self._entries[href], tags)

    def _read_item(self, name: str, data: bytes, tags: Tags) -> BankItem | None:
        def note(line: int, path: str, message: str) -> None:
            self._faults.add(name, line, path, message)

        return QtiQuestion(parse_xml(data, name), name, tags, self._names, note).read()

    def _read_metadata(self, resource: Node, identifier: str) -> Tags:
        found: list[tuple[int, str]] = []
        for metadata in resource.take_all("metadata"):
            for lom in metadata.take_all("lom"):
                for general in lom.take_all("general"):
                    for keyword in general.take_all("keyword"):
                        found.extend(_strings(keyword))
        return read_tags(found, lambda line, _, message: self._note(line, identifier, message))


def _strings(keyword: Node) -> Iterator[tuple[int, str]]:
    for string in keyword.take_all("string"):
        string.attribute("language")
        yield string.line, string.text()


def _open(data: bytes, file: str) -> dict[str, bytes]:
    """The files in a package by name. Raises CannotExchange for a package that no bank needs to be."""
    if len(data) > LARGEST_PACKAGE:
        raise CannotExchange(f"{file}:1: This package is larger than {LARGEST_PACKAGE // 1024 // 1024} MB. Divide it.")
    if data.count(b"PK\1\2") > 2 * MOST_QUESTIONS:
        raise CannotExchange(f"{file}:1: {TOO_MANY}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            listed = [entry for entry in package.infolist() if not entry.is_dir()]
            for refusal in _refusals(listed):
                raise CannotExchange(f"{file}:1: {refusal}")
            return {entry.filename: _unpack(package, entry, file) for entry in listed}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise CannotExchange(f"{file}:1: This is no zip package that can be read.") from None


def _refusals(listed: list[zipfile.ZipInfo]) -> Iterator[str]:
    if len(listed) > MOST_QUESTIONS + 1:
        yield TOO_MANY
    if sum(entry.file_size for entry in listed) > LARGEST_WHOLE:
        yield f"The files of this package are larger than {LARGEST_WHOLE // 1024 // 1024} MB together. Divide it."
    seen: set[str] = set()
    for entry in listed:
        name = entry.filename
        steps = name.split("/")
        if name.startswith("/") or "\\" in entry.orig_filename or ":" in name or {"..", ".", ""} & set(steps):
            yield f"The name {name!r} leads out of the package. It is refused."
        if entry.external_attr >> 16 & 0o170000 == LINK_TYPE:
            yield f"{name!r} is a link. It is refused."
        if entry.flag_bits & 1:
            yield f"{name!r} is encrypted. Make a package without a password."
        if name in seen:
            yield f"{name!r} stands in the package twice. It is refused."
        seen.add(name)


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> bytes:
    """One file's bytes. What its header says of its size is not believed."""
    if not entry.filename.endswith(".xml"):
        return b""  # A picture or a style sheet is only named in the notes, never read.
    with package.open(entry) as opened:
        data = opened.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise CannotExchange(f"{file}/{entry.filename}:1: This file is larger than {LARGEST_FILE // 1024} KB.")
    return data
