#!/usr/bin/env python3
"""Writes quantize.json: numbers, what they are quantised to, and how much of them is lost.

    pip install gguf==0.19.0 numpy==2.4.6 torch==2.15.0
    python3 make_quantize_golden.py > quantize.json

Q8_0 is what gguf.quants.quantize makes. That package quantises to no K format, so Q4_K and Q6_K are
done here, plainly and in double precision, after llama.cpp's description of them: for each
sub-block, of the codes by some scales near that of its range, those whose line of least weighted
squares is the best; then scales to six or eight bits, and the codes that are nearest by these. What
is kept is the root of the mean squared error of each block of 256.

FP8 is torch's: every code times a scale, in single precision and then as bfloat16.
"""
import base64
import json
import sys

import gguf
import numpy as np
import torch
from gguf.constants import GGMLQuantizationType as T

SEED = 20261129


def numbers(random):
    """Blocks of 256: usual ones, and some that are easily got wrong."""
    usual = [random.normal(mean, deviation, 256) for mean, deviation in [
        (0, 0.02), (0, 1), (0.01, 0.02), (-0.5, 0.1), (0, 1e-4), (0, 300)]]
    outlier = random.normal(0, 0.02, 256)
    outlier[77] = 3
    one = np.zeros(256)
    one[200] = -0.25
    halves = random.integers(-127, 127, 256) + 0.5
    halves[::32] = 127
    return np.stack([
        *usual, random.uniform(-1, 1, 256), random.laplace(0, 0.05, 256), outlier, one, halves,
        np.abs(random.normal(0, 0.02, 256)), -np.abs(random.normal(0, 0.02, 256)),
        np.full(256, 0.375), np.full(256, -0.375), np.zeros(256), np.full(256, 1e-36),
        np.where(np.arange(256) % 2, 0.75, -0.5)]).astype(np.float32)


def line(x):
    """Scale and minimum of 32 numbers, for codes 0 to 15."""
    weights = np.sqrt((x * x).mean()) + np.abs(x)
    least, greatest = min(x.min(), 0), x.max()
    if greatest == least:
        return 0, least
    best = (np.inf, (greatest - least) / 15, least)
    for step in range(21):
        codes = np.clip(np.rint((x - least) * (14 + 0.1 * step) / (greatest - least)), 0, 15)
        if (codes == codes[0]).all():
            continue
        scale, minimum = np.polyfit(codes, x, 1, w=np.sqrt(weights))
        if minimum > 0:
            scale, minimum = (weights * codes * x).sum() / (weights * codes * codes).sum(), 0
        error = (weights * (scale * codes + minimum - x) ** 2).sum()
        best = min(best, (error, scale, minimum))
    return best[1:]


def q4_k(block):
    """Back from Q4_K."""
    parts = block.astype(np.float64).reshape(8, 32)
    lines = np.array([line(part) for part in parts])
    scales, minima = lines[:, 0], -lines[:, 1]
    d, dmin = (float(np.float16(values.max() / 63)) for values in (scales, minima))
    back = []
    for part, scale, minimum in zip(parts, scales, minima):
        scale = d * np.rint(min(63, 63 * scale / scales.max())) if scales.max() else 0
        minimum = dmin * np.rint(min(63, 63 * minimum / minima.max())) if minima.max() else 0
        codes = np.clip(np.rint((part + minimum) / scale), 0, 15) if scale else 0 * part
        back.append(scale * codes - minimum)
    return np.concatenate(back)


def factor(x):
    """The scale of 16 numbers, for codes -32 to 31."""
    greatest = x[np.abs(x).argmax()]
    best = (0, 0)
    for step in range(-9, 10):
        if greatest == 0:
            break
        codes = np.clip(np.rint(-x * (32 + 0.1 * step) / greatest), -32, 31)
        products, squares = (x**3 * codes).sum(), (x * x * codes * codes).sum()
        if squares > 0:
            best = max(best, (products**2 / squares, products / squares))
    return best[1]


def q6_k(block):
    """Back from Q6_K."""
    parts = block.astype(np.float64).reshape(16, 16)
    scales = np.array([factor(part) for part in parts])
    greatest = scales[np.abs(scales).argmax()]
    if greatest == 0:
        return np.zeros(256)
    d = float(np.float16(greatest / -128))
    whole = d * np.clip(np.rint(scales * -128 / greatest), -128, 127)
    return np.concatenate([
        scale * np.clip(np.rint(part / scale), -32, 31) if scale else 0 * part
        for part, scale in zip(parts, whole)])


def text(array):
    return base64.b64encode(array.tobytes()).decode()


def main():
    random = np.random.default_rng(SEED)
    values = numbers(random)
    with np.errstate(over="ignore", invalid="ignore"):
        q8_0 = gguf.quants.quantize(values, T.Q8_0)
    errors = {
        name: [float(np.sqrt(((function(block) - block) ** 2).mean())) for block in values]
        for name, function in [("Q4_K", q4_k), ("Q6_K", q6_k)]}
    codes = torch.arange(256, dtype=torch.uint8)
    scales = [1.0, 0.00131, 7.25e-5, 3.0]
    fp8 = np.stack([
        (codes.view(torch.float8_e4m3fn).float() * scale).to(torch.bfloat16).view(torch.int16)
        .numpy() for scale in torch.tensor(scales)])
    json.dump({
        "seed": SEED, "values": text(values), "q8_0": text(q8_0), "errors": errors,
        "fp8": {"scales": scales, "bits": text(fp8)}}, sys.stdout, indent=0)
    print()


if __name__ == "__main__":
    main()
