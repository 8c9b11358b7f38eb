"""Tiny random adapters of the tiny checkpoints beside this folder, and what peft says of them.

    pip install torch==2.15.0 transformers==5.24.0 peft==0.21.2 gguf==0.19.0
    python make_adapters.py          # writes the folders beside this file

Each adapter is written by peft (`save_pretrained`), and by the gguf package with the keys, names
and order of rows of llama.cpp's converter. As of the checkpoints, only what comes before the
weights is kept, and how the weights are made of their names:

    adapter_config.json  as peft wrote it
    safetensors.json     the header of adapter_model.safetensors
    gguf.bin             the GGUF file up to its tensors' bytes
    recipe.json          how each weight is made, in both files
    reference.json       the checkpoint's prompt, and logprobs with the adapter in float32
"""

import json
import pathlib
import sys
import tempfile

import gguf
import numpy as np
import peft
import torch
import transformers
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "Checkpoints"))
sys.dont_write_bytecode = True

from gguf_checkpoint import permuted  # noqa: E402
from make_checkpoints import (  # noqa: E402
    TOP, configurations, logprobs_of, model_of, stream, write_lines)

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

# Name to the checkpoint and peft's settings.
ADAPTERS = {
    "llama": ("llama", dict(r=4, lora_alpha=8, target_modules=ALL)),
    "llama-qv": ("llama", dict(
        r=3, lora_alpha=6, use_rslora=True, target_modules=["q_proj", "v_proj"],
        layers_to_transform=[0, 2])),
    "gemma3": ("gemma3", dict(r=9, lora_alpha=9, target_modules=ALL)),
    "phi3": ("phi3", dict(
        r=8, lora_alpha=16, target_modules=["qkv_proj", "o_proj", "gate_up_proj", "down_proj"])),
    "qwen3moe": ("qwen3moe", dict(
        r=2, lora_alpha=4, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"])),
}

RULE = {"shift": 0, "scale": 2**-11, "offset": 0}


def weight(name, shape):
    values = stream(name, int(np.prod(shape))).astype(np.float32)
    return (values * np.float32(RULE["scale"])).reshape(shape)


def adapted(checkpoint, config, settings):
    """The model with the adapter, whose weights are those of their names."""
    model = peft.get_peft_model(
        model_of(checkpoint, config), peft.LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                name = key.replace(".default.", ".")
                parameter.copy_(torch.from_numpy(weight(name, tuple(parameter.shape))))
    return model


def write_gguf(path, word, config, settings, tensors):
    """Writes the file, and returns how its tensors are made of the folder's."""
    writer = gguf.GGUFWriter(path, word)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    # GGUF knows no square root: its readers multiply by alpha / rank.
    root = settings["r"] ** 0.5 if settings.get("use_rslora") else 1
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, settings["lora_alpha"] * root)
    architecture = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == word)
    names = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    made = []
    for source, tensor in tensors.items():
        module = source.removeprefix("base_model.model.").rsplit(".lora_", 1)[0]
        half = "lora_a" if source.endswith("lora_A.weight") else "lora_b"
        entry = {"name": f"{names.get_name(module)}.weight.{half}", "from": source}
        if word == "llama" and half == "lora_b" and module.endswith(("q_proj", "k_proj")):
            entry["heads"] = (
                config.num_attention_heads if "q_proj" in module else config.num_key_value_heads)
            tensor = permuted(tensor, entry["heads"])
        writer.add_tensor(entry["name"], np.ascontiguousarray(tensor))
        made.append(entry)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return made


def reference(name, model, base, prompt):
    """Logprobs, once it is certain that they show the adapter and each kind of its changes."""
    logprobs = logprobs_of(model, prompt)
    changed = np.abs(logprobs - logprobs_of(base, prompt)).max()
    print(f"  the adapter changes a logprob by {changed:.3f}")
    assert changed > 0.3
    kinds = {key.split(".")[-4] for key, _ in model.named_parameters() if ".lora_B." in key}
    for kind in sorted(kinds):
        kept = {}
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if f".{kind}.lora_B." in key:
                    kept[key] = parameter.clone()
                    parameter.copy_(parameter.flip(0))
            changed = np.abs(logprobs_of(model, prompt) - logprobs).max()
            print(f"  rows of {kind} in another order: {changed:.3f}")
            assert changed > 0.03, f"{name} does not show {kind}"
            for key, parameter in model.named_parameters():
                if key in kept:
                    parameter.copy_(kept[key])
    positions = []
    for position, row in enumerate(logprobs):
        best = np.argsort(-row)[:TOP]
        positions.append({
            "top": [[int(token), round(float(row[token]), 5)] for token in best],
            "next": round(float(row[prompt[position + 1]]), 5)
            if position + 1 < len(prompt) else None})
    return {
        "made_by": f"peft {peft.__version__}, transformers {transformers.__version__}, "
        f"torch {torch.__version__}",
        "prompt": prompt, "positions": positions}


def make(name, output):
    print(name)
    checkpoint, settings = ADAPTERS[name]
    config, word = configurations()[checkpoint]
    model = adapted(checkpoint, config, settings)
    model.save_pretrained(output / name)
    tensors = load_file(output / name / "adapter_model.safetensors")
    for key, tensor in tensors.items():
        assert (tensor == weight(key, tensor.shape)).all(), f"{key} is not by its rule"
    data = (output / name / "adapter_model.safetensors").read_bytes()
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    whole = output / f"{name}.gguf"
    made = write_gguf(whole, word, config, settings, tensors)
    start = gguf.GGUFReader(whole).data_offset

    folder = HERE / name
    folder.mkdir(exist_ok=True)
    text = (output / name / "adapter_config.json").read_text()
    (folder / "adapter_config.json").write_text(text.rstrip() + "\n")
    (folder / "safetensors.json").write_text(
        json.dumps(header).replace("}, \"", "},\n\"") + "\n")
    (folder / "gguf.bin").write_bytes(whole.read_bytes()[:start])
    write_lines(folder / "recipe.json", {"weights": dict.fromkeys(tensors, RULE), "gguf": made})
    path = HERE.parent / "Checkpoints" / checkpoint / "reference.json"
    prompt = json.loads(path.read_text())["prompt"]
    write_lines(
        folder / "reference.json",
        reference(name, model, model_of(checkpoint, config), prompt))


def main():
    with tempfile.TemporaryDirectory() as temporary:
        for name in sys.argv[1:] or ADAPTERS:
            make(name, pathlib.Path(temporary))


if __name__ == "__main__":
    main()
