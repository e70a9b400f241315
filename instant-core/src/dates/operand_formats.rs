//! The formats of dates in operands of a query: ISO 8601, RFC 1123, US English and JavaScript's
//! `Date.toString`.
//!
//! Stored dates have the formats of [`timestamp`](super::timestamp).

use super::{civil, fields, scan::Scan};

/// Parses a date. Returns microseconds since 1970.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(quoted) = text.strip_prefix('"') {
        return match quoted.strip_suffix('"') {
            Some(inside) if !inside.starts_with('"') => parse(inside),
            _ => None,
        };
    }
    iso(Scan(text))
        .or_else(|| rfc1123(Scan(text)))
        .or_else(|| american(Scan(text)))
        .or_else(|| javascript(Scan(text)))
}

/// Returns the microseconds since 1970 of a day and a time in UTC. The time can be outside the day.
fn instant(day: i64, seconds: i64, micros: i64) -> Option<i64> {
    let micros = i128::from(day) * 86_400_000_000 + i128::from(seconds) * 1_000_000 + i128::from(micros);
    // The range of 64 bits ends a few years from that of the database.
    Some(micros.clamp(i128::from(i64::MIN + 1), i128::from(i64::MAX - 1)) as i64)
}

fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let last = civil::days_in(year, month);
    Some(civil::days(year, month, day.min(last)))
}

/// Parses `2025-01-02`, `2025-01-02T03:04:05.678+05:30`, `2025-01-02 03:04` and the like.
fn iso(mut scan: Scan<'_>) -> Option<i64> {
    let negative = scan.eat("-");
    if !negative {
        scan.eat("+");
    }
    let year = scan.digits(4, 9)?;
    let year = if negative { -year } else { year };
    let dashed = |scan: &mut Scan<'_>| {
        let before = scan.0.len();
        let number = scan.eat("-").then(|| scan.digits(1, 2)).flatten()?;
        Some((number, before - scan.0.len() == 3))
    };
    let ((month, long_month), (day_of_month, long_day)) = (dashed(&mut scan)?, dashed(&mut scan)?);
    let day = day(year, month, day_of_month)?;
    if scan.is_done() {
        return if long_month && long_day { instant(day, 0, 0) } else { None };
    }
    let spaced = scan.eat(" ");
    if !(spaced || scan.eat("T")) {
        return None;
    }
    if spaced && !(long_month && long_day) {
        return None;
    }
    let (seconds, micros) = time(&mut scan, 24)?;
    let offset = if scan.is_done() { 0 } else { zone(&mut scan, !spaced)? };
    if scan.eat("[") {
        let (_, rest) = scan.0.split_once(']')?;
        scan = Scan(rest);
    }
    if scan.is_done() { instant(day, seconds - offset, micros) } else { None }
}

/// Parses hours, minutes and optional seconds with a fraction. Returns the second of the day and
/// microseconds.
fn time(scan: &mut Scan<'_>, most: i64) -> Option<(i64, i64)> {
    let hour = scan.digits(1, 2).filter(|hour| *hour <= most)?;
    let minute = scan.eat(":").then(|| scan.digits(1, 2)).flatten().filter(|minute| *minute < 60)?;
    let (mut second, mut micros) = (0, 0);
    if scan.eat(":") {
        second = scan.digits(1, 2).filter(|second| *second < 60)?;
        if scan.eat(".") {
            micros = scan.fraction()?;
        }
    }
    let seconds = hour * 3600 + minute * 60 + second;
    (seconds < 86_400 || (seconds == 86_400 && micros == 0)).then_some((seconds, micros))
}

