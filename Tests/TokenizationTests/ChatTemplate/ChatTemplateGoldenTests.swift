import Foundation
import Testing
import Tokenization

/// Templates of many styles times conversations of many shapes, each as Python renders it: see
/// `Goldens/make_goldens.py`.
struct ChatTemplateGoldenTests {
    /// The moment at which the goldens were made: 2025-03-09 14:05:06, a Sunday.
    private static let clock = WallClock { LocalTime(secondsSince1970: 1_741_529_106) }

    @Test func everyConversationRendersAsInPython() throws {
        let conversations = try JinjaGoldens.read("conversations.json", besides: #filePath)
        let goldens = try JinjaGoldens.read("renderings.json", besides: #filePath)
        let cases = try #require(goldens["cases"].listValue)
        #expect(cases.count > 2_500)
        var templates: [String: ChatTemplate] = [:]
        var before = ""
        for golden in cases {
            let name = try #require(golden["template"].stringValue)
            if templates[name] == nil { templates[name] = try Self.template(name) }
            let template = try #require(templates[name])
            let conversation = conversations[try #require(golden["conversation"].stringValue)]
            let expected = try Self.prompt(of: golden, after: before)
            before = expected ?? before
            check(golden, expected, try render(template, conversation, golden))
        }
    }

    private enum Outcome: Equatable {
        case prompt(String), refused(String), failed(String)
    }

    private func render(
        _ template: ChatTemplate,
        _ conversation: JinjaValue,
        _ options: JinjaValue
    ) throws -> Outcome {
        do {
            return .prompt(
                try template.render(
                    messages: try #require(conversation["messages"].listValue),
                    tools: conversation["tools"].listValue,
                    documents: conversation["documents"].listValue,
                    addGenerationPrompt: options["add_generation_prompt"].boolValue ?? false,
                    continueFinalMessage: options["continue_final_message"].boolValue ?? false,
                    extra: conversation["extra"].members,
                    clock: Self.clock
                )
            )
        } catch let error as ChatTemplateError {
            if case .refused(let message) = error { return .refused(message) }
            return .failed(error.description)
        }
    }

    /// The prompt of a golden, which leaves out what it begins with like the prompt before it.
    private static func prompt(of golden: JinjaValue, after before: String) throws -> String? {
        guard let rest = golden["prompt"].stringValue else { return nil }
        let kept = before.unicodeScalars.prefix(try #require(golden["keeps"].integerValue))
        return String(String.UnicodeScalarView(kept)) + rest
    }

    private func check(_ golden: JinjaValue, _ expected: String?, _ outcome: Outcome) {
        let title = "\(golden["template"]) × \(golden["conversation"]) \(golden.optionNames)"
        switch outcome {
        case .prompt(let prompt):
            guard let expected else {
                Issue.record("\(title) must not render: \(golden)")
                return
            }
            if Array(prompt.utf8) != Array(expected.utf8) {
                let gave = prompt.debugDescription
                Issue.record("\(title)\n gave   \(gave)\n Python \(expected.debugDescription)")
            }
        case .refused(let message): #expect(message == golden["refused"].stringValue, "\(title)")
        case .failed(let message):
            if golden["error"].isUndefined { Issue.record("\(title): \(message)") }
        }
    }

    private static func template(_ name: String) throws -> ChatTemplate {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/templates/\(name).jinja")
        return try ChatTemplate(
            source: try String(contentsOf: url, encoding: .utf8),
            beginningOfSequence: "<s>",
            endOfSequence: "</s>"
        )
    }
}

extension JinjaValue {
    fileprivate var optionNames: String {
        ["add_generation_prompt", "continue_final_message"].filter { self[$0].boolValue == true }
            .joined(separator: ", ")
    }
}
