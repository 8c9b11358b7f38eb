r"""Trains small tokenizers with Hugging Face's `tokenizers`, each of the make of a published family,
and writes for each NAME.json beside this file:

tokenizer   the tokenizer.json
ids         the tokens of every text of ../../Goldens/tokenizer_corpus.json that `texts` takes,
            with the tokens that a text begins and ends with; null where the package's tables are
            too old (`is_too_new`)
decoded     what those tokens decode to without special tokens; null where it is the text itself
megabytes   of each of `UNITS` repeated to a line of 2^20 bytes, the number of tokens and their
            digest (`digest`)

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf==7.36.2
    python make_tokenizer_json_goldens.py [NAME …]
"""

import io
import json
import pathlib
import sys
import tempfile
import unicodedata

import sentencepiece
from sentencepiece.sentencepiece_model_pb2 import ModelProto
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
    trainers,
)

FOLDER = pathlib.Path(__file__).parent
CORPUS = json.loads((FOLDER / "../../Goldens/tokenizer_corpus.json").read_text())
PROSE = """
Pumice is a stone that swims, because it is full of holes; it was a liquid once, and it was hot.
The quick brown fox jumps over the lazy dog, and the dog isn't amused: they're old friends.
In 1883 about 20 cubic kilometres of it came out of Krakatoa, 3,000 people said they'd heard it.
def main(argv):\n    for index in range(len(argv)):\n        print(index, argv[index])\n
Der schöne Stein schwimmt über das Wasser. La pierre flotte déjà. Камень плывёт. 石は水に浮かぶ。
""" * 20

LLAMA = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*" \
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+" \
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASED = r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + r"+%s|[^\r\n\p{L}\p{N}]?" + UPPER + "+" \
    + LOWER + r"*%s|%s| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
GPT4O = CASED % (2 * (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",) + (r"\p{N}{1,3}",))
KIMI = r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*" \
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}" \
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split(expression, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(expression), behavior, invert)


def byte_level_bpe(pre_tokenizer, normalizer=None, prefix=None, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|begin|>", "<|end|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=special, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([PROSE], trainer)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    if prefix:
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{prefix} $A", pair=f"{prefix} $A {prefix} $B",
                special_tokens=[(prefix, tokenizer.token_to_id(prefix))])])
    return tokenizer


def no_cut(pre_tokenizer):
    return pre_tokenizers.Sequence([
        pre_tokenizer, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def character_bpe(normalizer, pre_tokenizer, decoder, **options):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", **options))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder
    special = ["<unk>", "<s>", "</s>"]
    if options.get("byte_fallback"):
        special += [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=480, special_tokens=special, show_progress=False, limit_alphabet=80,
        max_token_length=12)
    lines = PROSE.splitlines() if pre_tokenizer is None else [PROSE]
    tokenizer.train_from_iterator(lines, trainer)
    if options.get("byte_fallback"):
        tokenizer = without_special_bytes(tokenizer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def without_special_bytes(tokenizer):
    """Byte tokens are no added tokens in published files; the trainer makes them so."""
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [t for t in state["added_tokens"] if not t["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(state))


def character_map():
    """Some of SentencePiece's rules nmt_nfkc, of which a whole map has 240 KB: what is wide, joined,
    decomposed, a control character or a space, and what begins like another rule's text."""
    texts = ["\uff21", "\uff41", "\ufb01", "\u33a0", "\u212b", "A\u030a", "e\u0301", "\uff76\uff9e", "\uff76",
             "\u0340", "\u00bd", "\u1100\u1161", "\u00a0", "\u3000", "\u2003", "\u2460"]
    rules = {text: unicodedata.normalize("NFKC", text) for text in texts}
    rules |= {"\t": " ", "\n": " ", "\r": " ", "\u200b": " ", "\x01": "", "\x7f": "", "\ufeff": ""}
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "rules.tsv")
        code = lambda text: " ".join(f"{ord(scalar):X}" for scalar in text)
        file.write_text("".join(f"{code(a)}\t{code(b)}\n" for a, b in sorted(rules.items())))
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(PROSE.splitlines()), model_writer=model, vocab_size=120,
            normalization_rule_tsv=str(file), minloglevel=2)
    return ModelProto.FromString(model.getvalue()).normalizer_spec.precompiled_charsmap


def unigram(normalizer, pre_tokenizer, decoder, byte_fallback=False):
    tokenizer = Tokenizer(models.Unigram())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>",
        show_progress=False)
    tokenizer.train_from_iterator(PROSE.splitlines(), trainer)
    if byte_fallback:
        state = json.loads(tokenizer.to_str())
        state["model"]["byte_fallback"] = True
        state["model"]["vocab"] += [[f"<0x{byte:02X}>", -20.0] for byte in range(256)]
        tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 2)])
    return tokenizer


def with_added_tokens(tokenizer):
    tokenizer.add_tokens([
        AddedToken("<think>", normalized=False), AddedToken("fox", single_word=True),
        AddedToken("AB", normalized=True), AddedToken("one", lstrip=True),
        AddedToken("quoted", rstrip=True, normalized=True),
        AddedToken("text", lstrip=True, rstrip=True, single_word=True)])
    tokenizer.add_special_tokens([AddedToken("<bos>", lstrip=True), "<|endoftext|>"])
    return tokenizer


