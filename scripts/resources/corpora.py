"""The French texts that the language models learn from.

The corpora are parliament, law, manuals and short everyday sentences. What they lack, the French of newspapers and
magazines, a language model wrote for this project: `written.txt` has sentences, each around a word that a spinner may
replace, `articles.txt` beginnings of articles, guides and entries, a sentence a line, whose words come as they do in such
texts; what they say of anybody is invented. The sentences of scripts/training/sentences.tsv were written for the
translation student.
"""
import gzip
import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ARTICLES_COUNT = 3

# Corpus -> (most lines taken, times each line counts). Law text is capped: it is vast and formulaic.
CORPORA_OF_TRIGRAM = {
    "hansard36": (1_000_000, 1), "debian_www": (200_000, 2), "tatoeba2017": (200_000, 2), "laws_ca": (60_000, 1),
    "php_doc": (20_000, 1), "python_doc": (15_000, 1), "django_doc": (15_000, 1), "multi30k": (40_000, 1),
}
CORPORA_OF_CLOZE = CORPORA_OF_TRIGRAM | {
    "laws_ca": (80_000, 1), "php_doc": (30_000, 1), "python_doc": (22_000, 1), "django_doc": (22_000, 1),
}


def sample(folder: Path, corpora: dict[str, tuple[int, int]], seed: int):
    """The French sides of the corpora, a line as often as it counts."""
    rng = random.Random(seed)
    for name, (most, times) in corpora.items():
        with gzip.open(folder / f"{name}.fr-en.tsv.gz", "rt", encoding="utf-8") as lines:
            french = [line.split("\t", 1)[0] for line in lines]
        if len(french) > most:
            french = rng.sample(french, most)
        for text in french:
            for _ in range(times):
                yield text
        print(f"{name}: {len(french)} lines", file=sys.stderr)


def written() -> list[str]:
    """The French sentences written for this project; those of articles count `ARTICLES_COUNT` times."""
    pairs = lines(HERE.parent / "training/sentences.tsv")
    articles = lines(HERE / "articles.txt") * ARTICLES_COUNT
    return lines(HERE / "written.txt") + articles + [pair.split("\t")[0] for pair in pairs]


def lines(path: Path) -> list[str]:
    """A file's lines."""
    return path.read_text(encoding="utf-8").splitlines()
