// What a product of stacked gate and up rows becomes before it is stored.
const uint NO_ACTIVATION = 0;
const uint SILU_MUL = 1;
const uint GELU_MUL = 2;
const uint CLAMPED_SWIGLU = 3;

float silu(const float x) { return x / (1 + exp(-x)); }

// The approximation by tanh (Hendrycks and Gimpel 2016). tanh(a) = 1 - 2 / (exp(2 a) + 1).
float gelu(const float x) {
    const float a = 0.7978845608 * fma(0.044715 * x * x, x, x);
    return x * (1 - 1 / (exp(2 * a) + 1));
}

// gpt-oss's: SiLU with a steeper gate, both sides clamped, and one more than up.
float clamped_swiglu(const float gate, const float up) {
    const float g = min(gate, 7.0);
    return g / (1 + exp(-1.702 * g)) * (clamp(up, -7.0, 7.0) + 1);
}

float activate(const uint activation, const float gate, const float up) {
    if (activation == CLAMPED_SWIGLU) return clamped_swiglu(gate, up);
    return (activation == SILU_MUL ? silu(gate) : gelu(gate)) * up;
}
