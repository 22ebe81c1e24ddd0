"""How hard a text is to read, in school grades.

The measure is the Flesch-Kincaid grade level: 0.39 × words per sentence + 11.8 × syllables per word − 15.59
(J. P. Kincaid, R. P. Fishburne, R. L. Rogers, B. S. Chissom, "Derivation of New Readability Formulas …", Research
Branch Report 8-75, Naval Technical Training Command, 1975).

Syllables are the places where pyphen's American English dictionary hyphenates, plus one. Typesetters leave some
places out (ve-ry), so the groups of vowels are counted as well and the greater number is taken ("department" counts
four): the grade is rather too high than too low.

Left out of the measure: words quoted from the policy, which are not ours to change; citations and clause numbers;
headings and tables, which have no sentences.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

import pyphen

from lms.catalog.content.voice import QUOTED

WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)*]*(?=\s|$)|\n\s*\n|\n\s*(?=[-*] |\d+\. )")
SKIPPED_LINE = re.compile(r"^(?:#+ .*|\|.*)$", re.MULTILINE)
NUMBERED = re.compile(r"\b(?:[IVX]+\.[A-Z](?:\.\w+)*|\d\.[a-n](?:\.\d)?|[ap]\.m\.)(?![A-Za-z])")
ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Lt|Sgt|vs|v|e\.g|i\.e)\.")
VOWELS = re.compile(r"[aeiouy]+")
SILENT = re.compile(r"(?:[^laeiouy]e|[^dtaeiouy]ed|[^sxzcgaeiouyh]es)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """Counts of a text. ``grade`` is a US school grade, rounded to a tenth; 0 for no text."""

    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float:
        """The Flesch-Kincaid grade level."""
        if not self.words:
            return 0.0
        per_sentence = self.words / max(self.sentences, 1)
        return round(0.39 * per_sentence + 11.8 * self.syllables / self.words - 15.59, 1)


@cache
def _hyphenation() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US", left=1, right=1)


@cache
def syllables(word: str) -> int:
    """The syllables of one word in lower case, at least one."""
    vowels = len(VOWELS.findall(word)) - (1 if SILENT.search(word) else 0)
    return max(1, vowels, len(_hyphenation().positions(word)) + 1)


def measure(texts: Iterable[str], policy_words: str, citations: Collection[str]) -> Reading:
    """Measures texts together. ``policy_words`` is the policy's whole text in ``squeezed`` form."""
    words = sentences = counted = 0
    for text in texts:
        for sentence in SENTENCE_END.split(_own_words(text, policy_words, citations)):
            found = WORD.findall(sentence)
            words += len(found)
            sentences += bool(found)
            counted += sum(syllables(word.lower()) for word in found)
    return Reading(words, sentences, counted)


def squeezed(text: str) -> str:
    """The letters of a text in lower case with one space between words, to find quotations in."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _own_words(text: str, policy_words: str, citations: Collection[str]) -> str:
    plain = SKIPPED_LINE.sub("\n\n", text.replace("*", ""))
    for citation in citations:
        plain = plain.replace(citation, " ")
    plain = QUOTED.sub(lambda found: " " if squeezed(found[0]) in policy_words else found[0], plain)
    return ABBREVIATED.sub(" ", NUMBERED.sub(" ", plain))
