"""Tiny checkpoints in FP8, by GPTQ and by AWQ, and what transformers says of their weights.

    pip install torch==2.15.0 transformers==5.24.0 gguf==0.19.0
    python make_quantized.py

Codes, scales and zeros are functions of the tensors' names, like the weights of
make_checkpoints.py, whose folders these resemble: `recipe.json` has the byte b of a tensor's stream
become `b & and | or` where the tensor is one of bytes or words, and the groups of columns as they
are. A model that transformers makes gets the weights these stand for, worked out here by the
formats' descriptions:

    FP8    weight = code * scale of its block, as bfloat16
    GPTQ   weight = scale * (code - zero - 1), codes packed along columns, eight in a word
    AWQ    weight = scale * (code - zero), codes packed along rows, eight in a word, in the order
           0, 2, 4, 6, 1, 3, 5, 7
"""

import json
import math
import tempfile
import pathlib

import numpy as np
import torch
import transformers

from make_checkpoints import (
    COMMON, HERE, PROMPT_LENGTH, logprobs_of, positions_of, rule, stream, write_lines)

SIZES = {**COMMON, "hidden_size": 128, "intermediate_size": 192, "num_hidden_layers": 2}
PLAIN = dict(rope_type="default", rope_theta=10_000.0)
TYPES = {"I32": (np.int32, 4), "F8_E4M3": (np.uint8, 1), "F32": (np.float32, 4)}


