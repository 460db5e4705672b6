#!/usr/bin/env python3
"""Times our forward pass in batches against plain `fxtranslate` line by line: same model, same lines, one thread, in turns.

Example: translate_speed.py --model build/pt-en --text ../shared/testsets/flores-dev.pt --reference ../shared/testsets/flores-dev.en
         (needs `cargo build --release --example translate_lines`, `pip install sacrebleu`)
"""
from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

import sacrebleu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="directory with one .bin and one or two .spm files")
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--program", default="target/release/examples/translate_lines")
    args = parser.parse_args()
    weights = next(args.model.glob("model*.bin"))
    vocabularies = sorted(args.model.glob("*.spm"))
    lines, reference = (path.read_text().splitlines()[: args.lines] for path in (args.text, args.reference))
    speeds: dict[str, list[float]] = {"ours": [], "plain": []}
    with tempfile.NamedTemporaryFile("w") as text:
        text.write("\n".join(lines) + "\n")
        text.flush()
        command = [args.program, weights, vocabularies[0], vocabularies[-1], text.name]
        for _ in range(args.rounds):
            for engine, seen in speeds.items():
                run = subprocess.run([*command, engine], capture_output=True, text=True, check=True)
                seen.append(float(re.search(r"(\d+) words/s", run.stderr)[1]))
                if len(seen) == args.rounds:
                    bleu = sacrebleu.corpus_bleu(run.stdout.splitlines(), [reference]).score
                    print(f"{engine:5}: BLEU {bleu:.1f}, words/s {statistics.median(seen):.0f} (median of {seen})")
    ratio = statistics.median(speeds["ours"]) / statistics.median(speeds["plain"])
    print(f"ours is {ratio:.2f} times as fast, both with the time to load the model")


if __name__ == "__main__":
    main()
