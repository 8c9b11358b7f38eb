import HTTPTypes
import Hummingbird
public import Inference

/// `POST /v1/load_lora_adapter` and `POST /v1/unload_lora_adapter`, as vLLM has them: where the
/// server is told to allow them, for they read whatever path a client names.
struct AdapterRoutes: Sendable {
    let server: ServerState

    func load(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let body = try LoadAdapterRequest(
            try await request.fields(limit: server.configuration.limits.bodySize)
        )
        do throws(AdapterChangeError) {
            let adapter = try await server.model.loadAdapter(
                name: body.name,
                path: body.path,
                replacing: body.replaces
            )
            return .text("Success: LoRA adapter '\(adapter.name)' added successfully.")
        } catch {
            throw OpenAIError(error)
        }
    }

    func unload(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let name = try UnloadAdapterRequest(
            try await request.fields(limit: server.configuration.limits.bodySize)
        ).name
        do throws(AdapterChangeError) {
            try await server.model.engine.unloadAdapter(name: name)
        } catch {
            throw OpenAIError(error)
        }
        return .text("Success: LoRA adapter '\(name)' removed successfully.")
    }
}

extension Response {
    fileprivate static func text(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: .init(string: text))
        )
    }
}

extension ServedModel {
    /// Loads an adapter, which is then served under its name.
    /// - Parameters:
    ///   - path: of a folder that PEFT wrote or of a GGUF file, on the server's machine.
    ///   - replacing: whether an adapter of this name gives way.
    public func loadAdapter(
        name: String,
        path: String,
        replacing: Bool = false
    ) async throws(AdapterChangeError) -> LoadedAdapter {
        // Metrics list names with commas between them.
        let isPlain = !name.unicodeScalars.contains { $0 == "," || $0.value < 0x20 }
        guard (1...256).contains(name.utf8.count), isPlain else {
            throw .refused(
                "The name of an adapter must have 1 to 256 bytes, and no comma and no control "
                    + "character."
            )
        }
        guard !names.contains(name) else {
            throw .refused("'\(name)' is the model's own name. Give the adapter another.")
        }
        return try await engine.loadAdapter(name: name, path: path, replacing: replacing)
    }
}

extension OpenAIError {
    /// Why an adapter was not loaded or unloaded, in vLLM's kinds of errors.
    init(_ error: AdapterChangeError) {
        let text = error.description
        switch error {
        case .notFound: self.init(.notFound, type: "NotFoundError", param: "lora_path", text)
        case .unknown: self.init(.notFound, type: "NotFoundError", param: "lora_name", text)
        case .nameTaken: self.init(.badRequest, type: "InvalidUserInput", param: "lora_name", text)
        case .refused, .noRoom, .notEnabled: self = .badRequest(nil, text)
        case .unavailable(let state): self.init(AdmissionError.unavailable(state))
        }
    }
}
