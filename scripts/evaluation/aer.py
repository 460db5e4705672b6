#!/usr/bin/env python3
"""Score word alignments against the gold sample in tests/data/alignment.

    aer.py check    --gold G --source S --target T
    aer.py score    --gold G --source S --target T --hypothesis H [--spans P] [--offsets U]
    aer.py baseline --gold G --source S --target T [--pairs N] [--write H] corpus.tsv.gz...

G is the gold file; S and T are the test set, one segment a line. `check` says
whether the gold is well formed and how much of the text it links. `score`
prints precision, recall and the alignment error rate of a hypothesis:

    precision = |A & P| / |A|    recall = |A & S| / |S|
    AER = 1 - (|A & S| + |A & P|) / (|A| + |S|)

with A the hypothesis, S the sure and P the possible links, counted over the
whole sample; a second line leaves out the links that touch punctuation.

A hypothesis is one of

* JSONL, an object a segment: `line` (in the test set, from 1), `source` and
  `target` (token spans, [start, end) over the line), `links` ([[i, j], ...]);
  or `line` and a segment record's `alignment`, `source_tokens` and
  `target_tokens`;
* Pharaoh (`0-0 1-2`), a line for each row of the gold, or one for each line
  of the test set. With --spans, a file with as many lines gives each
  segment's token spans: `0:3 4:9<TAB>0:2 3:8`. Without it the tokens are
  those of alignment_tokens.py.

Spans count code points, or UTF-8 bytes with `--offsets bytes`. A link between
two of the hypothesis' tokens is a link between every pair of gold tokens that
share a character with them.

`baseline` trains IBM Model 1 with a fixed diagonal prior (lambda 4, null 0.08;
Dyer, Chahuneau and Smith 2013 fit lambda, this does not) in both directions
on lower-cased tokens: five rounds of EM over N pairs drawn evenly from the
corpora (`French<TAB>English`, at most 40 tokens a side) and over the sample
itself. The two directions are joined by grow-diag-final-and.
"""

import argparse
import gzip
import json
import sys
from pathlib import Path

from alignment_tokens import spans

COLUMNS = ["line", "fr_tokens", "en_tokens", "sure", "possible"]
ROUNDS = 5
LAMBDA = 4.0
NULL = 0.08
LONGEST = 40


def parse_links(text):
    return {tuple(int(n) for n in link.split("-")) for link in text.split()}


class Row:
    """One gold segment: its text, its tokens and its links."""

    def __init__(self, line, source, target, sure, possible):
        self.line, self.source, self.target = line, source, target
        self.source_spans = spans(source, "fr")
        self.target_spans = spans(target, "en")
        self.sure, self.possible = sure, possible

    def words(self):
        """Lower-cased tokens of both sides."""
        return (
            [self.source[a:b].lower() for a, b in self.source_spans],
            [self.target[a:b].lower() for a, b in self.target_spans],
        )

    def is_word(self, link):
        """Whether neither end of the link is punctuation."""
        (a, b), (c, d) = self.source_spans[link[0]], self.target_spans[link[1]]
        return any(map(str.isalnum, self.source[a:b])) and any(map(str.isalnum, self.target[c:d]))


def read_gold(arguments):
    """The gold rows; stops at the first that does not fit the test set."""
    source = arguments.source.read_text("utf-8").split("\n")
    target = arguments.target.read_text("utf-8").split("\n")
    lines = arguments.gold.read_text("utf-8").splitlines()
    if lines[0].split("\t") != COLUMNS:
        sys.exit(f"{arguments.gold}: the columns are not {', '.join(COLUMNS)}")
    rows = []
    for text in lines[1:]:
        line, source_count, target_count, sure, possible = text.split("\t")
        line = int(line)
        row = Row(line, source[line - 1], target[line - 1], parse_links(sure), parse_links(possible))
        counts = (len(row.source_spans), len(row.target_spans))
        if counts != (int(source_count), int(target_count)):
            sys.exit(f"line {line}: {counts} tokens, not {source_count} and {target_count}")
        if not row.sure <= row.possible:
            sys.exit(f"line {line}: sure but not possible: {sorted(row.sure - row.possible)}")
        for i, j in row.possible:
            if not (0 <= i < counts[0] and 0 <= j < counts[1]):
                sys.exit(f"line {line}: no such tokens: {i}-{j}")
        rows.append(row)
    if len({row.line for row in rows}) != len(rows):
        sys.exit("a line of the test set occurs twice")
    return rows


def check(rows):
    sure = sum(len(row.sure) for row in rows)
    possible = sum(len(row.possible) for row in rows)
    print(f"{len(rows)} segments, {sure} sure links, {possible} possible (sure among them)")
    for side, name in ((0, "French"), (1, "English")):
        total = sum(len((row.source_spans, row.target_spans)[side]) for row in rows)
        by_sure = sum(len({link[side] for link in row.sure}) for row in rows)
        by_any = sum(len({link[side] for link in row.possible}) for row in rows)
        print(
            f"{name}: {total} tokens, {by_sure} with a sure link ({by_sure / total:.1%}), "
            f"{by_any} with any ({by_any / total:.1%})"
        )


