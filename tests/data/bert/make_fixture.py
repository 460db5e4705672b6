#!/usr/bin/env python3
"""Makes the data of tests/bert.rs: what Python transformers makes of some models, and the tiny ones of these models.

    pip install torch transformers==4.57.6 sentencepiece safetensors protobuf
    python3 tests/data/bert/make_fixture.py tiny        # m2m100/ and nllb/: trained for a minute, and recorded
    python3 tests/data/bert/make_fixture.py record fr-en m2m100 nllb

`fr-en` itself comes from scripts/training/hub_start.py and hub_train.py. Every model is stored in half precision; the
outputs are those of the stored weights, computed in single precision.
"""
from __future__ import annotations

import json
import pathlib
import random
import shutil
import sys
import tempfile

import sentencepiece as spm
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForSeq2SeqLM, M2M100Config, M2M100ForConditionalGeneration
from transformers import M2M100Tokenizer, MarianTokenizer, NllbTokenizerFast

from sentences import sentences

HERE = pathlib.Path(__file__).parent
BEAM = 4
LANGUAGES = {"m2m100": ("fr", "en"), "nllb": ("fra_Latn", "eng_Latn")}


def tokenizer(name: str, folder: pathlib.Path):
    """The tokeniser that transformers uses for the model."""
    if name == "fr-en":
        return MarianTokenizer.from_pretrained(folder)
    source, target = LANGUAGES[name]
    kind = M2M100Tokenizer if name == "m2m100" else NllbTokenizerFast
    return kind.from_pretrained(folder, src_lang=source, tgt_lang=target)


def load(folder: pathlib.Path):
    """The stored weights, in single precision."""
    model = AutoModelForSeq2SeqLM.from_config(AutoConfig.from_pretrained(folder), attn_implementation="eager").eval()
    stored = {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}
    lacking = model.load_state_dict(stored, strict=False)
    assert not lacking.unexpected_keys, lacking
    model.tie_weights()
    return model


@torch.no_grad()
def record(name: str) -> None:
    """Writes NAME.json: the source pieces, greedy and beam outputs, and some attention."""
    folder = HERE / name
    words, model = tokenizer(name, folder), load(folder)
    config = model.config
    forced = None if name == "fr-en" else words.convert_tokens_to_ids(words.get_lang_token("en") if name == "m2m100" else "eng_Latn")

    def generate(ids: list[int], beams: int) -> list[int]:
        settings = {"bad_words_ids": [[config.pad_token_id]]} if name == "fr-en" else {"forced_bos_token_id": forced}
        produced = model.generate(
            torch.tensor([ids]), num_beams=beams, do_sample=False, max_new_tokens=2 * len(ids) + 4, length_penalty=1.0,
            early_stopping=False, forced_eos_token_id=None, **settings,
        )[0].tolist()[1 + (forced is not None) :]
        return produced[: produced.index(config.eos_token_id)] if config.eos_token_id in produced else produced

    said = []
    for n, sentence in enumerate(sentences()):
        ids = words(sentence).input_ids
        outputs = [generate(ids, beams) for beams in (1, BEAM)]
        entry = {"source": sentence, "pieces": len(ids)}
        for key, output in zip(("greedy", "beam"), outputs):
            entry[key] = words.convert_ids_to_tokens(output)
            entry[f"{key}_text"] = words.decode(output, skip_special_tokens=True)
        if n in (4, 50):
            decoder = [config.decoder_start_token_id, *([] if forced is None else [forced]), *outputs[0]]
            attention = model(
                input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([decoder]), output_attentions=True
            ).cross_attentions[-1][0].mean(0)[-len(outputs[0]) - 1 : -1]
            entry["attention"] = [[round(v, 5) for v in row] for row in attention.tolist()]
        said.append(entry)
    differ = sum(e["greedy"] != e["beam"] for e in said)
    print(f"{name}: {len(said)} sentences, beam and greedy differ in {differ}", file=sys.stderr)
    lines = ",\n".join(json.dumps(e, ensure_ascii=False) for e in said)
    (HERE / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def vocabulary(work: pathlib.Path, rule: str) -> pathlib.Path:
    """A small SentencePiece vocabulary of byte pairs, from the sentences themselves, without the rarest characters."""
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences()), model_prefix=str(work / "pieces"), vocab_size=400, model_type="bpe",
        unk_id=0, bos_id=1, eos_id=2, pad_id=-1, character_coverage=0.995, minloglevel=2, normalization_rule_name=rule,
    )
    return work / "pieces.model"


