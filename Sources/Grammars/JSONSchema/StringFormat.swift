/// The values of `format` that are enforced, as patterns.
enum StringFormat {
    /// Whether a format restricts strings and we enforce it; false for those that only annotate
    /// (`int32`, `password`, names of somebody's own).
    ///
    /// - Throws: `GrammarError.unsupported` for a format that JSON Schema defines and we do not
    ///   enforce.
    static func isEnforced(_ name: String, path: String) throws(GrammarError) -> Bool {
        if patterns[name] != nil { return true }
        guard !refused.contains(name) else {
            let known = patterns.keys.sorted().joined(separator: ", ")
            throw .unsupported(
                path: path,
                problem: "the format '\(name)' cannot be enforced; \(known) can"
            )
        }
        return false
    }

    /// The pattern, in `PatternParser`'s syntax, that a whole string must match.
    static func pattern(_ name: String) -> String? { patterns[name] }

    private static let refused: Set<String> = [
        "idn-email", "idn-hostname", "iri", "iri-reference", "uri-reference", "uri-template",
        "json-pointer", "relative-json-pointer", "regex",
    ]

    /// Of RFC 3339, with the days that each month has; the last day of a leap year's February only
    /// in such years, and no year 0.
    private static let date: String = {
        let year = #"(?:\d{3}[1-9]|\d\d[1-9]\d|\d[1-9]\d\d|[1-9]\d{3})"#
        let long = #"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"#
        let short = #"(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"#
        let february = #"02-(?:0[1-9]|1\d|2[0-8])"#
        let leapCentury = #"(?:0[48]|[2468][048]|[13579][26])"#
        let leapYear = #"(?:\d\d"# + leapCentury + "|" + leapCentury + "00)"
        return "(?:" + year + "-(?:" + long + "|" + short + "|" + february + ")|" + leapYear
            + "-02-29)"
    }()

    private static let clock = #"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"#
    private static let offset = #"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"#
    private static let byte = #"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"#
    private static let label = #"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"#
    private static let host = label + #"(?:\."# + label + "){0,8}"

    private static let patterns: [String: String] = [
        "date": date,
        "time": clock + offset,
        "date-time": date + "T" + clock + offset,
        "duration": #"P(?:\d{1,9}W|\d{1,9}D|\d{1,9}Y(?:\d{1,9}M)?(?:\d{1,9}D)?"#
            + #"|\d{1,9}M(?:\d{1,9}D)?|T(?:\d{1,9}H(?:\d{1,9}M)?(?:\d{1,9}S)?"#
            + #"|\d{1,9}M(?:\d{1,9}S)?|\d{1,9}S))"#,
        "uuid": #"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"#,
        "email": #"[A-Za-z0-9_+-]{1,32}(?:\.[A-Za-z0-9_+-]{1,32}){0,3}@"# + host
            + #"\.[A-Za-z]{2,24}"#,
        "hostname": host,
        "ipv4": "(?:" + byte + #"\.){3}"# + byte,
        "ipv6": #"(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|::(?:[0-9a-fA-F]{1,4}:){0,5}"#
            + #"[0-9a-fA-F]{1,4}|(?:[0-9a-fA-F]{1,4}:){1,6}:|::"#,
        "uri": #"[a-z][a-z0-9+.-]{0,15}://"# + host
            + #"(?::\d{1,5})?(?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]{0,255}){0,16}"#
            + #"(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]{0,255})?"#,
    ]
}