/// Parses `Z`, `+05:30`, `+0530`, `+05` or an abbreviation. Returns the offset from UTC in seconds.
fn zone(scan: &mut Scan<'_>, colons: bool) -> Option<i64> {
    let sign = if scan.eat("+") {
        1
    } else if scan.eat("-") {
        -1
    } else {
        return abbreviation(scan.letters());
    };
    let mut parts = [0; 3];
    let before = scan.0;
    if let Some(number) = scan.digits(4, 4) {
        parts = [number / 100, number % 100, 0];
    } else {
        scan.0 = before;
        parts[0] = scan.digits(2, 2)?;
        for part in &mut parts[1..] {
            if !scan.eat(":") {
                break;
            }
            if !colons {
                return None;
            }
            *part = scan.digits(2, 2)?;
        }
    }
    let [hours, minutes, seconds] = parts;
    (hours <= 18 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

/// Returns the offset from UTC in seconds of a time zone abbreviation.
pub(super) fn abbreviation(letters: &str) -> Option<i64> {
    let hours = match letters.to_ascii_uppercase().as_str() {
        "Z" | "UTC" | "GMT" | "UT" | "WET" => 0,
        "EST" | "CDT" => -5,
        "EDT" => -4,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" | "AKDT" => -8,
        "AKST" => -9,
        "HST" => -10,
        "CET" | "BST" | "WEST" => 1,
        "CEST" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        "NZDT" => 13,
        _ => return None,
    };
    Some(hours * 3600)
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Parses the three letters of a month, in any case.
fn month(letters: &str) -> Option<i64> {
    fields::month_name(&letters.to_ascii_lowercase()).filter(|_| letters.len() == 3)
}

fn is_weekday(name: &str, day: i64) -> bool {
    WEEKDAYS.get(civil::weekday(day) as usize) == Some(&name)
}

/// Parses `Sat, 05 Apr 2025 18:00:31 GMT`, with or without the weekday.
fn rfc1123(mut scan: Scan<'_>) -> Option<i64> {
    let weekday = scan.letters();
    if !weekday.is_empty() && !scan.eat(", ") {
        return None;
    }
    let day_of_month = scan.digits(1, 2)?;
    let month = scan.eat(" ").then(|| month(scan.letters())).flatten()?;
    let year = scan.eat(" ").then(|| scan.digits(4, 4)).flatten()?;
    let day = day(year, month, day_of_month)?;
    if !weekday.is_empty() && !is_weekday(weekday, day) {
        return None;
    }
    let (seconds, micros) = scan.eat(" ").then(|| time(&mut scan, 23)).flatten()?;
    // The offset is required and ignored.
    scan.eat(" ").then(|| zone(&mut scan, false)).flatten()?;
    if scan.is_done() { instant(day, seconds, micros) } else { None }
}

/// Parses `8/4/2025, 11:02:31 PM`, `3/12/2044` and `04-17-2025`.
fn american(mut scan: Scan<'_>) -> Option<i64> {
    let dashes = scan.0.as_bytes().get(2) == Some(&b'-');
    let (between, least) = if dashes { ("-", 2) } else { ("/", 1) };
    let month = scan.digits(least, 2)?;
    let day_of_month = scan.eat(between).then(|| scan.digits(least, 2)).flatten()?;
    let year = scan.eat(between).then(|| scan.digits(4, 4)).flatten()?;
    let day = day(year, month, day_of_month)?;
    if scan.is_done() {
        return instant(day, 0, 0);
    }
    if dashes || !scan.eat(", ") {
        return None;
    }
    let (seconds, micros) = time(&mut scan, 12).filter(|(seconds, _)| *seconds >= 3600)?;
    if !scan.eat(" ") && !scan.eat("\u{202f}") {
        return None;
    }
    let noon = match scan.letters() {
        "AM" => 0,
        "PM" => 43_200,
        _ => return None,
    };
    if scan.is_done() { instant(day, seconds % 43_200 + noon, micros) } else { None }
}

/// Parses `Mon Feb 24 2025 22:37:27 GMT+0000` and `Wed Jul 09 2025`.
fn javascript(mut scan: Scan<'_>) -> Option<i64> {
    let weekday = scan.letters();
    let month = scan.eat(" ").then(|| month(scan.letters())).flatten()?;
    let day_of_month = scan.eat(" ").then(|| scan.digits(2, 2)).flatten()?;
    let year = scan.eat(" ").then(|| scan.digits(4, 4)).flatten()?;
    let day = day(year, month, day_of_month)?;
    if !is_weekday(weekday, day) {
        return None;
    }
    if scan.is_done() {
        return instant(day, 0, 0);
    }
    let (seconds, micros) = scan.eat(" ").then(|| time(&mut scan, 23)).flatten()?;
    if !scan.eat(" GMT") {
        return None;
    }
    let offset = if scan.is_done() { 0 } else { zone(&mut scan, false)? };
    if scan.is_done() { instant(day, seconds - offset, micros) } else { None }
}
