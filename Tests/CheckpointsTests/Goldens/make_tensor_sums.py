#!/usr/bin/env python3
"""Writes tensor_sums.json: a sum of every tensor of a published model, dequantised by `gguf`.

    pip install gguf==0.19.0 numpy==2.4.6
    python3 make_tensor_sums.py gemma-3-270m-q4_k_m.gguf > tensor_sums.json

The sum is that of (2 i + 1) times the bits of element i in single precision, modulo 2^64: it changes
with every bit and with every exchange.
"""
import hashlib
import json
import sys

import gguf
import numpy as np


def weighted_sum(tensor):
    values = np.ascontiguousarray(gguf.quants.dequantize(tensor.data, tensor.tensor_type))
    bits = values.astype("<f4").reshape(-1).view("<u4").astype(np.uint64)
    with np.errstate(over="ignore"):
        total = (bits * (2 * np.arange(bits.size, dtype=np.uint64) + 1)).sum(dtype=np.uint64)
    return format(int(total), "016x")


def main():
    path = sys.argv[1]
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    tensors = {
        tensor.name: [tensor.tensor_type.name, weighted_sum(tensor)]
        for tensor in gguf.GGUFReader(path).tensors
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(sums)}" for name, sums in tensors.items())
    print(f'{{"sha256": "{digest}", "tensors": {{\n{lines}\n}}}}')


main()
