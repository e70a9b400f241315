//! The Gregorian calendar, for all years that a database can store.

/// Returns the days since 1970 of a date in the proleptic Gregorian calendar. Months are 1 to 12.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    // Here years start in March, so that the leap day is the last day of a year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Returns the number of days in a month. Months are 1 to 12.
pub(super) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the weekday of a number of days since 1970. 0 is Monday.
pub(super) fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970() {
        for (date, want) in [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((2000, 2, 29), 11_016),
            ((2025, 1, 2), 20_090),
            ((-4712, 1, 1), -2_440_550),
        ] {
            assert_eq!(days(date.0, date.1, date.2), want, "{date:?}");
        }
        assert_eq!((days_in(1900, 2), days_in(2000, 2), days_in(2024, 4)), (28, 29, 30));
        assert_eq!(weekday(days(2025, 1, 2)), 3);
    }
}
