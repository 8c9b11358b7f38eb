"""Writes a GGUF model with only the first layers of another: a cheap draft model for it.

    python shorten_gguf.py SOURCE LAYERS TARGET
"""

import struct
import sys

from gguf import GGUFReader


def shorten(source, layers, target):
    reader = GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    kept = [
        tensor for tensor in reader.tensors
        if not tensor.name.startswith("blk.") or int(tensor.name.split(".")[1]) < layers]
    with open(source, "rb") as file:
        content = file.read()
    # The metadata is taken as it is, up to the first tensor's description.
    header = bytearray(content[:reader.tensors[0].field.offset])
    struct.pack_into("<Q", header, 8, len(kept))
    count = reader.fields[f"{architecture}.block_count"]
    # Behind the key's length, the key and the type.
    struct.pack_into("<I", header, count.offset + 8 + len(count.name) + 4, layers)

    def padding(size):
        return bytes(-size % reader.alignment)

    offset = 0
    for tensor in kept:
        name = tensor.name.encode()
        header += struct.pack("<Q", len(name)) + name
        header += struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        header += struct.pack("<IQ", tensor.tensor_type, offset)
        offset += tensor.n_bytes + len(padding(tensor.n_bytes))
    with open(target, "wb") as file:
        file.write(header + padding(len(header)))
        for tensor in kept:
            start = tensor.data_offset
            file.write(content[start:start + tensor.n_bytes] + padding(tensor.n_bytes))


if __name__ == "__main__":
    shorten(sys.argv[1], int(sys.argv[2]), sys.argv[3])
