#!/usr/bin/env python3
"""Writes dequantize.json: random blocks of each format, and what they stand for.

    pip install gguf==0.19.0 numpy==2.4.6
    python3 make_dequantize_golden.py > dequantize.json

The bytes are random, but for the half-precision scales, which are finite, and in some blocks the
ones that are easily got wrong; for block 8, where all others are zeros; and for block 9, where they
are all ones. The values are what gguf.quants.dequantize makes of them, as little-endian single
precision. Both are in base64.
"""
import base64
import json
import sys

import gguf
import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType as T

SEED = 20251123
# The byte offsets of half-precision scales and minima in a block.
HALVES = {
    T.F32: [], T.F16: [0], T.BF16: [], T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2],
    T.Q8_0: [0], T.Q2_K: [80, 82], T.Q3_K: [108], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208],
    T.IQ4_NL: [0], T.IQ4_XS: [0], T.MXFP4: [],
}
# Scales that are easily got wrong: zero, the smallest subnormals, the largest numbers.
EDGE_HALVES = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0xFBFF]


def blocks(kind, count, random):
    _, size = GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (count, size), dtype=np.uint8)
    if HALVES[kind] and size > 2:
        data[8], data[9] = 0, 255
    for offset in HALVES[kind]:
        halves = random.integers(0, 1 << 16, count, dtype=np.uint16)
        halves = np.where((halves & 0x7C00) == 0x7C00, halves ^ 0x4000, halves).astype("<u2")
        first = 1 + HALVES[kind].index(offset)
        halves[first:first + 7] = EDGE_HALVES
        data[:, offset:offset + 2] = halves.view(np.uint8).reshape(count, 2)
    if kind in (T.F32, T.BF16):  # no NaN: which bits it keeps is nobody's business
        exponents = data[:, -1] & 0x7F
        data[:, -1] = np.where(exponents == 0x7F, data[:, -1] ^ 0x40, data[:, -1])
    if kind == T.MXFP4:  # subnormal scales, the largest, and ggml's reading of NaN
        data[:5, 0] = [0, 1, 2, 254, 255]
    return data


def main():
    random = np.random.default_rng(SEED)
    formats = {}
    for kind in HALVES:
        block_size, _ = GGML_QUANT_SIZES[kind]
        count = {1: 128, 32: 11, 256: 11}[block_size]
        data = blocks(kind, count, random)
        with np.errstate(over="ignore"):
            values = gguf.quants.dequantize(data.reshape(count, -1), kind)
        values = np.ascontiguousarray(values).astype("<f4").reshape(-1)
        assert values.size == count * block_size and not np.isnan(values).any(), kind
        formats[kind.name] = {
            "bytes": base64.b64encode(data.tobytes()).decode(),
            "values": base64.b64encode(values.tobytes()).decode(),
        }
    json.dump({"seed": SEED, "formats": formats}, sys.stdout, indent=1)
    print()


main()
