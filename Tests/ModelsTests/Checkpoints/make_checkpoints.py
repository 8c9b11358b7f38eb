"""Tiny random checkpoints of every architecture, and what transformers says of them.

    pip install torch==2.15.0 transformers==5.24.0 gguf==0.19.0
    python make_checkpoints.py          # writes the folders beside this file
    python make_checkpoints.py qwen3 --keep FOLDER    # one of them, and the whole files

Each model is written by transformers (`save_pretrained`) and by the gguf package, in float32. Their
weights are a function of the tensors' names, which the tests compute again: of the files only what
comes before the weights is kept. A folder here has

    config.json       as transformers wrote it
    safetensors.json  the header of model.safetensors
    gguf.bin          the GGUF file up to its tensors' bytes
    recipe.json       how each weight is made, in both files
    reference.json    a prompt, and logprobs at each of its positions in float32

A weight is `(b >> shift) * scale + offset` for the bytes b, signed, of a stream seeded by its
tensor's name: exact in float32, in float16 and in bfloat16. Tensors of bytes (MXFP4) are made so
too.
"""

import argparse
import copy
import json
import math
import pathlib
import struct
import tempfile

import gguf
import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

from gguf_checkpoint import write_gguf

HERE = pathlib.Path(__file__).parent
PROMPT_LENGTH = 70
TOP = 5


def stream(name, count):
    """The signed bytes of a name: splitmix64 seeded by its FNV-1a hash, a byte a step."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(56)).astype(np.uint8).view(np.int8)


def rule(name, shape, architecture):
    """Shift, scale and offset of a tensor's weights."""
    if name.endswith("_blocks"):
        return 0, 1, 0
    if name.endswith("_scales"):
        return 6, 1, 122
    if name.endswith("_bias"):
        return 0, 1 / 256, 0
    if name.endswith(("gate_up_proj", "down_proj")):  # transposed
        return 0, 2 / 2 ** math.ceil(math.log2(shape[-2]) / 2) / 128, 0
    if name.endswith("router.weight"):
        return 0, 1 / 128, 0
    if "norm" in name:
        return 3, 1 / 64, 0 if architecture.startswith("gemma") else 1
    if len(shape) == 1:
        return 0, 1 / 256, 0
    if "embed_tokens" in name:
        return 0, 1 / 128, 0
    return 0, 2 / 2 ** math.ceil(math.log2(shape[-1]) / 2) / 128, 0


def weight(name, shape, architecture):
    shift, scale, offset = rule(name, shape, architecture)
    values = (stream(name, math.prod(shape)) >> shift).astype(np.float32)
    return (values * np.float32(scale) + np.float32(offset)).reshape(shape)


COMMON = dict(
    vocab_size=128, hidden_size=64, intermediate_size=96, num_hidden_layers=3,
    num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
    bos_token_id=1, eos_token_id=2, pad_token_id=0, tie_word_embeddings=False)

LLAMA3 = dict(
    rope_type="llama3", rope_theta=10_000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=32)


def gpt_oss():
    return transformers.GptOssConfig(
        **{**COMMON, "num_hidden_layers": 4}, head_dim=32, num_local_experts=6,
        num_experts_per_tok=2, sliding_window=20, rope_parameters=dict(
            rope_type="yarn", rope_theta=10_000.0, factor=4.0, beta_fast=32.0, beta_slow=1.0,
            original_max_position_embeddings=64, truncate=False))


def longrope(original):
    """Phi-3 that was first trained on as many tokens."""
    return transformers.Phi3Config(
        **COMMON, sliding_window=24, original_max_position_embeddings=original,
        rope_parameters=dict(
            rope_type="longrope", rope_theta=10_000.0, partial_rotary_factor=0.5,
            short_factor=[1.0, 1.25, 1.5, 2.0], long_factor=[1.5, 2.5, 4.0, 7.5],
            original_max_position_embeddings=original))


