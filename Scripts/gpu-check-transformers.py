"""The work of `gpu-check` in PyTorch and transformers, on the same GPU: random weights of a llama's
shape, a step's time by the number of sequences, prompts, and `generate` on the requests that
`pumice bench throughput` drew.

`generate` runs static batches: a batch lasts as long as its longest output, and only the tokens
that were asked for count. Several batch sizes are tried; the best counts. Prints a table; --json
FILE for the rest.
"""

import argparse
import json
import statistics
import time

import torch
import transformers

# As in Sources/Benchmarking/Synthetic/SyntheticShape.swift.
SHAPES = {
    "llama-8b": dict(
        num_hidden_layers=32, hidden_size=4096, intermediate_size=14336, num_attention_heads=32,
        num_key_value_heads=8, vocab_size=128256, tie_word_embeddings=False),
    "llama-1b": dict(
        num_hidden_layers=16, hidden_size=2048, intermediate_size=8192, num_attention_heads=32,
        num_key_value_heads=8, vocab_size=128256, tie_word_embeddings=True),
    "smol-135m": dict(
        num_hidden_layers=30, hidden_size=576, intermediate_size=1536, num_attention_heads=9,
        num_key_value_heads=3, vocab_size=49152, tie_word_embeddings=True),
    "tiny": dict(
        num_hidden_layers=2, hidden_size=256, intermediate_size=768, num_attention_heads=4,
        num_key_value_heads=2, vocab_size=4096, tie_word_embeddings=False),
}


def make_model(shape, device, dtype):
    """A model of random weights."""
    config = transformers.LlamaConfig(max_position_embeddings=8192, **SHAPES[shape])
    torch.set_default_dtype(dtype)
    with torch.device(device):
        model = transformers.LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    return model.eval()


def synchronize(device):
    if device == "cuda":
        torch.cuda.synchronize()


def seconds(device, body, repeats=5):
    """The median time of a call, after two that warm up."""
    times = []
    for run in range(repeats + 2):
        synchronize(device)
        begin = time.perf_counter()
        body()
        synchronize(device)
        if run >= 2:
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def tokens(model, rows, columns):
    return torch.randint(0, model.config.vocab_size, (rows, columns), device=model.device)


@torch.inference_mode()
def decode_step(model, device, batch, context):
    """Seconds of a step of one token for each of `batch` sequences of `context` tokens."""
    cache = transformers.DynamicCache()
    model(tokens(model, batch, context - 1), past_key_values=cache, logits_to_keep=1)
    one = tokens(model, batch, 1)

    def step():
        model(one, past_key_values=cache).logits[:, -1].argmax(-1)
        cache.crop(context - 1)

    return seconds(device, step)


@torch.inference_mode()
def prompt_step(model, device, length):
    ids = tokens(model, 1, length)
    return seconds(device, lambda: model(ids, logits_to_keep=1).logits[:, -1].argmax(-1))


@torch.inference_mode()
def generate(model, device, lengths, batch):
    """Seconds of `generate` for requests of (prompt, output) tokens in static batches."""
    synchronize(device)
    begin = time.perf_counter()
    for start in range(0, len(lengths), batch):
        part = lengths[start:start + batch]
        longest = max(prompt for prompt, _ in part)
        ids = tokens(model, len(part), longest)
        mask = torch.zeros_like(ids)
        for row, (prompt, _) in enumerate(part):
            mask[row, longest - prompt:] = 1
        count = max(output for _, output in part)
        model.generate(
            ids, attention_mask=mask, max_new_tokens=count, min_new_tokens=count,
            do_sample=False, pad_token_id=0)
    synchronize(device)
    return time.perf_counter() - begin


def attempt(name, report, body):
    """Runs a measurement; what does not fit the memory is a line, not an end."""
    try:
        result = body()
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        print(f"{name:<34} out of memory")
        return None
    report[name] = result
    print(f"{name:<34} {result * 1000:12.2f} ms")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="llama-1b")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--prompts", type=int, nargs="+", default=[512])
    parser.add_argument("--requests", help="the JSON report of pumice bench throughput")
    parser.add_argument("--generate-batches", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--json")
    options = parser.parse_args()

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    model = make_model(options.shape, device, dtype)
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    print(f"{options.shape} in {dtype} on {name}, torch {torch.__version__}, "
          f"transformers {transformers.__version__}")
    steps, runs = {}, []
    for batch in options.batches:
        attempt(f"decode {batch} x {options.context}", steps,
                lambda: decode_step(model, device, batch, options.context))
    for length in options.prompts:
        attempt(f"prompt {length}", steps, lambda: prompt_step(model, device, length))
    lengths = []
    if options.requests:
        with open(options.requests) as file:
            lengths = json.load(file)["settings"]["lengths"]
    for batch in options.generate_batches if lengths else []:
        # One request after the other would take hours: as many as represent them.
        part = lengths[:max(batch, len(lengths) * batch // max(options.generate_batches))]
        took = attempt(f"generate {len(part)} in batches of {batch}", {},
                       lambda: generate(model, device, part, batch))
        if took:
            output = sum(count for _, count in part)
            runs.append(dict(batch=batch, requests=len(part), seconds=took,
                             output_tokens_per_second=output / took))
            print(f"{'':<34} {output / took:12.1f} output tokens/s")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(dict(
                benchmark="transformers", device=name, model=options.shape, dtype=str(dtype),
                torch=torch.__version__, transformers=transformers.__version__,
                results=dict(step_seconds=steps, generate=runs)), file, indent=2)


main()
