r"""Writes the tokenizer goldens beside this file, from implementations that are not ours:

tokenizer_corpus.json   the texts: by hand, every range of Unicode categories, and random mixtures
pre_tokenizers.json     per pre-tokenizer, the lengths in scalars of each text's words, by Hugging
                        Face `tokenizers` (Oniguruma) on the models' original expressions, and
                        checked here against `regex` where that engine agrees on what \s is
smollm2_ids.json        token ids by `tokenizers`, byte-level BPE from the GGUF's vocabulary
gemma3_ids.json         token ids by Google's `sentencepiece` on a model made of the GGUF's
                        vocabulary

    pip install tokenizers==0.23.3 regex==2026.11.15 gguf==0.19.0 \
        sentencepiece==0.2.3 protobuf==7.36.2
    python make_tokenizer_goldens.py SMOLLM2.gguf GEMMA3.gguf
"""

import json
import pathlib
import random
import sys
import unicodedata

import regex
import sentencepiece
from gguf import GGUFReader
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

FOLDER = pathlib.Path(__file__).parent
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
PREFIX, SUFFIX = r"[^\r\n\p{L}\p{N}]?", r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
REST = r"\s*[\r\n]+|\s+(?!\S)|\s+"
EXPRESSIONS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [
        rf"{SUFFIX}|{PREFIX}\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{REST}"
    ],
    "qwen2": [rf"{SUFFIX}|{PREFIX}\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{REST}"],
    "gpt-4o": [
        rf"{PREFIX}{UPPER}*{LOWER}+{SUFFIX}?|{PREFIX}{UPPER}+{LOWER}*{SUFFIX}?"
        rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{REST}"
    ],
    "tekken": [
        rf"{PREFIX}{UPPER}*{LOWER}+|{PREFIX}{UPPER}+{LOWER}*"
        rf"|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{REST}"
    ],
}

BY_HAND = [
    " ", "\n", "a", "'", "'s", " 's", "  's", "''s", "don't DON'T we'll WE'LL I'VE i'Ve o'clock",
    "you're'd'm 'tis l'll'LL 'ſ x'ſ 'ſt re'RE'rE", "'l 'v 'r", "'ré 'lla", "Hello, world!",
    " leading", "trailing ", "  two", "a  b   c    d", "\t\ttabs\t x", "\n\n\n", "a\r\nb\r\n\r\nc",
    " \n \n x", "x \n", "x  \n\n  y", "\r\r\n", "!\n\n", "!?\r\n/ //\n/", " /\n", "a/b//c/\n/", "1",
    "12", "123", "1234", "1234567890", " 1 22 333 4444", "3.14159e-10", "x1y22z333", "  7", "\t7",
    "7  ", "٣٤٥ ५६७ Ⅻ ½ ²³ ①②③④ 𝟘𝟙𝟚𝟛", "一二三 〇〡", "1,234.56$ €99 ¥",
    "camelCase HTTPServer XMLHttpRequest iPhone eBay McDonald", "ABCdefGHIjkl",
    "ÀÉÎõü ŒœÆæ Ÿÿẞßİıǅǈ", "ǅungla ǅUNGLA", "ʰAʰBʰ AʰB ªº", "ΑΒΓαβγ ΣΊΣΥΦΟΣ σίσυφος",
    "Привет МИР Ёлка", "שלום עולם", "مرحبا بالعالم", "हिन्दी में लिखा", "ไทยไม่มีช่องว่าง",
    "日本語のテキスト、漢字とカナ。", "한국어 텍스트", "中文字符测试，你好！", "ភាសាខ្មែរ", "e\u0301 n\u0303 a\u0308\u0323",
    "\u0301", " \u0301", "\u0301\u0301a", "\u0301A", "A\u0301B", "A\u0301b", "\u0301\u0302 \u0303",
    "1\u0301 2\u20e3", "\u0301\n", "\n\u0301", "👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 ❤️ ☺", "a👍b👍👍 👍",
    "z\u0351\u036b\u0343a\u032a\u0302l\u0329go", "\u00a0nbsp\u00a0\u00a0x", "\u3000wide\u3000",
    "\u2028line\u2029para\u0085nel", "\u2003em \u2009thin\u200b zero\ufeffbom",
    "\u1680ogham\u180emongol\u205f\u202f", "\u0000\u0001\u001b[0m\u007f", "\ufffd\ufffda\ufffd",
    "\ue000\uf8ff\U000f0000\U0010ffff",
    "def f(x):\n    return x  # comment\n\n\n\tif (a && b || !c) { x += 1; }",
    "<html>\n  <p class=\"a\">&amp;</p>\n</html>", "{\"key\": [1, 2.5, null, true]}",
    "SELECT * FROM t WHERE a='b' -- c", "https://example.com/a/b?c=d&e=f#g",
    "a_b-c.d,e;f:g|h\\i`j~k@l#m$n%o^p&q*r(s)t[u]v{w}x<y>z", "...!!!???",
    "—–-‐‑ ‘quoted’ “double” «guillemets» …", "∑∫√∞≠≈ ←↑→↓ ♠♣♥♦ ©®™ °C ½ µm", "x" * 100, " " * 70,
    "\n" * 40, "\t" * 40, "ab" * 60, "=" * 80, "\u4e00" * 30, "▁▁ ▁ lower one eighth block",
    "<0x0A> <|im_start|> <|endoftext|> <bos> <unused7>", "a \u0301 b  \u0301", "  \u0301x", "\t'x",
    " 'x", "'X 'Re", "\U0001d400\U0001d41a\U0001d7d8 \U00010400\U00010428", "\U000e0041\U000e0042",
]