def languages_first(path: pathlib.Path) -> None:
    """Numbers the added pieces as the published models do: the languages, and the mask at the end."""
    told = json.loads(path.read_text())
    added = told["added_tokens"]
    last = [t for t in added if t["content"] == "<mask>"]
    rest = [t for t in added if t["content"] != "<mask>"]
    first = min(t["id"] for t in added if t["id"] > 3)
    moved = rest[4:] + last
    for n, token in enumerate(moved):
        token["id"] = first + n
    told["added_tokens"] = rest[:4] + moved
    numbers = {t["content"]: t["id"] for t in moved}
    for token in told["post_processor"]["special_tokens"].values():
        token["ids"] = [numbers.get(t, n) for t, n in zip(token["tokens"], token["ids"])]
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def tiny(name: str) -> None:
    """Makes and trains a tiny model in tests/data/bert/NAME."""
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with tempfile.TemporaryDirectory() as place:
        work = pathlib.Path(place)
        # The table of the usual rule is a quarter of a megabyte: once is enough.
        pieces = vocabulary(work, "identity" if name == "m2m100" else "nmt_nfkc")
        if name == "m2m100":
            model = spm.SentencePieceProcessor(model_file=str(pieces))
            names = ["<s>", "<pad>", "</s>", "<unk>", *(model.id_to_piece(i) for i in range(3, model.vocab_size()))]
            (work / "vocab.json").write_text(json.dumps({p: i for i, p in enumerate(names)}, ensure_ascii=False, indent=0))
            words = M2M100Tokenizer(str(work / "vocab.json"), str(pieces))
        else:
            words = NllbTokenizerFast(vocab_file=str(pieces))
        words.save_pretrained(folder)
        shutil.copy(pieces, folder / "sentencepiece.bpe.model")
    if name == "nllb":
        languages_first(folder / "tokenizer.json")
    for unused in ("added_tokens.json", "tokenizer_config.json"):
        (folder / unused).unlink(missing_ok=True)
    words = tokenizer(name, folder)
    config = M2M100Config(
        vocab_size=520 if name == "m2m100" else max(words.get_vocab().values()) + 1, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, encoder_layerdrop=0.0, decoder_layerdrop=0.0,
        max_position_embeddings=256, dropout=0.0, attention_dropout=0.0, init_std=0.15,
    )
    torch.manual_seed(1)
    model = M2M100ForConditionalGeneration(config)
    train(model, words)
    model.half()
    own = {n: v for n, v in model.state_dict().items() if "embed_" not in n and n != "lm_head.weight"}
    save_file({n: v.contiguous() for n, v in own.items()}, folder / "model.safetensors", {"format": "pt"})
    config.dtype = None
    config.save_pretrained(folder)


def train(model, words, steps: int = 140) -> None:
    """Lets the model learn a little of saying each sentence's words in reverse order."""
    rng = random.Random(1)
    target = words.convert_tokens_to_ids("__en__") if "__en__" in words.get_vocab() else words.convert_tokens_to_ids("eng_Latn")
    pairs = []
    for sentence in sentences():
        ids = words(sentence).input_ids
        if len(ids) < 40:
            pairs.append((ids, [target, *reversed(ids[1:-1]), 2]))
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(steps):
        some = rng.sample(pairs, 32)
        fill = lambda rows, value: torch.nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], True, value)
        source = fill([s for s, _ in some], 1)
        loss = model(
            input_ids=source, attention_mask=(source != 1).long(), decoder_input_ids=fill([[2, *t[:-1]] for _, t in some], 1),
            labels=fill([t for _, t in some], -100),
        ).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        if step % 20 == 0:
            print(step, round(loss.item(), 3), file=sys.stderr, flush=True)
    model.eval()


def main() -> None:
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["tiny"]:
        for name in sys.argv[2:] or LANGUAGES:
            tiny(name)
            record(name)
    elif sys.argv[1:2] == ["record"]:
        for name in sys.argv[2:]:
            record(name)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
