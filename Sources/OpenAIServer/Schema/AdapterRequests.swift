import HTTPTypes

/// The body of `POST /v1/load_lora_adapter`.
struct LoadAdapterRequest: Sendable {
    let name: String
    let path: String
    let replaces: Bool

    init(_ fields: Fields) throws(OpenAIError) {
        let name = try fields.string("lora_name") ?? ""
        let path = try fields.string("lora_path") ?? ""
        guard !name.isEmpty, !path.isEmpty else {
            throw OpenAIError(
                .badRequest,
                type: "InvalidUserInput",
                param: name.isEmpty ? "lora_name" : "lora_path",
                "Both 'lora_name' and 'lora_path' must be provided."
            )
        }
        guard path.utf8.count <= 4096, !path.contains("\0") else {
            throw .badRequest("lora_path", "lora_path must have at most 4096 bytes, and no NUL.")
        }
        guard try fields.bool("is_3d_lora_weight") != true else {
            throw .badRequest("is_3d_lora_weight", "is_3d_lora_weight is not supported.")
        }
        self.name = name
        self.path = path
        replaces = try fields.bool("load_inplace") ?? false
    }
}

/// The body of `POST /v1/unload_lora_adapter`.
struct UnloadAdapterRequest: Sendable {
    let name: String

    init(_ fields: Fields) throws(OpenAIError) {
        guard let name = try fields.string("lora_name"), !name.isEmpty else {
            throw OpenAIError(
                .badRequest,
                type: "InvalidUserInput",
                param: "lora_name",
                "'lora_name' needs to be provided to unload a LoRA adapter."
            )
        }
        self.name = name
    }
}
