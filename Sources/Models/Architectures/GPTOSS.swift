import Kernels

extension Architecture {
    /// gpt-oss (OpenAI 2025): mixtures of experts in MXFP4, every other layer slides, heads have
    /// sinks, and everything but the norms has a bias.
    static let gptOSS = Architecture(
        name: "gpt-oss",
        modelTypes: ["gpt_oss"],
        models: "gpt-oss 20B and 120B",
        hasBias: true,
        hasOutputBias: true,
        hasSinks: true,
        isMixture: true,
        hasExpertBias: true,
        activation: .clampedSwiGLU,
        feedForwardNorm: "post_attention_norm",
        roundsRotaryRamp: false,
        slidingPeriod: 2,
        hubNames: [
            "post_attention_norm": "post_attention_layernorm", "ffn_gate_inp": "mlp.router",
            "attn_sinks": "self_attn.sinks",
        ],
        packsExpertsInHub: true
    )
}
