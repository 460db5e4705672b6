#!/usr/bin/env python3
"""Makes the fixture of tests/bert.rs: a tiny Marian model in Hugging Face layout, and what transformers makes of it.

The model learns a toy language in a minute: each word has one translation, and neighbours change places. Its weights
are stored in half precision; the outputs are those of the stored weights.

    pip install torch==2.4.0 transformers==4.44.2 safetensors
    python3 tests/data/bert/make_fixture.py [STEPS]

With 0 steps the stored model is kept and only expected.json is written.
"""
import json
import pathlib
import random
import sys

import torch
from safetensors.torch import load_file
from transformers import MarianConfig, MarianMTModel

HERE = pathlib.Path(__file__).parent
END, FIRST = 0, 2


def translated(sentence: list[int], dictionary: list[int]) -> list[int]:
    """Word by word, with neighbours exchanged."""
    words = [dictionary[w] for w in sentence]
    for i in range(0, len(words) - 1, 2):
        words[i], words[i + 1] = words[i + 1], words[i]
    return words


def train(settings: dict, steps: int, sample, dictionary: list[int]) -> None:
    """Trains the model and stores it in half precision."""
    pad = settings["pad_token_id"]
    model = MarianMTModel(MarianConfig(**settings))
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=steps)
    for step in range(steps):
        sources = [sample() for _ in range(64)]
        targets = [translated(s, dictionary) for s in sources]
        fill = lambda rows, value: torch.tensor([r + [value] * (16 - len(r)) for r in rows])
        inputs = fill([s + [END] for s in sources], pad)
        labels = fill([t + [END] for t in targets], -100)
        decoder = fill([[pad, *t] for t in targets], pad)
        loss = model(
            input_ids=inputs, attention_mask=(inputs != pad).long(), decoder_input_ids=decoder, labels=labels
        ).loss
        loss.backward()
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if step % 200 == 0:
            print(step, round(loss.item(), 3), file=sys.stderr, flush=True)
    model.eval().half().save_pretrained(HERE / "saved", safe_serialization=True)
    (HERE / "saved" / "model.safetensors").replace(HERE / "model.safetensors")
    for file in (HERE / "saved").iterdir():
        file.unlink()
    (HERE / "saved").rmdir()


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    torch.manual_seed(1)
    random.seed(1)
    settings = json.loads((HERE / "config.json").read_text())
    pad = settings["pad_token_id"]
    words = list(range(FIRST, pad))
    dictionary = list(range(pad))
    shuffled = words[:]
    random.shuffle(shuffled)
    for word, other in zip(words, shuffled):
        dictionary[word] = other
    sample = lambda: [random.choice(words) for _ in range(random.randint(2, 14))]
    if steps:
        train(settings, steps, sample, dictionary)
    random.seed(2)
    model = MarianMTModel(MarianConfig(**settings)).eval()
    stored = {name: value.float() for name, value in load_file(HERE / "model.safetensors").items()}
    lacking = model.load_state_dict(stored, strict=False)
    model.tie_weights()
    print(lacking, file=sys.stderr)
    sentences = [sample() for _ in range(140)]
    # Longer than any that it has seen.
    sentences += [[random.choice(words) for _ in range(random.randint(15, 40))] for _ in range(60)]

    # The same weights without the scale of embeddings are unsure of themselves: there a beam makes a difference.
    unsure = MarianMTModel(MarianConfig(**settings | {"scale_embedding": False})).eval()
    unsure.load_state_dict(model.state_dict())
    unsure.tie_weights()

    def generate(model: MarianMTModel, sentence: list[int], beams: int) -> list[int]:
        produced = model.generate(
            torch.tensor([[*sentence, END]]),
            num_beams=beams,
            do_sample=False,
            max_new_tokens=2 * (len(sentence) + 1) + 4,
            bad_words_ids=[[pad]],
            forced_eos_token_id=None,
        )[0].tolist()[1:]
        return produced[: produced.index(END)] if END in produced else produced

    with torch.no_grad():
        outputs = [generate(model, sentence, 1) for sentence in sentences]
        unsure_outputs = [generate(unsure, sentence, 1) for sentence in sentences]
        beam_outputs = [generate(unsure, sentence, 4) for sentence in sentences]
        right = sum(o == translated(s, dictionary) for s, o in zip(sentences, outputs))
        forced = torch.tensor([[pad, *outputs[0]]])
        attention = model(
            input_ids=torch.tensor([[*sentences[0], END]]), decoder_input_ids=forced, output_attentions=True
        ).cross_attentions[-1][0].mean(0)[: len(outputs[0])]
    differ = sum(a != b for a, b in zip(unsure_outputs, beam_outputs))
    print(f"beam and greedy differ in {differ}", file=sys.stderr)
    print(f"{right} of {len(sentences)} right", file=sys.stderr)
    rows = [[round(v, 5) for v in row] for row in attention.tolist()]
    (HERE / "expected.json").write_text(
        json.dumps({"sentences": sentences, "outputs": outputs, "beam_outputs": beam_outputs, "attention": rows}) + "\n"
    )


if __name__ == "__main__":
    main()
