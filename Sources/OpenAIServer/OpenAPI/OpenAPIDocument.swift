import Inference
import Tokenization

/// The description of this server's API that `/openapi.json` answers: written by hand here, and
/// compared with the routes and with what they answer by tests.
struct OpenAPIDocument: Sendable {
    let version: String
    let fields: SharedFields
    let needsKey: Bool
    let allowsAdapterChanges: Bool

    init(_ configuration: OpenAIServer.Configuration, _ properties: EngineProperties) {
        version = configuration.version
        allowsAdapterChanges = configuration.allowsAdapterChanges
        needsKey = !configuration.apiKeys.isEmpty || configuration.apiKeyFile != nil
        fields = SharedFields(
            limits: configuration.limits,
            maxModelLength: properties.maxModelLength,
            vocabularySize: properties.vocabularySize,
            maxChoiceCount: properties.maxChoiceCount,
            maxLogprobCount: properties.maxLogprobCount
        )
    }

    var json: JinjaValue {
        var schemas = JinjaObject()
        let named =
            RequestSchemas(fields: fields).all + AnswerSchemas.all
            + ResponsesSchemas(fields: fields).all + MessagesSchemas(fields: fields).all + [
                ("Document", .anyObject), ("Text", .string),
            ] + (allowsAdapterChanges ? RequestSchemas.adapters : [])
        for (name, schema) in named { schemas[name] = .object(schema.json) }
        var components: JinjaObject = ["schemas": .object(schemas)]
        if needsKey {
            components["securitySchemes"] = ["key": ["type": "http", "scheme": "bearer"]]
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": "Pumice", "version": .string(version)],
            "paths": .object(paths),
            "components": .object(components),
        ]
    }

    private var paths: JinjaObject {
        var paths = JinjaObject()
        for operation in APIOperation.all
            + (allowsAdapterChanges ? APIOperation.adapters : [])
        {
            var item = paths[operation.path]?.objectValue ?? JinjaObject()
            item[operation.method] = .object(describe(operation))
            paths[operation.path] = .object(item)
        }
        return paths
    }

    private func describe(_ operation: APIOperation) -> JinjaObject {
        var result: JinjaObject = [
            "summary": .string(operation.summary), "responses": .object(answers(operation)),
        ]
        if let start = operation.path.firstIndex(of: "{") {
            let name = operation.path[start...].dropFirst().dropLast()
            result["parameters"] = [
                [
                    "name": .string(String(name)), "in": "path", "required": true,
                    "schema": ["type": "string"],
                ]
            ]
        }
        if let query = operation.query {
            result["parameters"] = [
                ["name": .string(query), "in": "query", "schema": ["type": "number"]]
            ]
        }
        if let request = operation.request {
            result["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": reference(request)]],
            ]
        }
        if needsKey && !operation.isOpen { result["security"] = [["key": []]] }
        return result
    }

    private func answers(_ operation: APIOperation) -> JinjaObject {
        var answers = JinjaObject()
        var good: JinjaObject = ["description": "The answer."]
        var content = JinjaObject()
        if let answer = operation.answer {
            content[operation.mediaType] = ["schema": reference(answer)]
        }
        if let event = operation.event {
            content["text/event-stream"] = ["schema": stream(of: event, operation.error)]
        }
        if !content.isEmpty { good["content"] = .object(content) }
        let isAnError = operation.answer == nil && !operation.isOpen
        if !isAnError {
            for status in operation.successes { answers["\(status)"] = .object(good) }
        }
        if operation.isOpen && operation.mediaType == "application/json" {
            good["description"] = "Not now."
            answers["503"] = .object(good)
        }
        let errors = operation.errors + (needsKey && !operation.isOpen ? [401] : [])
        for status in errors.sorted() {
            answers["\(status)"] = [
                "description": "An error.",
                "content": ["application/json": ["schema": reference(operation.error)]],
            ]
        }
        return answers
    }

    /// Of a stream this version of OpenAPI describes each event.
    private func stream(of event: String, _ error: String) -> JinjaValue {
        let json: JinjaValue = [
            "type": "string", "contentMediaType": "application/json",
            "contentSchema": ["anyOf": [reference(event), reference(error)]],
        ]
        return [
            "type": "object", "required": ["data"],
            "description": "One event, with `stream`; an error after the first byte is one too.",
            "properties": [
                "event": ["type": "string"], "data": ["anyOf": [["const": "[DONE]"], json]],
            ],
        ]
    }

    private func reference(_ name: String) -> JinjaValue {
        .object(APISchema.reference(name).json)
    }
}
