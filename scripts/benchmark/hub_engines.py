#!/usr/bin/env python3
"""The same text through the default student, and through one Marian model by rust-bert, Python transformers and CTranslate2
(int8): words/s, peak memory, start-up and BLEU, each on two threads, one after the other.

Start-up is the time for one word, from nothing to the end of the process; words/s is of the rest. On a machine that other work
shares, the columns of processor time say more than those of the clock. transformers and CTranslate2
decode greedily in batches of similar length; `retouche` also cuts sentences, checks and aligns, and tries again what fails.

    eval "$(bash scripts/setup_libtorch.sh)"; cargo build --release --features rust-bert
    pip install torch transformers==4.57.6 ctranslate2 sentencepiece sacrebleu
    python3 scripts/benchmark/hub_engines.py ../shared/testsets/flores-dev --lines 300
"""
from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

THREADS = 2
BATCH = 16


def batches(lines: list[str]) -> list[list[int]]:
    """Lines of similar length together."""
    order = sorted(range(len(lines)), key=lambda i: -len(lines[i]))
    return [order[at : at + BATCH] for at in range(0, len(order), BATCH)]


def transformers(folder: str, lines: list[str]) -> list[str]:
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    torch.set_num_threads(THREADS)
    words = MarianTokenizer.from_pretrained(folder)
    model = MarianMTModel.from_pretrained(folder, dtype=torch.float32).eval()
    out = [""] * len(lines)
    with torch.inference_mode():
        for batch in batches(lines):
            inputs = words([lines[i] for i in batch], return_tensors="pt", padding=True)
            made = model.generate(**inputs, num_beams=1, max_new_tokens=2 * inputs.input_ids.shape[1] + 4, forced_eos_token_id=None)
            for i, text in zip(batch, words.batch_decode(made, skip_special_tokens=True)):
                out[i] = text
    return out


def ctranslate2(folder: str, lines: list[str]) -> list[str]:
    import ctranslate2
    import sentencepiece as spm

    source, target = (spm.SentencePieceProcessor(model_file=f"{folder}/{side}.spm") for side in ("source", "target"))
    model = ctranslate2.Translator(f"{folder}/int8", compute_type="int8", inter_threads=1, intra_threads=THREADS)
    out = [""] * len(lines)
    for batch in batches(lines):
        rows = [[*source.encode(lines[i], out_type=str), "</s>"] for i in batch]
        made = model.translate_batch(rows, beam_size=1, max_decoding_length=2 * max(map(len, rows)) + 4)
        for i, result in zip(batch, made):
            out[i] = target.decode(result.hypotheses[0])
    return out


CHILDREN = {"transformers": transformers, "ctranslate2": ctranslate2}


def timed(command: list[str], text: str) -> tuple[str, float, float, float]:
    """Output, seconds, seconds of processor time, and peak memory in MB of a command."""
    environment = os.environ | {"OMP_NUM_THREADS": str(THREADS), "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as made, tempfile.TemporaryFile("w+") as said:
        given.write(text)
        given.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=made, stderr=said, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status:
            said.seek(0)
            sys.exit(f"{command[0]}: {said.read()[-2000:]}")
        made.seek(0)
        return made.read(), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def lines_of(output: str) -> list[str]:
    """Translations, one a line, of a command's output."""
    said = output.splitlines()
    if not said[0].startswith("{"):
        return said
    return [" ".join(s["target"] for s in json.loads(line)["segments"]) for line in said]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", nargs="?", help="test set: PREFIX.fr, PREFIX.en")
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", type=Path, default=Path("tests/data/bert/fr-en"))
    parser.add_argument("--program", default="target/release/retouche")
    parser.add_argument("--child", nargs=2, metavar=("ENGINE", "DIR"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print("\n".join(CHILDREN[args.child[0]](args.child[1], sys.stdin.read().splitlines())))
        return
    import sacrebleu

    french, english = (Path(f"{args.prefix}.{side}").read_text().splitlines()[: args.lines] for side in ("fr", "en"))
    words = sum(len(line.split()) for line in french)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in args.model.iterdir():
            (folder / file.name).symlink_to(file.resolve())
        subprocess.run(
            ["ct2-transformers-converter", "--model", place, "--output_dir", f"{place}/int8", "--quantization", "int8"],
            check=True, capture_output=True, env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )
        child = [sys.executable, __file__, "--child"]
        ours = [args.program, "translate", "--input-format", "jsonl", "--progress", "none", "--jobs", str(THREADS), "--model"]
        engines = {
            "default student": [*ours, "fr-en"],
            "rust-bert, float32": [*ours, str(args.model)],
            "transformers, float32": [*child, "transformers", place],
            "CTranslate2, int8": [*child, "ctranslate2", place],
        }
        as_json = lambda lines: "".join(json.dumps({"id": str(i), "text": line}) + "\n" for i, line in enumerate(lines))
        seen: dict[str, list[tuple[float, ...]]] = {name: [] for name in engines}
        scores = {}
        for _ in range(args.rounds):
            for name, command in engines.items():
                text = as_json if command[0] == args.program else "\n".join
                _, start, start_work, _ = timed(command, text(["Oui."]))
                output, seconds, work, peak = timed(command, text(french))
                seen[name].append((words / (seconds - start), words / (work - start_work), start, start_work, peak))
                scores[name] = sacrebleu.corpus_bleu(lines_of(output), [english]).score
    print(f"{args.lines} lines of {Path(args.prefix).name}, {words} words; medians of {args.rounds} rounds\n")
    print("| engine | words/s | words a processor second | start-up, s | of the processor | peak, MB | BLEU |\n|---|---|---|---|---|---|---|")
    for name, rows in seen.items():
        speed, by_work, start, start_work, peak = (statistics.median(column) for column in zip(*rows))
        print(f"| {name} | {speed:.0f} | {by_work:.0f} | {start:.2f} | {start_work:.2f} | {peak:.0f} | {scores[name]:.1f} |")


if __name__ == "__main__":
    main()
