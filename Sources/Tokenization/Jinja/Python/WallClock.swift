import Foundation

/// Where `strftime_now` gets the time from.
package struct WallClock: Sendable {
    package let now: @Sendable () -> LocalTime

    package init(_ now: @escaping @Sendable () -> LocalTime) { self.now = now }

    /// The machine's clock in its time zone.
    package static let system = WallClock {
        let date = Date()
        let zone = TimeZone.current
        return LocalTime(
            secondsSince1970: Int(date.timeIntervalSince1970.rounded(.down)),
            microseconds: Int(
                (date.timeIntervalSince1970 - date.timeIntervalSince1970.rounded(.down)) * 1e6
            ),
            offset: zone.secondsFromGMT(for: date)
        )
    }
}

/// A moment on a wall clock, in the proleptic Gregorian calendar.
package struct LocalTime: Sendable {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    let microseconds: Int
    /// 0 is Sunday.
    let weekday: Int
    /// 1 is the first of January.
    let dayOfYear: Int

    /// `offset` is the zone's distance from UTC in seconds.
    package init(secondsSince1970: Int, microseconds: Int = 0, offset: Int = 0) {
        let local = secondsSince1970 + offset
        let days = Self.floorDivide(local, 86_400)
        let seconds = local - days * 86_400
        // Counted in eras of 400 years from 0000-03-01, so that leap days come last.
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayFromMarch + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
        hour = seconds / 3_600
        minute = seconds / 60 % 60
        second = seconds % 60
        self.microseconds = microseconds
        weekday = ((days + 4) % 7 + 7) % 7
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let monthStarts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        dayOfYear = monthStarts[month - 1] + day + (isLeap && month > 2 ? 1 : 0)
    }

    private static func floorDivide(_ a: Int, _ b: Int) -> Int {
        a >= 0 ? a / b : -((-a + b - 1) / b)
    }
}
