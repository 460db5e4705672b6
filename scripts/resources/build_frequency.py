#!/usr/bin/env python3
"""French and English word frequencies side by side, from the wordfreq package (data CC BY-SA 4.0).

Usage: build_frequency.py OUT_TSV

OUT_TSV gets `word TAB value`, sorted by bytes, for `pack_fst`; value = fr << 8 | en, each 0 for absent, else
`20 * (log10 frequency + 9)` rounded, 1..=180. Words rarer than 10^-7.6 in both languages are left out.
"""
import math
import re
import sys

import wordfreq

WORD = re.compile(r"[a-zà-öø-ÿœ](?:[a-zà-öø-ÿœ]|['-](?=[a-zà-öø-ÿœ]))*\Z")
RAREST = 10**-7.6


def main() -> None:
    values = {}
    for lang, shift in (("fr", 8), ("en", 0)):
        for word, frequency in wordfreq.get_frequency_dict(lang, wordlist="large").items():
            word = word.replace("’", "'")
            if frequency >= RAREST and WORD.match(word) and len(word) < 40:
                step = max(1, min(180, round(20 * (math.log10(frequency) + 9))))
                values[word] = values.get(word, 0) | step << shift
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        for word in sorted(values, key=str.encode):
            file.write(f"{word}\t{values[word]}\n")
    print(f"{len(values)} words", file=sys.stderr)


if __name__ == "__main__":
    main()
