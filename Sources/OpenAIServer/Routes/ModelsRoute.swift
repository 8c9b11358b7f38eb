import Foundation
import Hummingbird
import Inference

/// `GET /v1/models` and `GET /v1/models/{id}`.
struct ModelsRoute: Sendable {
    let server: ServerState

    func list(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        try Response(json: ModelList(data: server.model.names.map(card)))
    }

    /// Ids may contain slashes, so the id is the whole rest of the path.
    func get(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        let id = context.parameters.getCatchAll().joined(separator: "/")
        let name = id.removingPercentEncoding ?? id
        try server.model.check(name: name)
        return try Response(json: card(name))
    }

    private func card(_ name: String) -> ModelCard {
        ModelCard(
            id: name,
            created: server.model.created,
            root: server.model.name,
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
