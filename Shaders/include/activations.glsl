// What a product of stacked gate and up rows becomes before it is stored.
const uint NO_ACTIVATION = 0;
const uint SILU_MUL = 1;
const uint GELU_MUL = 2;

float silu(const float x) { return x / (1 + exp(-x)); }

// The approximation by tanh (Hendrycks and Gimpel 2016). tanh(a) = 1 - 2 / (exp(2 a) + 1).
float gelu(const float x) {
    const float a = 0.7978845608 * fma(0.044715 * x * x, x, x);
    return x * (1 - 1 / (exp(2 * a) + 1));
}

float activate(const uint activation, const float gate, const float up) {
    return (activation == SILU_MUL ? silu(gate) : gelu(gate)) * up;
}
