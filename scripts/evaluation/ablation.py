#!/usr/bin/env python3
"""What each kind of evidence is worth: the example `spun_eval` with one switched off at a time.

Example: scripts/evaluation/ablation.py test.jsonl --clean clean.jsonl --spun-eval target/release/examples/spun_eval
"""
from __future__ import annotations

import argparse
import subprocess

SWITCHES = {
    "everything": [], "without both language models": ["--no-model"], "without the neural one": ["--no-cloze"],
    "without agreement and elision": ["--no-agreement"], "without the vote": ["--no-vote"],
    "without embeddings and translations": ["--no-embeddings"], "without curated pairs": ["--no-curated"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--clean", help="clean documents, to count false alarms in")
    parser.add_argument("--spun-eval", default="target/release/examples/spun_eval")
    args = parser.parse_args()
    for name, switches in SWITCHES.items():
        print(f"== {name}")
        for file in (args.file, args.clean):
            if file:
                done = subprocess.run([args.spun_eval, file, *switches], capture_output=True, text=True, check=True)
                lines = done.stdout.splitlines()
                print("\n".join(lines if file == args.file else lines[-1:]))


if __name__ == "__main__":
    main()
