"""Writes safetensors.json beside this file: a file by the `safetensors` package, and its values in
single precision, as bits, by numpy and ml_dtypes.

    pip install safetensors==0.8.0 numpy==2.4.6 ml_dtypes==0.6.0
    python make_safetensors_golden.py
"""

import base64
import json
import pathlib

import ml_dtypes
import numpy
from safetensors.numpy import save

FOLDER = pathlib.Path(__file__).parent
KINDS = {
    "F32": numpy.float32,
    "F16": numpy.float16,
    "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
}


def main():
    generator = numpy.random.default_rng(20261125)
    arrays = {
        # Every pattern of eight bits.
        "every.f8": numpy.arange(256, dtype=numpy.uint8).view(ml_dtypes.float8_e4m3fn)
        .reshape(16, 16),
    }
    for name, kind in KINDS.items():
        arrays[f"random.{name}"] = generator.normal(size=(3, 7)).astype(kind)
        arrays[f"scalar.{name}"] = numpy.array(-1.5, dtype=kind)
    kinds = {numpy.dtype(kind): name for name, kind in KINDS.items()}
    golden = {
        "file": base64.b64encode(save(arrays, metadata={"format": "np"})).decode(),
        "tensors": {
            name: {
                "type": kinds[array.dtype],
                "shape": list(array.shape),
                "bits": array.astype(numpy.float32).reshape(-1).view(numpy.uint32).tolist(),
            }
            for name, array in arrays.items()
        },
    }
    with open(FOLDER / "safetensors.json", "w", encoding="utf-8") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


main()