def score(rows, hypothesis, keep=lambda row, link: True):
    """(precision, recall, AER, number of links) over the rows."""
    size = sure_hits = possible_hits = sure_size = 0
    for row in rows:
        links = {link for link in hypothesis[row.line] if keep(row, link)}
        sure = {link for link in row.sure if keep(row, link)}
        size += len(links)
        sure_size += len(sure)
        sure_hits += len(links & sure)
        possible_hits += len(links & row.possible)
    precision = possible_hits / size if size else 0.0
    recall = sure_hits / sure_size if sure_size else 0.0
    errors = 1 - (sure_hits + possible_hits) / (size + sure_size) if size + sure_size else 0.0
    return precision, recall, errors, size


def report(name, rows, hypothesis):
    for label, keep in (("all", lambda row, link: True), ("words only", Row.is_word)):
        precision, recall, errors, size = score(rows, hypothesis, keep)
        print(
            f"{name}, {label}: precision {precision:.3f}, recall {recall:.3f}, "
            f"AER {errors:.3f} ({size} links)"
        )


def to_characters(pairs, text, unit):
    """Spans in code points, from spans in `unit`."""
    if unit == "characters":
        return [tuple(pair) for pair in pairs]
    data = text.encode("utf-8")
    return [tuple(len(data[:at].decode("utf-8")) for at in pair) for pair in pairs]


def project(links, tokens, gold):
    """The links between gold tokens that links between other tokens stand for.

    `tokens` and `gold` are each a pair of span lists: source, target.
    """

    def overlaps(side):
        return [
            [k for k, (c, d) in enumerate(gold[side]) if max(a, c) < min(b, d)]
            for a, b in tokens[side]
        ]

    source, target = overlaps(0), overlaps(1)
    return {(i, j) for a, b in links for i in source[a] for j in target[b]}


def read_hypothesis(arguments, rows):
    """Links between gold tokens, by line of the test set."""
    lines = arguments.hypothesis.read_text("utf-8").splitlines()
    found = {}
    if next((text for text in lines if text.strip()), "").lstrip().startswith("{"):
        for text in filter(str.strip, lines):
            item = json.loads(text)
            if "alignment" in item:
                links = parse_links(item["alignment"])
                found[item["line"]] = (links, item["source_tokens"], item["target_tokens"])
            else:
                found[item["line"]] = (item["links"], item["source"], item["target"])
    else:
        cuts = None
        if arguments.spans:
            cuts = [
                [[tuple(map(int, cut.split(":"))) for cut in side.split()] for side in text.split("\t")]
                for text in arguments.spans.read_text("utf-8").splitlines()
            ]
            if len(cuts) != len(lines):
                sys.exit("the spans and the links differ in their number of lines")
        for k, row in enumerate(rows):
            at = k if len(lines) == len(rows) else row.line - 1
            if at >= len(lines):
                sys.exit(f"the hypothesis has no line for segment {row.line}")
            sides = cuts[at] if cuts else (None, None)
            found[row.line] = (parse_links(lines[at]), *sides)
    projected = {}
    for row in rows:
        if row.line not in found:
            sys.exit(f"the hypothesis lacks line {row.line}")
        links, source, target = found[row.line]
        gold = (row.source_spans, row.target_spans)
        if source is None:
            tokens = gold
        else:
            tokens = (
                to_characters(source, row.source, arguments.offsets),
                to_characters(target, row.target, arguments.offsets),
            )
        for a, b in links:
            if not (0 <= a < len(tokens[0]) and 0 <= b < len(tokens[1])):
                sys.exit(f"line {row.line}: the hypothesis links tokens it lacks: {a}-{b}")
        projected[row.line] = project(links, tokens, gold)
    return projected