# After all others, so that those keep their places. What Unicode has not assigned has no run above:
# engines of different versions differ on most of it, but not on these.
UNASSIGNED_AND_JOINED = [
    "a\u0378b \ufdd0\ufdef \ufffe \uffff1 \U0001fffe\U0010ffff \U000e0000x", "\ud7ff\ue000 \ufeff\ufeffa",
    "👩🏽‍🚀👨‍👩‍👧 👩‍❤️‍💋‍👨x🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏳️‍⚧️1️⃣#️⃣*⃣ 🇩🇪🇫🇷🇩", "\u200d👍\u200d \ufe0f\ufe0e\U000e0100",
    "\u1100\u1161\u11a8\uac00\u11a8 \u3131", "A\u030a \u212b \u00c5 \u1e9b\u0323 \u0344", "क्ष क्\u200dष क्\u200cष ক্ষ",
    "\u202eRTL\u202c \u2066iso\u2069 שָׁלוֹם", "ﬁﬂ ǆ ㎏ ㍿ ｶﾞ Ａ１　", "İIıi ΣΑΣ ß ẞ ŉ",
    "0x1F 1_000 1e9 1.5.2 ١٢٣٤٥٦ 12٣٤", "        if x:\n\t\t  y\r\n\r\n    \n  z  \t \n ",
    "\v\f\x1c\x1d\x1e\x1f\x85\u00a0 \v\n\f x", "a\u2028\n\u2029\r\n\u0085b",
]


def category_ranges():
    """The first scalar of every run of one general category, by lines of 24."""
    found, previous = [], None
    for value in range(0x110000):
        category = unicodedata.category(chr(value))
        if category != previous and category not in ("Cn", "Cs"):
            found.append(chr(value))
        previous = category
    return ["".join(found[i : i + 24]) for i in range(0, len(found), 24)]


def mixtures(count):
    generator = random.Random(20261123)
    alphabet = list("aAbBzZsStTrRvVeEmMlLdD") + list("''''///..!$ \t\r\n\n     0123456789_")
    alphabet += list(
        "éÉßσΣяЯ\u0301\u0308ʰªǅא中の한٣½Ⅻ\u00a0\u3000\u2028\u0085\u200d\ufe0f👍😀\ufffd\ue000"
    )
    return [
        "".join(generator.choices(alphabet, k=generator.randint(1, 40))) for _ in range(count)
    ]


def words(text, expressions):
    pieces = [text]
    for expression in expressions:
        split = pre_tokenizers.Split(Regex(expression), "isolated")
        pieces = [word for piece in pieces for word, _ in split.pre_tokenize_str(piece)]
    assert "".join(pieces) == text
    return pieces


def words_by_regex(text, expressions):
    pieces = [text]
    for expression in expressions:
        expression = regex.compile(expression.replace(r"\s", r"\p{White_Space}").replace(
            r"\S", r"\P{White_Space}"), regex.VERSION1)
        split = []
        for piece in pieces:
            end = 0
            for match in expression.finditer(piece):
                split += [piece[end : match.start()], match.group()]
                end = match.end()
            split.append(piece[end:])
        pieces = [piece for piece in split if piece]
    return pieces


def field(reader, key):
    return reader.fields["tokenizer.ggml." + key].contents()


def smollm2_ids(path, texts):
    reader = GGUFReader(path)
    tokens = field(reader, "tokens")
    merges = [tuple(merge.split(" ")) for merge in field(reader, "merges")]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    kinds = field(reader, "token_type")
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, kinds)
            if kind == 3
        ]
    )
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def gemma3_ids(path, texts):
    reader = GGUFReader(path)
    model = sentencepiece_model_pb2.ModelProto()
    columns = zip(field(reader, "tokens"), field(reader, "scores"), field(reader, "token_type"))
    for text, score, kind in columns:
        model.pieces.add(piece=text.replace(" ", "▁"), score=score, type=kind)
    unknown = [index for index, piece in enumerate(model.pieces) if piece.piece == "<unk>"][0]
    model.pieces[unknown].type = 2
    model.trainer_spec.model_type = 2
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.unk_id = unknown
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = False
    model.normalizer_spec.remove_extra_whitespaces = False
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())
    # U+0000 ends SentencePiece's own strings, as C's do. A mark in the text becomes part of tokens
    # of several spaces here and not in llama.cpp, which looks for those with plain spaces.
    unlike = lambda text: "\0" in text or "▁" in text
    return [None if unlike(text) else processor.EncodeAsIds(text) for text in texts]


def write(name, value):
    with open(FOLDER / name, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")


def main():
    texts = BY_HAND + category_ranges() + mixtures(300) + UNASSIGNED_AND_JOINED
    pieces = {}
    for name, expressions in EXPRESSIONS.items():
        pieces[name] = [words(text, expressions) for text in texts]
        for text, found in zip(texts, pieces[name]):
            other = words_by_regex(text, expressions)
            if found != other:
                print("engines differ:", name, ascii(found), ascii(other))
    lengths = {name: [[len(w) for w in ws] for ws in lists] for name, lists in pieces.items()}
    write("tokenizer_corpus.json", texts)
    write("pre_tokenizers.json", lengths)
    write("smollm2_ids.json", smollm2_ids(sys.argv[1], texts))
    write("gemma3_ids.json", gemma3_ids(sys.argv[2], texts))


main()
