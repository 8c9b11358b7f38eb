"""Trains two small models with Google's `sentencepiece`, as Llama's and Gemma's were, and writes for
each sentencepiece_NAME.json beside this file:

pieces      text, score and type of each piece, as a converter writes them into a GGUF file
adds_space  whether a space is put before a text
ids         the tokens of the texts that make_tokenizer_json_goldens.py takes, after an empty one;
            null where the package does other than a GGUF's reader (`is_unlike`)
decoded     what those tokens decode to; null where it is the text itself
megabytes   of each unit repeated to a line of 2^20 bytes, the number of tokens and their digest
chat        of llama, with special tokens after it as Phi-3's tokenizer.json has them: those tokens,
            texts and their ids by Hugging Face's `tokenizers`

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf==7.36.2
    python make_sentencepiece_goldens.py
"""

import io
import json
import pathlib
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Tokenizer, models, normalizers

FOLDER = pathlib.Path(__file__).parent
sys.path.append(str(FOLDER / "../TokenizerJSON/Goldens"))
from make_tokenizer_json_goldens import PROSE, megabytes, texts  # noqa: E402

USER_DEFINED = 4
BOTH = dict(
    model_type="bpe", byte_fallback=True, normalization_rule_name="identity",
    remove_extra_whitespaces=False, character_coverage=0.995, num_threads=1, minloglevel=2,
    hard_vocab_limit=False)
MODELS = {
    # Numbers are cut into digits, words are not longer than 12 characters.
    "llama": dict(vocab_size=620, split_digits=True, max_sentencepiece_length=12),
    # Runs of spaces and line breaks are tokens by themselves; tokens may cross spaces.
    "gemma": dict(
        vocab_size=640, add_dummy_prefix=False, split_by_whitespace=False, split_by_number=False,
        allow_whitespace_only_pieces=True, user_defined_symbols=[
            "<start_of_turn>", "<end_of_turn>", "▁▁", "▁▁▁", "▁▁▁▁", "\n", "\n\n", "\n\n\n", "\t",
            "<table>", "the▁table"]),
}


def trained(options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(PROSE.splitlines()), model_writer=model, **BOTH, **options)
    return model.getvalue()


CHATS = [
    "<|user|>\nHow many dogs?<|end|>\n<|assistant|>\n", "<|system|>\n the  fox<|end|>\n<|user|>\n\n x",
    "<|user|><|end|> \t\u3000 <|end|>", "a <|end|>b</s> c<s> d<|endoftext|>\ne", "<|user|>  ", " <|user|>",
]


def chat(pieces):
    """The model as transformers converts it for Phi-3, whose special tokens of turns take the white
    space after them away."""
    numbers = {p.piece: index for index, p in enumerate(pieces)}
    merges = []
    for p in sorted((p for p in pieces if p.type == 1), key=lambda p: -p.score):
        cuts = ((p.piece[:cut], p.piece[cut:]) for cut in range(1, len(p.piece)))
        merges += [cut for cut in cuts if all(part in numbers for part in cut)]
    tokenizer = Tokenizer(models.BPE(
        vocab=numbers, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    plain = ["<unk>", "<s>", "<|endoftext|>"]
    turns = ["</s>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>"]
    tokenizer.add_special_tokens(
        [AddedToken(token, normalized=False, rstrip=token in turns) for token in plain + turns])
    added = [tokenizer.id_to_token(i) for i in range(len(pieces), tokenizer.get_vocab_size())]
    return {
        "tokens": added, "texts": CHATS, "ids": [tokenizer.encode(text).ids for text in CHATS]}


def is_unlike(text):
    """U+0000 ends SentencePiece's own strings, as C's do. A mark in the text becomes part of tokens
    of several spaces here and not with a reader of GGUF, which looks for those with plain spaces."""
    return "\0" in text or "▁" in text


def piece(piece):
    text = piece.piece.replace("▁", " ") if piece.type == USER_DEFINED else piece.piece
    return [text, piece.score, piece.type]


def main():
    chosen = texts()
    for name, options in MODELS.items():
        bytes_ = trained(options)
        model = sentencepiece_model_pb2.ModelProto.FromString(bytes_)
        processor = sentencepiece.SentencePieceProcessor(model_proto=bytes_)
        ids = [None if is_unlike(t) else processor.EncodeAsIds(t) for t in chosen]
        decoded = [None if i is None else processor.DecodeIds(i) for i in ids]
        golden = {
            "pieces": [piece(p) for p in model.pieces],
            "adds_space": model.normalizer_spec.add_dummy_prefix,
            "ids": ids,
            "decoded": [None if d == t else d for t, d in zip(chosen, decoded)],
            "megabytes": megabytes(processor.EncodeAsIds),
        }
        if name == "llama":
            golden["chat"] = chat(model.pieces)
        with open(FOLDER / f"sentencepiece_{name}.json", "w", encoding="utf-8") as file:
            json.dump(golden, file, ensure_ascii=True, separators=(",", ":"))
            file.write("\n")


main()
