import Grammars

/// Whether a whole text is of the language; read by its bytes.
func accepts(_ grammar: Grammar, _ text: String) throws -> Bool {
    var matcher = try Matcher(grammar)
    return try matcher.advance(text.utf8) && matcher.mayEnd
}

/// A schema written as JSON.
func schema(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: text.utf8)
}

func grammar(schema text: String, allowsSpace: Bool = true) throws -> Grammar {
    try Grammar(
        jsonSchema: schema(text),
        options: JSONSchemaOptions(allowsSpace: allowsSpace)
    )
}
