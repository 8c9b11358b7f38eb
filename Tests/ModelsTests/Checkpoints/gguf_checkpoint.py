"""The GGUF files of make_checkpoints.py: keys and tensors as llama.cpp's converter has them."""

import math

import gguf
import numpy as np


def permuted(matrix, heads):
    """Rows of queries or keys as llama.cpp's converter orders them: halves become neighbours."""
    rows = matrix.shape[0]
    return (
        matrix.reshape(heads, 2, rows // heads // 2, -1).swapaxes(1, 2).reshape(matrix.shape))


def common_keys(writer, config, name):
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    if getattr(config, "sliding_window", None) and name != "qwen2":
        writer.add_sliding_window(config.sliding_window)
    if hasattr(config, "num_experts_per_tok"):
        inner = getattr(config, "moe_intermediate_size", config.intermediate_size)
        writer.add_expert_count(config.num_local_experts)
        writer.add_expert_used_count(config.num_experts_per_tok)
        writer.add_expert_feed_forward_length(inner)
    rope = config.rope_parameters
    rope = rope.get("full_attention", rope)
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(int(head * rope.get("partial_rotary_factor", 1)))
    if rope["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope["factor"])
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope["rope_type"] == "longrope":
        old = rope["original_max_position_embeddings"]
        writer.add_rope_scaling_orig_ctx_len(old)
        writer.add_rope_scaling_attn_factors(
            math.sqrt(1 + math.log(config.max_position_embeddings / old) / math.log(old)))
    return head, rope


def llama3_divisors(rope, head):
    """`rope_freqs` as llama.cpp's converter has it."""
    divisors = []
    old = rope["original_max_position_embeddings"]
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    for pair in range(head // 2):
        wavelength = 2 * math.pi * rope["rope_theta"] ** (2 * pair / head)
        if wavelength < old / high:
            divisors.append(1.0)
        elif wavelength > old / low:
            divisors.append(rope["factor"])
        else:
            smooth = (old / wavelength - low) / (high - low)
            divisors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(divisors, dtype=np.float32)


def write_gguf(path, name, config, word, tensors):
    """Writes the file, and returns how its tensors are made of the folder's."""
    writer = gguf.GGUFWriter(path, word)
    head, rope = common_keys(writer, config, name)
    made = []
    if rope["rope_type"] == "llama3":
        divisors = llama3_divisors(rope, head)
        writer.add_tensor("rope_freqs.weight", divisors)
        made.append({"name": "rope_freqs.weight", "values": [float(v) for v in divisors]})
    for length in ["long", "short"] if rope["rope_type"] == "longrope" else []:
        factors = rope[f"{length}_factor"]
        writer.add_tensor(f"rope_factors_{length}.weight", np.array(factors, dtype=np.float32))
        made.append({"name": f"rope_factors_{length}.weight", "values": factors})
    architecture = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == word)
    names = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    def add(target, tensor, **entry):
        kind = gguf.GGMLQuantizationType.MXFP4 if "mxfp4" in entry else None
        writer.add_tensor(target, np.ascontiguousarray(tensor), raw_dtype=kind)
        made.append({"name": target, **entry})

    for source, tensor in tensors.items():
        if "experts." in source:
            continue
        target = names.get_name(source, try_suffixes=(".weight", ".bias"))
        if source.endswith(".sinks"):
            target += ".weight"
        entry = {"from": source}
        if word == "llama" and ("q_proj" in source or "k_proj" in source):
            entry["heads"] = (
                config.num_attention_heads if "q_proj" in source else config.num_key_value_heads)
            tensor = permuted(tensor, entry["heads"])
        if word == "gemma3" and "norm" in source:
            entry["add"] = 1
            tensor = tensor + np.float32(1)
        add(target, tensor, **entry)
    for layer in range(config.num_hidden_layers) if "num_local_experts" in vars(config) else []:
        add_experts(add, names, f"model.layers.{layer}.mlp.experts.", tensors)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return made


def add_experts(add, names, base, tensors):
    """Adds a layer's experts: each part a tensor of all experts."""
    for part, source, stride, offset in [
            ("gate", "gate_up_proj", 2, 0), ("up", "gate_up_proj", 2, 1),
            ("down", "down_proj", 1, 0)]:
        target = names.get_name(f"{base}{part}_proj")
        one = [
            key for key in tensors
            if key.startswith(base) and key.endswith(f".{part}_proj.weight")]
        if one:
            one.sort(key=lambda key: int(key[len(base):].split(".")[0]))
            add(target + ".weight", np.stack([tensors[key] for key in one]), stack=one)
            continue
        source = base + source
        bias = tensors[source + "_bias"]
        add(target + ".bias", bias[:, offset::stride],
            **{"from": source + "_bias", "every": [stride, offset]})
        if source in tensors:
            matrix = tensors[source].swapaxes(1, 2)[:, offset::stride]
            add(target + ".weight", matrix, transposed=[stride, offset], **{"from": source})
            continue
        blocks = tensors[source + "_blocks"][:, offset::stride]
        scales = tensors[source + "_scales"][:, offset::stride]
        codes = np.stack([blocks & 15, blocks >> 4], -1).reshape(*blocks.shape[:-1], 32)
        halves = codes[..., :16] | codes[..., 16:] << 4
        data = np.concatenate([scales[..., None], halves], -1)
        data = data.reshape(*data.shape[:2], -1)
        add(target + ".weight", data, mxfp4=[stride, offset], **{"from": source})
