extension Machine {
    /// A device that the loader lists.
    public struct Device: Sendable, Equatable, Encodable {
        public var name: String
        /// `discrete`, `integrated`, `virtual`, `cpu` or `other`.
        public var kind: String
        public var driver: String
        /// Such as `1.4.305`.
        public var vulkanVersion: String
        public var vendor: Vendor?
        /// Required features it lacks; none if it can serve.
        public var missingFeatures: [String]
        /// What kernels may use beside the required.
        public var optionalFeatures: [String]
        /// What they do without.
        public var absentFeatures: [String]
        public var memory: [Memory]

        /// One of its memories.
        public struct Memory: Sendable, Equatable, Encodable {
            public var byteCount: Int
            public var isDeviceLocal: Bool
            /// What the driver lets this process use; nil where it does not say.
            public var availableByteCount: Int?

            public init(byteCount: Int, isDeviceLocal: Bool, availableByteCount: Int? = nil) {
                self.byteCount = byteCount
                self.isDeviceLocal = isDeviceLocal
                self.availableByteCount = availableByteCount
            }
        }

        public init(
            name: String,
            kind: String,
            driver: String,
            vulkanVersion: String,
            vendor: Vendor? = nil,
            missingFeatures: [String] = [],
            optionalFeatures: [String] = [],
            absentFeatures: [String] = [],
            memory: [Memory] = []
        ) {
            self.name = name
            self.kind = kind
            self.driver = driver
            self.vulkanVersion = vulkanVersion
            self.vendor = vendor
            self.missingFeatures = missingFeatures
            self.optionalFeatures = optionalFeatures
            self.absentFeatures = absentFeatures
            self.memory = memory
        }

        /// Whether Pumice runs on it.
        public var canServe: Bool { missingFeatures.isEmpty }

        /// Whether it is a driver for the CPU, such as lavapipe.
        public var isCPU: Bool { kind == "cpu" }
    }
}
