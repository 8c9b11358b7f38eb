"""A tiny random model as a folder in Hugging Face's layout, of Tests/ModelsTests/Checkpoints."""

import json
import pathlib
import struct

FIXTURES = pathlib.Path(__file__).parents[1] / "ModelsTests" / "Checkpoints"
ADAPTERS = FIXTURES.parent / "Adapters"
BOS, EOS = 1, 2
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message.role }}: {{ message.content }}\n"
    "{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}")


def reference(name, fixtures=FIXTURES):
    """A prompt, and what transformers says of it."""
    return json.loads((fixtures / name / "reference.json").read_text())


def write(folder, name, **generation):
    """Writes everything a folder has; `generation` is generation_config.json's."""
    folder.mkdir()
    fixture = FIXTURES / name
    (folder / "config.json").write_text((fixture / "config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(generation))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer()))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"bos_token": "<s>", "eos_token": "</s>"}))
    write_safetensors(folder / "model.safetensors", fixture)


def write_adapter(folder, name):
    """Writes an adapter as PEFT saves it."""
    folder.mkdir()
    fixture = ADAPTERS / name
    (folder / "adapter_config.json").write_text((fixture / "adapter_config.json").read_text())
    write_safetensors(folder / "adapter_model.safetensors", fixture)


def write_safetensors(path, fixture):
    header = json.loads((fixture / "safetensors.json").read_text())
    rules = json.loads((fixture / "recipe.json").read_text())["weights"]
    header.pop("__metadata__", None)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in sorted(header, key=lambda tensor: header[tensor]["data_offsets"]):
            start, end = header[tensor]["data_offsets"]
            values = weights(tensor, (end - start) // 4, **rules[tensor])
            file.write(struct.pack(f"<{len(values)}f", *values))


def weights(name, count, shift, scale, offset):
    """As make_checkpoints.py makes them."""
    mask = 2**64 - 1
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & mask
    values = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        byte = (z ^ (z >> 31)) >> 56
        values.append(((byte - 256 if byte > 127 else byte) >> shift) * scale + offset)
    return values


def tokenizer():
    """Every ASCII character a token, after the special ones."""
    characters = [chr(0x120), chr(0x10A)] + [chr(code) for code in range(0x21, 0x7F)]
    vocabulary = {"<pad>": 0, "<s>": BOS, "</s>": EOS}
    for character in characters:
        vocabulary[character] = len(vocabulary)
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": index, "content": content, "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": True}
            for index, content in enumerate(["<pad>", "<s>", "</s>"])],
        "normalizer": None, "pre_tokenizer": byte_level | {"use_regex": True},
        "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": [], "dropout": None,
                  "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False},
    }
