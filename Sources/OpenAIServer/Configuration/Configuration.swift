public import Inference

extension OpenAIServer {
    /// How the server listens, whom it serves, and what it allows. Fixed while it runs.
    public struct Configuration: Sendable {
        /// The address to bind; only this machine can connect unless it says otherwise.
        public var host = "127.0.0.1"
        /// The port to bind; 0 lets the system choose.
        public var port = 8000
        /// The product's version, for `/version`, the metrics and `system_fingerprint`.
        public var version = "0.0.0"
        /// Any one of these opens everything but the probes and the metrics; empty guards nothing.
        public var apiKeys: [String] = []
        /// A file with more such keys.
        public var apiKeyFile: APIKeyFile?
        /// What makes the server speak TLS; `nil` for plain HTTP.
        public var certificate: TLSCertificate?
        /// Origins browsers may call from, `*` for any; empty turns CORS off.
        public var allowedOrigins: [String] = []
        /// Whether metrics that vLLM has too are also there under its names.
        public var namesMetricsAsVLLM = true
        /// Sampling values for requests that do not say.
        public var samplingDefaults = SamplingDefaults()
        /// Whether a request may bring a chat template of its own.
        public var trustsRequestChatTemplates = false
        /// Whether clients may load and unload adapters, from paths on the server's machine.
        public var allowsAdapterChanges = false
        /// How embeddings are made of hidden states; `nil` refuses requests for them.
        public var pooling: Pooling?
        /// Bounds on what clients send.
        public var limits = Limits()
        /// After this long without an event a stream gets a comment, so that proxies keep it open.
        public var keepAliveInterval: Duration?
        /// The longest a request may take, queueing included.
        public var requestDeadline: Duration?
        /// How long a shutdown waits for the requests in flight before it ends them.
        public var drainTimeout: Duration = .seconds(45)

        public init() {}
    }
}
