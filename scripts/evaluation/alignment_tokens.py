#!/usr/bin/env python3
"""Cut a French or an English sentence into the tokens of the alignment gold.

The rule, in the order it is tried at each character:

1. a number: digits grouped by single spaces (plain, no-break or narrow
   no-break) into thousands, or digits with inner commas or points
   (`9 000`, `2,8`, `1.234,5`), when no letter follows it directly;
2. a word: a run of letters and digits, which may hold inner hyphens and
   inner apostrophes (`sous-marin`, `doesn't`, `4x4`, `1er`);
3. anything else that is not white space: one token a character.

Words are then cut once more:

* French: after the apostrophe of an elided form (`l'|homme`, `qu'|il`,
  `jusqu'|à`), as often as it applies; `aujourd'hui`, `quelqu'un`,
  `presqu'île` and the like stay whole;
* English: before a final `'s` (`Italy|'s`); other contractions stay whole.

A token is a half-open span of code points; the sentence is not normalised.

    alignment_tokens.py fr < sentences      one token list (JSON) a line
    alignment_tokens.py --check             run the checks
"""

import json
import re
import sys

SPACES = " \u00a0\u202f"
TOKEN = re.compile(
    rf"""(?<!\w)\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d+)?(?![\w])
      | \d+(?:[.,]\d+)+(?![^\W_])
      | [^\W_]+(?:[-'\u2019][^\W_]+)*
      | \S""",
    re.VERBOSE,
)
ELISION = re.compile(r"(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['\u2019](?=\w)", re.IGNORECASE)
GENITIVE = re.compile(r"(?<=\w)['\u2019]s$", re.IGNORECASE)


def spans(text, language):
    """The tokens of `text` as (start, end) pairs, in order."""
    found = []
    for match in TOKEN.finditer(text):
        start, end = match.span()
        if language == "fr":
            while cut := ELISION.match(text, start, end):
                found.append((start, cut.end()))
                start = cut.end()
        elif language == "en":
            cut = GENITIVE.search(text[start:end])
            if cut:
                found.append((start, start + cut.start()))
                start += cut.start()
        else:
            raise ValueError(f"no rule for language {language!r}")
        found.append((start, end))
    return found


def tokens(text, language):
    """The tokens of `text` as strings, in order."""
    return [text[start:end] for start, end in spans(text, language)]


def check():
    cases = [
        ("fr", "L\u2019homme qu'il a vu.", "L\u2019|homme|qu'|il|a|vu|."),
        ("fr", "jusqu'à aujourd'hui, quelqu'un", "jusqu'|à|aujourd'hui|,|quelqu'un"),
        ("fr", "9\u202f000 ans, 12 345 678 pas", "9\u202f000|ans|,|12 345 678|pas"),
        ("fr", "En 2015 300 cas", "En|2015|300|cas"),
        ("fr", "2,8 % du 1er 4x4", "2,8|%|du|1er|4x4"),
        ("fr", "«\u00a0peut-être\u00a0» ; d'où", "«|peut-être|»|;|d'|où"),
        ("fr", "qu'il n'y en a", "qu'|il|n'|y|en|a"),
        ("fr", "l'entr'acte", "l'|entr'acte"),
        ("en", "Italy's kings don't.", "Italy|'s|kings|don't|."),
        ("en", "St James' 9,000 (well-known)", "St|James|'|9,000|(|well-known|)"),
        ("en", "the bank\u2019s 35 mm2--but", "the|bank|\u2019s|35|mm2|-|-|but"),
        ("en", "advice/claims U.S. cents", "advice|/|claims|U|.|S|.|cents"),
        ("en", "", ""),
    ]
    for language, text, wanted in cases:
        got = "|".join(tokens(text, language))
        assert got == wanted, f"{text!r}: {got!r}, not {wanted!r}"
        ends = 0
        for start, end in spans(text, language):
            assert ends <= start < end
            assert not text[ends:start].strip(), f"{text!r}: characters left out"
            ends = end
    print(f"{len(cases)} cases hold")


def main():
    if sys.argv[1:] == ["--check"]:
        check()
    elif len(sys.argv) == 2 and sys.argv[1] in ("fr", "en"):
        for line in sys.stdin:
            print(json.dumps(tokens(line.rstrip("\n"), sys.argv[1]), ensure_ascii=False))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
