#!/usr/bin/env python3
"""Lists the English words that the synonym tables are about, in WORK_DIR/words.txt.

Usage: list_words.py WORK_DIR WORDNET_DIR NAMES_FILE
"""
import sys
from pathlib import Path

from synonymy import Tables


def name_words(path: Path, tables: Tables) -> list[str]:
    """Lower-case words of the names in which a spinner may have replaced one (`street`, `times`)."""
    names = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return sorted({w for n in names for w in n.lower().split(" ") if tables.is_word(w, -6.6)})


def main() -> None:
    work = Path(sys.argv[1])
    tables = Tables(work, Path(sys.argv[2]))
    words = set(tables.homographs()) | set(tables.spun()) | set(name_words(Path(sys.argv[3]), tables))
    (work / "words.txt").write_text("\n".join(sorted(words)), encoding="utf-8")
    print(f"{len(words)} words", file=sys.stderr)


if __name__ == "__main__":
    main()
