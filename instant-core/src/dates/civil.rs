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

/// Returns the year, month and day of a number of days since 1970, if they are within a million
/// years.
pub(super) fn from_days(days: i64) -> Option<(i64, i64, i64)> {
    if days.unsigned_abs() > 366_000_000 {
        return None;
    }
    // Here years start in March, as in `days`.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    Some((era * 400 + year, month, day))
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
        for day in (-3_000_000..120_000_000).step_by(997).chain([11_016, 11_017, -719_468, -719_469]) {
            let (year, month, of_month) = from_days(day).unwrap();
            assert_eq!(days(year, month, of_month), day);
            assert!((1..=12).contains(&month) && (1..=days_in(year, month)).contains(&of_month), "{day}");
        }
        assert_eq!(from_days(i64::MIN), None);
        assert_eq!((days_in(1900, 2), days_in(2000, 2), days_in(2024, 4)), (28, 29, 30));
        assert_eq!(weekday(days(2025, 1, 2)), 3);
    }
}
