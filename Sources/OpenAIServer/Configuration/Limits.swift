extension OpenAIServer {
    /// Bounds on everything a client can make the server hold.
    public struct Limits: Sendable, Equatable {
        /// Bytes in a request's body; above it the answer is 413.
        public var bodySize = 32 << 20
        /// Bytes in all header fields of a request together.
        public var headerSize = 64 << 10
        /// Header fields in a request.
        public var headerCount = 256
        /// Connections open at once; further clients wait to be accepted.
        public var connectionCount = 8192
        /// How long a connection may say nothing between requests, or while it sends one.
        public var idleConnectionTime = Duration.seconds(75)
        /// Prompts in one completions request.
        public var promptCount = 1024
        /// Messages in one chat request.
        public var messageCount = 65_536
        /// Stop strings in a request.
        public var stopStringCount = 16
        /// Bytes in one stop string; a stream holds back at most as many.
        public var stopStringSize = 4096
        /// Texts in `bad_words`.
        public var badWordCount = 128
        /// Bytes in one of them.
        public var badWordSize = 1024
        /// Ids in `stop_token_ids`.
        public var stopTokenCount = 1024

        public init() {}
    }

    /// Sampling values for requests that leave them out, such as what a checkpoint recommends.
    public struct SamplingDefaults: Sendable, Equatable {
        public var temperature = 1.0
        public var topP = 1.0
        /// 0 keeps all tokens.
        public var topK = 0
        public var minP = 0.0
        /// 1 penalises nothing.
        public var repetitionPenalty = 1.0
        /// The most tokens to generate; `nil` means the endpoint's own: 16 for completions, the
        /// rest of the context for chats.
        public var maxTokens: Int?

        public init() {}
    }
}
