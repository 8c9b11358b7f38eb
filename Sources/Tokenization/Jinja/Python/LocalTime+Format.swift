extension LocalTime {
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    /// `strftime` in the C locale. A directive that is none is kept as it is written.
    package func formatted(_ format: String) -> String {
        var result = ""
        var rest = Array(format.unicodeScalars)[...]
        while let next = rest.popFirst() {
            guard next == "%", let letter = rest.popFirst() else {
                result.unicodeScalars.append(next)
                continue
            }
            // '%-d' is the same without padding.
            if letter == "-", let padded = rest.popFirst() {
                let text = directive(padded) ?? "%-" + String(padded)
                let trimmed = text.drop { $0 == "0" || $0 == " " }
                result += trimmed.isEmpty ? "0" : String(trimmed)
            } else {
                result += directive(letter) ?? "%" + String(letter)
            }
        }
        return result
    }

    private func directive(_ letter: Unicode.Scalar) -> String? {
        switch letter {
        case "a": String(Self.weekdays[weekday].prefix(3))
        case "A": Self.weekdays[weekday]
        case "w": String(weekday)
        case "u": String(weekday == 0 ? 7 : weekday)
        case "b", "h": String(Self.months[month - 1].prefix(3))
        case "B": Self.months[month - 1]
        case "m": padded(month)
        case "d": padded(day)
        case "e": day < 10 ? " \(day)" : "\(day)"
        case "j": padded(dayOfYear, 3)
        case "y": padded(year % 100)
        case "Y": String(year)
        case "C": padded(year / 100)
        case "%": "%"
        case "n": "\n"
        case "t": "\t"
        default: timeDirective(letter)
        }
    }

    private func timeDirective(_ letter: Unicode.Scalar) -> String? {
        switch letter {
        case "H": padded(hour)
        case "I": padded(hour % 12 == 0 ? 12 : hour % 12)
        case "M": padded(minute)
        case "S": padded(second)
        case "f": padded(microseconds, 6)
        case "p": hour < 12 ? "AM" : "PM"
        case "F": formatted("%Y-%m-%d")
        case "T", "X": formatted("%H:%M:%S")
        case "R": formatted("%H:%M")
        case "D", "x": formatted("%m/%d/%y")
        case "r": formatted("%I:%M:%S %p")
        case "c": formatted("%a %b %e %H:%M:%S %Y")
        case "U": padded((dayOfYear + 6 - weekday) / 7)
        case "W": padded((dayOfYear + 6 - (weekday + 6) % 7) / 7)
        // A naive time has no zone.
        case "z", "Z": ""
        default: nil
        }
    }

    private func padded(_ value: Int, _ width: Int = 2) -> String {
        PythonText.zeroFilled(String(value), to: width)
    }
}