# What matchers and merges like least.
UNITS = [
    "a", " ", "1", "thestone", "一", "\n ", "'s", "the fox's 12345 — 一\u0301 x=(1);  ",
]
LLAMA2_DECODER = [
    decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
TOKENIZERS = {
    "gpt2": lambda: byte_level_bpe(pre_tokenizers.ByteLevel(add_prefix_space=False)),
    "roberta": lambda: byte_level_bpe(pre_tokenizers.ByteLevel(add_prefix_space=True)),
    "llama3": lambda: byte_level_bpe(
        no_cut(split(LLAMA % r"\p{N}{1,3}")), prefix="<|begin|>", ignore_merges=True),
    "qwen2": lambda: with_added_tokens(
        byte_level_bpe(no_cut(split(LLAMA % r"\p{N}")), normalizers.NFC())),
    "tekken": lambda: byte_level_bpe(
        no_cut(split(CASED % ("", "", r"\p{N}"))), prefix="<|begin|>", ignore_merges=True),
    "gpt4o": lambda: byte_level_bpe(no_cut(split(GPT4O))),
    "smollm": lambda: byte_level_bpe(pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])),
    "falcon": lambda: byte_level_bpe(pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation(behavior="contiguous"),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        pre_tokenizers.Digits(individual_digits=False), split(r"[0-9][0-9][0-9]")])),
    "deepseek": lambda: byte_level_bpe(no_cut(pre_tokenizers.Sequence([
        split(r"\p{N}{1,3}"), split(r"[一-龥぀-ゟ゠-ヿ]+"), split(DEEPSEEK)]))),
    "kimi": lambda: byte_level_bpe(no_cut(split(KIMI, "removed", invert=True))),
    "llama2": lambda: with_added_tokens(character_bpe(
        normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None,
        decoders.Sequence(LLAMA2_DECODER), byte_fallback=True, fuse_unk=True)),
    "gemma": lambda: character_bpe(
        normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"),
        decoders.Sequence(LLAMA2_DECODER[:3]), byte_fallback=True, fuse_unk=True),
    "mistral": lambda: character_bpe(
        None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False),
        decoders.Metaspace(prepend_scheme="first", split=False), byte_fallback=True),
    "words": lambda: character_bpe(
        normalizers.Sequence([
            normalizers.Replace(Regex(r"[a-c]{2,3}?|\bx+\B|(?<=1)2"), "_"), normalizers.NFD(),
            normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()]),
        pre_tokenizers.Sequence([
            pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.CharDelimiterSplit("-")]),
        decoders.Fuse(), fuse_unk=True),
    "marks": lambda: character_bpe(
        normalizers.NFKC(),
        pre_tokenizers.Sequence([
            pre_tokenizers.BertPreTokenizer(), split(r"[aeiou]", "merged_with_next"),
            split(r"(?i)t(?=h)|s$", "contiguous")]),
        decoders.Fuse()),
    "uncased": lambda: character_bpe(
        normalizers.BertNormalizer(),
        pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), pre_tokenizers.FixedLength(7)]),
        decoders.Fuse()),
    "t5": lambda: unigram(
        normalizers.Sequence([
            normalizers.Precompiled(character_map()), normalizers.Replace(Regex(" {2,}"), " ")]),
        pre_tokenizers.Metaspace(prepend_scheme="always"),
        decoders.Metaspace(prepend_scheme="always")),
    "unigram_bytes": lambda: with_added_tokens(unigram(
        normalizers.Sequence([normalizers.Replace(Regex(" {2,}"), "▁"), normalizers.Nmt()]),
        pre_tokenizers.Metaspace(prepend_scheme="never"),
        decoders.Sequence([
            decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="never")]),
        byte_fallback=True)),
}


def texts():
    """By hand, of the rest every third: what all golden files together can bear."""
    chosen = lambda index: index < 120 or index % 3 == 0 or index >= len(CORPUS) - 14
    return ["", *(text for index, text in enumerate(CORPUS) if chosen(index))]


def digest(ids):
    """FNV-1a of 64 bits, a token a step instead of a byte."""
    value = 0xCBF29CE484222325
    for token in ids:
        value = (value ^ token) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def megabytes(encode):
    """For each unit what `encode` makes of a megabyte of it in one line."""
    lines = (encode(unit * (2**20 // len(unit.encode()))) for unit in UNITS)
    return [[len(ids), digest(ids)] for ids in lines]


def is_too_new(name, text):
    """Marks and controls of Unicode 6 to 14, which parts of the package do not take for such."""
    if name == "uncased":
        kinds = {"Mn": normalizers.BertNormalizer(False, False, True, False),
                 "Cf": normalizers.BertNormalizer(True, False, False, False)}
        return any(
            unicodedata.category(scalar) in kinds
            and kinds[unicodedata.category(scalar)].normalize_str(scalar) for scalar in text)
    return name == "words" and any(mark in text for mark in "\u180f\U00010f82")


def main():
    chosen = texts()
    for name in sys.argv[1:] or TOKENIZERS:
        tokenizer = TOKENIZERS[name]()
        ids = [tokenizer.encode(text).ids for text in chosen]
        decoded = [tokenizer.decode(found, skip_special_tokens=True) for found in ids]
        golden = {
            "tokenizer": json.loads(tokenizer.to_str()),
            "ids": [None if is_too_new(name, t) else i for t, i in zip(chosen, ids)],
            "megabytes": megabytes(lambda text: tokenizer.encode(text).ids),
            "decoded": [None if d == t else d for t, d in zip(chosen, decoded)],
        }
        with open(FOLDER / f"{name}.json", "w", encoding="utf-8") as file:
            json.dump(golden, file, ensure_ascii=True, separators=(",", ":"))
            file.write("\n")


if __name__ == "__main__":
    main()
