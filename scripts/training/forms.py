"""French forms with the roles they can play, from a hunspell dictionary with po: and is: tags (Dicollecte)."""
from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "resources"))
from build_lexicon import FINITE, expand, flags_of, read_suffixes

# How words with an aspirated h begin; before all others with h articles elide.
ASPIRATED = tuple(
    "hach hagard haie haillon hain haïr hal hamac hameau hamster hanch hand hangar hant happ harangu harass harcel harcèl hard harem hareng hargn haricot harnach "
    "harnais harp hasard hât hauss haut havr hennir heurt hérisson hérisser hernie héron héros herse hêtre hibou hic hideux hiérarch hip hiss hobby hochet hoch hockey "
    "hold hollandais homard hongrois hont hoquet hors hot hotte houle houx houblon housse hublot huche huer huée huit hurl hussard hutte hyène".split())


def elides(form: str) -> bool:
    """Whether an article loses its vowel before a form."""
    return form[0] in "aàâeéèêëiîïoôuœ" or form[0] == "h" and not form.startswith(ASPIRATED)


def roles(tags: list[str]) -> set[tuple[str, str]]:
    """(Part of speech, role) of one dictionary analysis."""
    names = {t[3:].rstrip("!") for t in tags if t.startswith("po:")}
    genders = [g for g in ("mas", "fem") if f"is:{g}" in tags or "is:epi" in tags]
    numbers = [n for n in ("sg", "pl") if f"is:{n}" in tags or "is:inv" in tags]
    agreement = [f"{g} {n}" for g in genders or ("mas", "fem") for n in numbers or ("sg",)]
    found = set()
    if "ppas" in names:
        found |= {("verb", f"verb past {a}") for a in agreement}
    else:
        found |= {(p, f"{p} {a}") for p, tag in (("noun", "nom"), ("adj", "adj")) if tag in names for a in agreement}
    if "adv" in names:
        found.add(("adv", "adv"))
    if "infi" in names:
        found.add(("verb", "verb inf"))
    for tense in FINITE & names:
        for person in names & {"1sg", "2sg", "3sg", "1pl", "2pl", "3pl"}:
            found.add(("verb", f"verb {tense} {person}"))
    return found


def read_dictionary(folder: Path) -> dict[str, set[tuple[str, str, str]]]:
    """(Lemma, part of speech, role) of each lower-case French form."""
    rules = read_suffixes(folder / "fr.aff")
    readings = defaultdict(set)
    for line in (folder / "fr.dic").read_text(encoding="utf-8").splitlines()[1:]:
        entry, *tags = line.split()
        stem, _, flags = entry.partition("/")
        for form, form_flags, form_tags in expand(stem, flags_of(flags), tags, rules):
            if "{}" in form_flags:
                continue
            lemma = next((t[3:] for t in form_tags if t.startswith("st:")), stem)
            found = roles(form_tags) if form[:1].islower() else {("name", "name")}
            readings[form.lower()] |= {(lemma, pos, role) for pos, role in found}
    return readings