def configurations():
    """Name to configuration and the word for it in GGUF files."""
    t = transformers
    plain = dict(rope_type="default", rope_theta=10_000.0)
    return {
        "llama": (t.LlamaConfig(
            **COMMON, head_dim=16, rope_parameters=LLAMA3, rms_norm_eps=1e-5), "llama"),
        "mistral": (t.MistralConfig(
            **COMMON, head_dim=32, rope_parameters=plain, rms_norm_eps=1e-5, sliding_window=20),
            "llama"),
        "qwen2": (t.Qwen2Config(
            **{**COMMON, "tie_word_embeddings": True}, rope_parameters=plain), "qwen2"),
        "qwen3": (t.Qwen3Config(**COMMON, head_dim=32, rope_parameters=dict(
            rope_type="yarn", rope_theta=10_000.0, factor=4.0,
            original_max_position_embeddings=64)), "qwen3"),
        "gemma3": (t.Gemma3TextConfig(
            **{**COMMON, "num_hidden_layers": 7, "num_key_value_heads": 1,
               "tie_word_embeddings": True},
            head_dim=32, query_pre_attn_scalar=32, sliding_window=20, rope_parameters=dict(
                full_attention=dict(rope_type="linear", factor=4.0, rope_theta=1_000_000.0),
                sliding_attention=plain)), "gemma3"),
        "qwen3moe": (t.Qwen3MoeConfig(
            **COMMON, head_dim=16, num_experts=10, num_experts_per_tok=3, moe_intermediate_size=32,
            norm_topk_prob=True, rope_parameters=plain), "qwen3moe"),
        "gpt-oss": (gpt_oss(), "gpt-oss"),
        "gpt-oss-mxfp4": (gpt_oss(), "gpt-oss"),
        "phi3": (t.Phi3Config(
            **COMMON, sliding_window=24, original_max_position_embeddings=256,
            rope_parameters=dict(**plain, partial_rotary_factor=0.5)), "phi3"),
        "phi3-longrope": (longrope(32), "phi3"),
        "phi3-longrope-short": (longrope(128), "phi3"),
    }


def mutations(name, config):
    """Configurations that must give other logprobs: what the reference is sensitive to."""
    changed = {}

    def change(title, function):
        other = copy.deepcopy(config)
        function(other)
        changed[title] = other

    if getattr(config, "sliding_window", None) and name != "qwen2":
        change("window", lambda c: setattr(c, "sliding_window", c.sliding_window + 1))
    if name == "gemma3":
        change("scale", lambda c: setattr(c, "query_pre_attn_scalar", 28))
        change("pattern", lambda c: c.layer_types.reverse())
        for kind in config.rope_parameters:
            change(f"{kind} base", lambda c: c.rope_parameters[kind].update(rope_theta=20_000.0))
        change("factor", lambda c: c.rope_parameters["full_attention"].update(factor=2.0))
    else:
        if name == "qwen3moe":
            change("shares", lambda c: setattr(c, "norm_topk_prob", False))
        if "truncate" in config.rope_parameters:
            change("truncation", lambda c: c.rope_parameters.update(truncate=True))
        if hasattr(config, "num_experts_per_tok"):
            change("experts", lambda c: setattr(
                c, "num_experts_per_tok", c.num_experts_per_tok - 1))
        change("base", lambda c: c.rope_parameters.update(rope_theta=11_000.0))
        if "long_factor" in config.rope_parameters:
            length = "short" if name.endswith("short") else "long"
            change(f"{length} factors", lambda c: c.rope_parameters[f"{length}_factor"].reverse())
            change("whole length", lambda c: setattr(c, "max_position_embeddings", 4096))
            return changed
        for key in ("factor", "partial_rotary_factor", "original_max_position_embeddings",
                    "low_freq_factor", "high_freq_factor"):
            if key in config.rope_parameters:
                change(key, lambda c: c.rope_parameters.update(
                    {key: c.rope_parameters[key] * 2}))
    return changed


def model_of(name, config):
    torch.manual_seed(0)
    config = copy.deepcopy(config)
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    state = model.state_dict()
    own = {key for key, _ in model.named_parameters()}
    with torch.no_grad():
        for key, tensor in state.items():
            if key in own:
                tensor.copy_(torch.from_numpy(parameter(key, tuple(tensor.shape), name)))
    return model


