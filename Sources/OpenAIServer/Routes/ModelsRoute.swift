import Foundation
import Hummingbird
import Inference

/// `GET /v1/models` and `GET /v1/models/{id}`.
struct ModelsRoute: Sendable {
    let server: ServerState

    func list(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        let names = server.model.names + server.model.engine.adapters.map(\.name)
        // One that was unloaded in between is left out.
        return try Response(json: ModelList(data: names.compactMap { try? card($0) }))
    }

    /// Ids may contain slashes, so the id is the whole rest of the path.
    func get(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        let id = context.parameters.getCatchAll().joined(separator: "/")
        let name = id.removingPercentEncoding ?? id
        return try Response(json: card(name))
    }

    /// An adapter's root is where it is from, and its parent is the model.
    private func card(_ name: String) throws -> ModelCard {
        let adapter = try server.model.named(name).adapter
        return ModelCard(
            id: name,
            created: server.model.created,
            root: adapter?.path ?? server.model.name,
            parent: adapter.map { _ in server.model.name },
            maxModelLength: server.model.engine.properties.maxModelLength
        )
    }
}

/// A model as `/v1/models` describes it.
struct ModelCard: Encodable, Sendable {
    var id: String
    var object = "model"
    var created: Int
    var ownedBy = "pumice"
    var root: String
    @Nullable var parent: String?
    /// Always empty, where OpenAI once said who may fine-tune; clients of that time read it.
    var permission: [String] = []
    var maxModelLength: Int

    enum CodingKeys: String, CodingKey {
        case id, object, created, root, parent, permission
        case ownedBy = "owned_by"
        case maxModelLength = "max_model_len"
    }
}

struct ModelList: Encodable, Sendable {
    var object = "list"
    var data: [ModelCard]
}