class Folder:
    """Tensors as they are stored: type, shape, and how they are made."""

    def __init__(self):
        self.tensors = {}

    def floats(self, name, shape, shift, scale, offset):
        values = (stream(name, math.prod(shape)) >> shift).astype(np.float32)
        values = values * np.float32(scale) + np.float32(offset)
        return self.add(name, "F32", shape, dict(shift=shift, scale=scale, offset=offset), values)

    def bits(self, name, kind, shape, keep, put):
        """Bytes or words: each byte of the stream, less and with some bits."""
        dtype, size = TYPES[kind]
        made = stream(name, math.prod(shape) * size).view(np.uint8) & keep | put
        return self.add(name, kind, shape, {"and": keep, "or": put}, made.view(dtype))

    def words(self, name, values):
        return self.add(name, "I32", (len(values),), {"words": values}, np.array(values, np.int32))

    def add(self, name, kind, shape, rule, values):
        self.tensors[name] = (kind, shape, rule)
        return values.reshape(shape)

    def header(self):
        header, end = {}, 0
        for name, (kind, shape, _) in self.tensors.items():
            start, end = end, end + math.prod(shape) * TYPES[kind][1]
            header[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
        return header


def nibbles(words, axis, order=range(8)):
    """Words' codes of four bits, along an axis."""
    words = words.astype(np.uint32)
    shifts = [np.uint32(4 * list(order).index(n)) for n in range(8)]
    parts = np.stack([words >> shift & 15 for shift in shifts], axis + 1)
    shape = list(words.shape)
    shape[axis] *= 8
    return parts.reshape(shape).astype(np.float32)


def scales(folder, name, shape, columns):
    """Of weights whose codes spread over about nine."""
    deviation = 1.2 / math.sqrt(columns) / 4.6
    unit = 2.0 ** math.floor(math.log2(deviation)) / 256
    return folder.floats(name, shape, 1, unit, 1.25 * 256 * unit)


def fp8(folder, name, shape, block):
    rows, columns = shape
    codes = folder.bits(name + ".weight", "F8_E4M3", shape, 0x9F, 0x20)
    rows_of, columns_of = block or (rows, columns)
    count = (-(-rows // rows_of), -(-columns // columns_of))
    unit = 2.0 ** -math.ceil(math.log2(columns) / 2) / 128
    of_block = folder.floats(name + ".weight_scale_inv", count if block else (1,), 1, unit,
                             256 * unit).reshape(count)
    weights = torch.from_numpy(codes.copy()).view(torch.float8_e4m3fn).float()
    spread = of_block.repeat(rows_of, 0)[:rows].repeat(columns_of, 1)[:, :columns]
    return (weights * torch.from_numpy(spread)).to(torch.bfloat16).float().numpy()


def gptq(folder, name, shape, size, order, symmetric, offset=1):
    rows, columns = shape
    size = columns if size == -1 else size
    codes = nibbles(folder.bits(name + ".qweight", "I32", (columns // 8, rows), 255, 0), 0)
    zeros = folder.bits(
        name + ".qzeros", "I32", (columns // size, rows // 8),
        *((0, 0x77 if offset else 0x88) if symmetric else (0x33, 0x44)))
    of_group = scales(folder, name + ".scales", (columns // size, rows), columns)
    groups = [int(group) for group in order(columns) // size]
    folder.words(name + ".g_idx", groups)
    return (of_group[groups] * (codes - nibbles(zeros, 1)[groups] - offset)).T


def awq(folder, name, shape, size):
    rows, columns = shape
    order = [0, 2, 4, 6, 1, 3, 5, 7]
    codes = nibbles(
        folder.bits(name + ".qweight", "I32", (columns, rows // 8), 255, 0), 1, order)
    zeros = nibbles(
        folder.bits(name + ".qzeros", "I32", (columns // size, rows // 8), 0x77, 0x11), 1, order)
    of_group = scales(folder, name + ".scales", (columns // size, rows), columns)
    groups = np.arange(columns) // size
    return (of_group[groups] * (codes - zeros[groups])).T


def checkpoints():
    """Name to configuration, what config.json says, and what makes a matrix."""
    llama = transformers.LlamaConfig(**SIZES, head_dim=32, rope_parameters=PLAIN)
    qwen2 = transformers.Qwen2Config(**SIZES, rope_parameters=PLAIN)
    qwen3 = transformers.Qwen3Config(**SIZES, head_dim=32, rope_parameters=PLAIN)

    def ordered(columns):
        return np.arange(columns)

    def unordered(columns):
        return np.arange(columns) * 5 % columns

    common = dict(bits=4, quant_method="gptq")
    return {
        "qwen3-fp8": (
            qwen3, dict(quant_method="fp8", weight_block_size=[64, 96], fmt="e4m3"),
            lambda *matrix: fp8(*matrix, (64, 96))),
        "qwen3-fp8-tensors": (
            qwen3, dict(quant_method="fp8", activation_scheme="static"),
            lambda *matrix: fp8(*matrix, None)),
        "llama-gptq": (
            llama, dict(**common, group_size=32, sym=False, desc_act=False),
            lambda *matrix: gptq(*matrix, 32, ordered, False)),
        "llama-gptq-symmetric": (
            llama, dict(**common, group_size=-1, sym=True, checkpoint_format="gptq_v2"),
            lambda *matrix: gptq(*matrix, -1, ordered, True, 0)),
        "qwen2-gptq-unordered": (
            qwen2, dict(**common, group_size=64, sym=True, desc_act=True),
            lambda *matrix: gptq(*matrix, 64, unordered, True)),
        "qwen2-awq": (
            qwen2, dict(quant_method="awq", bits=4, group_size=64, zero_point=True,
                        version="gemm"),
            lambda *matrix: awq(*matrix, 64)),
    }


def make(name, config, quantization, matrix):
    print(name)
    torch.manual_seed(0)
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    folder = Folder()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            shape = tuple(parameter.shape)
            if key.endswith("_proj.weight"):
                values = matrix(folder, key.removesuffix(".weight"), shape)
                print(f"  {key}: deviation {values.std() * math.sqrt(shape[1]):.2f}")
            else:
                values = folder.floats(key, shape, *rule(key, shape, name))
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(values, np.float32)))
    rng = np.random.default_rng(7)
    prompt = [int(token) for token in rng.integers(3, config.vocab_size, PROMPT_LENGTH)]
    with tempfile.TemporaryDirectory() as temporary:
        config.save_pretrained(temporary)
        text = json.loads((pathlib.Path(temporary) / "config.json").read_text())
    text["quantization_config"] = quantization
    output = HERE / name
    output.mkdir(exist_ok=True)
    (output / "config.json").write_text(json.dumps(text, indent=2) + "\n")
    write_lines(output / "safetensors.json", folder.header())
    rules = {key: made for key, (_, _, made) in folder.tensors.items()}
    write_lines(output / "recipe.json", {"weights": rules, "gguf": []})
    logprobs = logprobs_of(model, prompt)
    print(f"  logprobs from {logprobs.min():.1f} to {logprobs.max():.1f}")
    write_lines(output / "reference.json", positions_of(logprobs, prompt))


if __name__ == "__main__":
    for name, checkpoint in checkpoints().items():
        make(name, *checkpoint)