def parameter(key, shape, name):
    """A parameter, made of the tensors that a folder has in its place."""
    if name == "qwen3moe" and ".experts." in key:
        base = key[:key.index("experts.") + len("experts.")]
        experts, rows, columns = shape
        if key.endswith("down_proj"):
            return np.stack([
                weight(f"{base}{e}.down_proj.weight", (rows, columns), name)
                for e in range(experts)])
        return np.stack([
            np.concatenate([
                weight(f"{base}{e}.{part}_proj.weight", (rows // 2, columns), name)
                for part in ("gate", "up")])
            for e in range(experts)])
    if name == "gpt-oss-mxfp4" and key.endswith(("gate_up_proj", "down_proj")):
        blocks, scales = (torch.from_numpy(part) for part in packed(key, shape, name))
        return convert_moe_packed_tensors(blocks, scales, dtype=torch.float32).numpy()
    return weight(key, shape, name)


def packed(key, shape, name):
    """The MXFP4 of an experts' matrix, which is [experts, columns, rows]."""
    experts, columns, rows = shape
    return tuple(
        weight(key + part, shape, name).astype(np.int32).astype(np.uint8)
        for part, shape in [
            ("_blocks", (experts, rows, columns // 32, 16)),
            ("_scales", (experts, rows, columns // 32))])


def pack_folder(folder, name):
    """Replaces experts' matrices by their MXFP4, as gpt-oss is published."""
    tensors = read_folder(folder)[1]
    for key in [key for key in tensors if key.endswith(("gate_up_proj", "down_proj"))]:
        shape = tensors.pop(key).shape
        tensors[key + "_blocks"], tensors[key + "_scales"] = packed(key, shape, name)
    save_file(tensors, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "mxfp4"}
    (folder / "config.json").write_text(json.dumps(config, indent=2))


def read_folder(folder):
    """The header, and the tensors by name."""
    data = (folder / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    types = {"F32": np.float32, "U8": np.uint8}
    return header, {
        key: np.frombuffer(
            data[8 + length:][slice(*entry["data_offsets"])],
            types[entry["dtype"]]).reshape(entry["shape"])
        for key, entry in header.items() if key != "__metadata__"}


def logprobs_of(model, prompt):
    with torch.no_grad():
        logits = model(torch.tensor([prompt]), use_cache=False).logits[0]
    return torch.log_softmax(logits.double(), -1).numpy()


def prompt_for(model, config):
    """Of some prompts the one at which routers keep farthest from ties: near one, rounding, of a KV
    cache in halves for example, would choose another expert."""
    margins = []

    def note(router, inputs, _):
        states = inputs[0].reshape(-1, config.hidden_size)
        logits = torch.nn.functional.linear(states, router.weight, getattr(router, "bias", None))
        best = logits.sort(-1, descending=True).values
        count = config.num_experts_per_tok
        margins.append(float((best[:, count - 1] - best[:, count]).min()))

    routers = [
        module for name, module in model.named_modules()
        if name.endswith(("mlp.router", "mlp.gate")) and hasattr(config, "num_experts_per_tok")]
    for router in routers:
        router.register_forward_hook(note)
    found = {}
    for seed in range(7, 200 if routers else 8):
        rng = np.random.default_rng(seed)
        prompt = [int(token) for token in rng.integers(3, config.vocab_size, PROMPT_LENGTH)]
        margins.clear()
        logprobs_of(model, prompt)
        found[min(margins, default=0)] = prompt
    print(f"  a router's choice is never nearer to a tie than {max(found):.4f}")
    return found[max(found)]


def reference(name, model, config, prompt):
    logprobs = logprobs_of(model, prompt)
    for title, other in mutations(name, config).items():
        changed = np.abs(logprobs_of(model_of(name, other), prompt) - logprobs).max()
        print(f"  {title}: changes a logprob by {changed:.3f}")
        assert changed > 0.05, f"{name} does not show a change of {title}"
    return positions_of(logprobs, prompt)


def positions_of(logprobs, prompt):
    """A prompt and the best logprobs at each of its positions."""
    positions = []
    for position, row in enumerate(logprobs):
        best = np.argsort(-row)[:TOP]
        positions.append({
            "top": [[int(token), round(float(row[token]), 5)] for token in best],
            "next": round(float(row[prompt[position + 1]]), 5)
            if position + 1 < len(prompt) else None})
    return {
        "made_by": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "prompt": prompt, "positions": positions}


def make(name, config, word, output):
    print(name)
    model = model_of(name, config)
    model.save_pretrained(output / name)
    if name == "gpt-oss-mxfp4":
        pack_folder(output / name, name)
    header, tensors = read_folder(output / name)
    for key, tensor in tensors.items():
        expected = weight(key, tensor.shape, name)
        if tensor.dtype == np.uint8:
            expected = expected.astype(np.int32).astype(np.uint8)
        assert (tensor == expected).all(), f"{key} is not by its rule"
    whole = output / f"{name}.gguf"
    made = write_gguf(whole, name, config, word, tensors)
    start = gguf.GGUFReader(whole).data_offset

    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config_text = (output / name / "config.json").read_text()
    (folder / "config.json").write_text(config_text.rstrip() + "\n")
    (folder / "safetensors.json").write_text(
        json.dumps(header, indent=None).replace("}, \"", "},\n\"") + "\n")
    (folder / "gguf.bin").write_bytes(whole.read_bytes()[:start])
    rules = {
        key: dict(zip(("shift", "scale", "offset"), rule(key, tensor.shape, name)))
        for key, tensor in tensors.items()}
    write_lines(folder / "recipe.json", {"weights": rules, "gguf": made})
    prompt = prompt_for(model, config)
    write_lines(folder / "reference.json", reference(name, model, config, prompt))


def write_lines(path, value):
    """JSON with a line for each member of a list or an object."""
    parts = []
    for key, member in value.items():
        if isinstance(member, dict):
            lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in member.items()]
            parts.append(f"{json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n}")
        elif isinstance(member, list) and member and isinstance(member[0], dict):
            lines = [json.dumps(v) for v in member]
            parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(lines) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(member)}")
    path.write_text("{" + ",\n".join(parts) + "}\n")


def main():
    known = configurations()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help=", ".join(known))
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the whole files")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        output = arguments.keep or pathlib.Path(temporary)
        output.mkdir(exist_ok=True, parents=True)
        for name in arguments.names or known:
            make(name, *known[name], output)


if __name__ == "__main__":
    main()