def read_corpora(paths, wanted):
    """About `wanted` token pairs, spread evenly over each corpus."""
    pairs = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines = file.read().split("\n")
        share = wanted // len(paths)
        taken = 0
        # A third more than the share, for what is too long or empty.
        step = max(1, len(lines) * 3 // (share * 4))
        for text in lines[::step]:
            sides = text.split("\t")
            if taken == share or len(sides) != 2:
                continue
            french, english = (
                [side[a:b].lower() for a, b in spans(side, language)]
                for side, language in zip(sides, ("fr", "en"))
            )
            if 0 < len(french) <= LONGEST and 0 < len(english) <= LONGEST:
                pairs.append((french, english))
                taken += 1
        print(f"{Path(path).name}: {taken} pairs", file=sys.stderr)
    return pairs


def align_one_way(pairs, count):
    """Links of the last `count` pairs: for each word of the second side its
    likeliest word of the first, or none. Returns sets of (first, second)."""
    import numpy as np

    numbers = ({}, {})
    coded = [
        [
            np.array([numbers[side].setdefault(word, len(numbers[side]) + 1) for word in words])
            for side, words in enumerate(pair)
        ]
        for pair in pairs
    ]
    width = len(numbers[1]) + 1
    keys, priors, lengths = [], [], []
    for first, second in coded:
        n, m = len(first), len(second)
        keys.append((np.concatenate(([0], first))[None, :] * width + second[:, None]).ravel())
        distance = np.abs((np.arange(n) + 0.5)[None, :] / n - (np.arange(m) + 0.5)[:, None] / m)
        prior = np.exp(-LAMBDA * distance)
        prior *= (1 - NULL) / prior.sum(axis=1, keepdims=True)
        prior = np.concatenate((np.full((m, 1), NULL), prior), axis=1)
        priors.append(prior.ravel().astype(np.float32))
        lengths.append(np.full(m, n + 1))
    priors = np.concatenate(priors)
    lengths = np.concatenate(lengths)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    pair_keys, index = np.unique(np.concatenate(keys), return_inverse=True)
    del keys
    index = index.astype(np.int32)
    heads = (pair_keys // width).astype(np.int64)
    # Uniform over the words that each word has been seen with.
    table = (1.0 / np.bincount(heads)[heads]).astype(np.float32)
    for _ in range(ROUNDS):
        weight = table[index] * priors
        weight /= np.repeat(np.add.reduceat(weight, starts), lengths)
        counts = np.bincount(index, weights=weight, minlength=len(pair_keys))
        table = (counts / np.bincount(heads, weights=counts)[heads]).astype(np.float32)
    weight = table[index] * priors
    ends = len(weight)
    found = []
    for first, second in reversed(coded[-count:]):
        n, m = len(first), len(second)
        best = weight[ends - m * (n + 1) : ends].reshape(m, n + 1).argmax(axis=1)
        ends -= m * (n + 1)
        found.append({(int(i) - 1, j) for j, i in enumerate(best) if i > 0})
    return found[::-1]


def grow_diag_final_and(forward, backward):
    """Koehn's symmetrisation of two sets of (source, target) links."""
    links = forward & backward
    union = forward | backward
    sources = {i for i, _ in links}
    targets = {j for _, j in links}
    steps = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    grown = True
    while grown:
        grown = False
        for i, j in sorted(links):
            for di, dj in steps:
                link = (i + di, j + dj)
                if link in union - links and (link[0] not in sources or link[1] not in targets):
                    links.add(link)
                    sources.add(link[0])
                    targets.add(link[1])
                    grown = True
    for direction in (forward, backward):
        for link in sorted(direction - links):
            if link[0] not in sources and link[1] not in targets:
                links.add(link)
                sources.add(link[0])
                targets.add(link[1])
    return links


def baseline(arguments, rows):
    pairs = read_corpora(arguments.corpora, arguments.pairs) + [row.words() for row in rows]
    print(f"{len(pairs)} pairs, the sample among them", file=sys.stderr)
    forward = align_one_way(pairs, len(rows))
    swapped = align_one_way([(english, french) for french, english in pairs], len(rows))
    backward = [{(i, j) for j, i in links} for links in swapped]
    joined = [grow_diag_final_and(f, b) for f, b in zip(forward, backward)]
    both = [f & b for f, b in zip(forward, backward)]
    for name, result in (
        ("English from French", forward),
        ("French from English", backward),
        ("intersection", both),
        ("grow-diag-final-and", joined),
    ):
        report(name, rows, {row.line: links for row, links in zip(rows, result)})
    if arguments.write:
        text = (" ".join(f"{i}-{j}" for i, j in sorted(links)) + "\n" for links in joined)
        arguments.write.write_text("".join(text), "utf-8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("check", "score", "baseline"):
        command = commands.add_parser(name)
        for option in ("--gold", "--source", "--target"):
            command.add_argument(option, type=Path, required=True)
        if name == "score":
            command.add_argument("--hypothesis", type=Path, required=True)
            command.add_argument("--spans", type=Path)
            command.add_argument("--offsets", choices=("characters", "bytes"), default="characters")
        if name == "baseline":
            command.add_argument("--pairs", type=int, default=100_000)
            command.add_argument("--write", type=Path)
            command.add_argument("corpora", nargs="+")
    arguments = parser.parse_args()
    rows = read_gold(arguments)
    if arguments.command == "check":
        check(rows)
    elif arguments.command == "score":
        report(arguments.hypothesis.name, rows, read_hypothesis(arguments, rows))
    else:
        baseline(arguments, rows)


if __name__ == "__main__":
    main()
