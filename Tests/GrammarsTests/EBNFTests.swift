import Grammars
import Testing

@Suite struct EBNFTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var grammar: String
        var matching: [String]
        var others: [String]
        var testDescription: String { grammar }
    }

    static let cases = [
        Case(
            grammar: #"""
                # arithmetic
                root  ::= expr "=" term "\n"
                expr  ::= term ([-+*/] term)*
                term  ::= ident | num |
                          ("(" ws
                            expr ws ")")
                ident ::= [a-z] [a-z0-9_]{0,3}
                num   ::= [0-9]+
                ws    ::= [ \t\n]?
                """#,
            matching: ["1=2\n", "a+b_1*(3-x )=y\n"],
            others: ["1=2", "abcde=1\n", "=1\n", "1+=2\n"]
        ),
        Case(
            grammar: #"root ::= "\x41" "\u00e9" . | [^a-z"\\]{2,} "!""#,
            matching: ["Aé😀", "XYZ!", "12!"],
            others: ["Aé", "X!", "ab!"]
        ),
        Case(
            grammar: """
                root ::= list
                list ::= list "," item | item
                item ::= "x"
                """,
            matching: ["x", "x,x,x"],
            others: ["", "x,", ",x"]
        ),
        Case(
            grammar: #"""
                ?start: select_statement
                // SQL, as vLLM's example has it
                select_statement: "SELECT"i " " column (", " column)* " from " TABLE [where] -> q
                column: "col_1 " | "col_2 "
                    | CNAME
                TABLE.2: /table_[0-9]+/i
                where: " where " column " = " INT~1..2
                %import common.INT
                %import common (CNAME, DIGIT)
                """#,
            matching: [
                "SELECT col_1 , x from table_1", "select abc from TABLE_22 where b = 12",
            ],
            others: ["SELECT  from table_1", "SELECT x from table", "SELECT x from table_1 where"]
        ),
        Case(
            grammar: #"""
                start: expr
                expr: expr "+" term | term
                term: "0".."9" | "(" expr ")"
                """#,
            matching: ["1", "1+(2+3)+4"],
            others: ["1+", "(1", "a"]
        ),
    ]

    @Test(arguments: cases)
    func aTextIsOfTheGrammarOrNot(_ test: Case) throws {
        let grammar = try Grammar(ebnf: test.grammar)
        for text in test.matching { #expect(try accepts(grammar, text), "should accept \(text)") }
        for text in test.others { #expect(try !accepts(grammar, text), "should refuse \(text)") }
    }

    @Test(arguments: [
        ("root ::= a b\na ::= \"x\"", "'b' is not defined"),
        ("main ::= \"x\"", "begins with this rule"), ("root ::= \"x", "has no end"),
        ("root ::= (\"x\"", "a ) is missing"), ("root \"x\" ::=", "a ::= is missing"),
        ("root ::= a\na ::= b \"x\" | \"y\"\nb ::= a", "begins with itself"),
        ("root ::= \"a\" root", "contradict"), ("root ::= [z-a]", "reversed"),
        ("root ::= \"x\"\nroot ::= \"y\"", "twice"), ("start: \"a\"\n%ignore \" \"", "%import"),
        ("start: FOO\n%import common.FOO", "known are"), ("start: /(?=a)/", "look-around"),
    ])
    func whatCannotBeEnforcedIsRefusedWithASentence(text: String, words: String) {
        let error = #expect(throws: GrammarError.self) { try Grammar(ebnf: text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func groupsNestOnlySoDeep() {
        let deep = "root ::= " + String(repeating: "(", count: 1_000)
        #expect(throws: GrammarError.self) { try Grammar(ebnf: deep) }
    }
}
