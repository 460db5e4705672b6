#!/usr/bin/env python3
"""Times `retouche fix` against ftfy on the same French lines, one after the other, on one core and on two.

Example: scripts/benchmark/fix_speed.py ../shared/testsets/wmt13.fr --times 40     (needs `pip install ftfy`)
"""
from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import ftfy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--times", type=int, default=40, help="how often retouche gets the text; ftfy gets it once")
    parser.add_argument("--retouche", default="target/release/retouche")
    args = parser.parse_args()
    lines = args.text.read_text().splitlines()
    megabytes = sum(len(line.encode()) for line in lines) / 1e6
    start = time.perf_counter()
    for line in lines:
        ftfy.fix_text(line)
    peer = megabytes / (time.perf_counter() - start)
    print(f"ftfy.fix_text, one core: {peer:.2f} MB/s")
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for _ in range(args.times):
            file.writelines(json.dumps({"text": line}, ensure_ascii=False) + "\n" for line in lines)
        file.flush()
        for jobs in (1, 2):
            start = time.perf_counter()
            subprocess.run([args.retouche, "fix", "--progress", "none", "-j", str(jobs), file.name],
                           stdout=subprocess.DEVNULL, check=True)
            speed = args.times * megabytes / (time.perf_counter() - start)
            print(f"retouche fix -j {jobs}: {speed:.2f} MB/s, {speed / peer:.1f} times ftfy")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"retouche, most memory: {peak:.0f} MB")


if __name__ == "__main__":
    main()
