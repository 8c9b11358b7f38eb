public import Vulkan

/// What the choice of a matrix product's kernel depends on, of a device and of this build: a value,
/// so that choices for devices that are not here can be tested.
public struct MatmulDevice: Sendable {
    public var subgroupSize: Int
    public var sharedMemoryByteCount: Int
    /// Workgroups that run at once, at least: compute units, or a guess where the driver is silent.
    public var width: Int
    /// The cooperative matrices kernels use; nil without such, or without a compiler for them.
    public var matrix: CooperativeMatrix?
    /// Whether it multiplies brain floats in the same shape.
    public var multipliesBrainFloats = false
    /// The matrices of a workgroup, in multiples of these sizes; empty without such.
    public var workgroupMatrices: [CooperativeMatrix] = []
    /// The largest size of those.
    public var maxFlexibleDimension = 0
    /// Shared memory that the driver keeps for itself where they are used.
    public var reservedSharedMemoryByteCount = 0
    /// Whether dot products of bytes are fast.
    public var acceleratesInt8DotProduct: Bool
    /// Whether dot products of bytes can be computed at all.
    public var hasIntegerDotProduct: Bool

    /// Every Vulkan device runs so many invocations in a workgroup that shares memory, but for some
    /// of phones.
    let maxWorkgroupSize = 1024

    public init(
        subgroupSize: Int,
        sharedMemoryByteCount: Int,
        width: Int,
        matrix: CooperativeMatrix?,
        acceleratesInt8DotProduct: Bool,
        hasIntegerDotProduct: Bool
    ) {
        self.subgroupSize = subgroupSize
        self.sharedMemoryByteCount = sharedMemoryByteCount
        self.width = width
        self.matrix = matrix
        self.acceleratesInt8DotProduct = acceleratesInt8DotProduct
        self.hasIntegerDotProduct = hasIntegerDotProduct
    }

    /// What a device says of itself.
    /// - Parameter emulatesMatrices: whether a CPU driver's cooperative matrices count. They are
    ///   loops there, which gain nothing and take the driver up to minutes to compile; with vectors
    ///   of 512 bits lavapipe 26 crashes over them, and they never count.
    public init(_ properties: DeviceProperties, emulatesMatrices: Bool = false) {
        subgroupSize = properties.subgroupSize
        sharedMemoryByteCount = properties.sharedMemoryByteCount
        width = properties.computeUnitCount ?? 32
        let hasMatrices = !properties.isCPU || emulatesMatrices && subgroupSize <= 8
        let matrices = hasMatrices ? properties.cooperativeMatrices : []
        matrix = matrices.filter {
            $0.inputs == .f16 && $0.accumulator == .f32 && 32 % $0.k == 0 && $0.k % 8 == 0
                && $0.m % 8 == 0 && $0.n % 8 == 0 && $0.m <= 32 && $0.n <= 32
        }.max { $0.m * $0.n * $0.k < $1.m * $1.n * $1.k }
        if let matrix, properties.features.contains(.bfloat16Matrix) {
            multipliesBrainFloats = properties.cooperativeMatrices.contains(
                CooperativeMatrix(
                    m: matrix.m,
                    n: matrix.n,
                    k: matrix.k,
                    inputs: .bf16,
                    accumulator: .f32
                )
            )
        }
        workgroupMatrices = properties.flexibleMatrices.filter {
            $0.inputs == .f16 && $0.accumulator == .f32
        }
        maxFlexibleDimension = properties.maxFlexibleDimension
        reservedSharedMemoryByteCount = properties.reservedSharedMemoryByteCount
        acceleratesInt8DotProduct = properties.acceleratesInt8DotProduct
        hasIntegerDotProduct = properties.features.contains(.integerDotProduct)
    }

    /// Whether a kernel runs on this device with weights of a format.
    package func has(_ kernel: MatmulPlan.Kernel, _ format: WeightFormat) -> Bool {
        let isPossible =
            switch kernel {
            case .vector, .tile: true
            case .dot: hasIntegerDotProduct
            case .matrix: matrix != nil
            case .workgroupMatrix: !workgroupMatrices.isEmpty
            }
        return isPossible && Self.shaders[kernel]?[format] != nil
    }

    /// The variant of a kernel for weights of a format; nil if this build has none. Brain floats
    /// stay brain floats where the device multiplies them: nothing is then out of range.
    func shader(_ kernel: MatmulPlan.Kernel, _ format: WeightFormat) -> Shader? {
        let isBrainFloats = kernel == .matrix && format == .bf16 && multipliesBrainFloats
        return isBrainFloats
            ? Self.brainFloats ?? Self.shaders[kernel]?[format]
            : Self.shaders[kernel]?[format]
    }

    /// Found by name once: products are planned many times a step.
    private static let shaders = Dictionary(
        uniqueKeysWithValues: MatmulPlan.Kernel.allCases.map { kernel in
            let variants = WeightFormat.allCases.map {
                ($0, Shader.ifCompiled(kernel.rawValue, $0))
            }
            return (kernel, Dictionary(uniqueKeysWithValues: variants).compactMapValues { $0 })
        }
    )
    private static let brainFloats = Shader.ifCompiled("matmul_coopmat_bf16", .bf16)
}
