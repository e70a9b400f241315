//! The formats of stored dates: the input of PostgreSQL's `timestamptz`.
//!
//! The database splits a text into fields: numbers, times, dates, words and offsets. It then
//! decides the meaning of each field from those before it. This module does the same. It does not
//! support Julian days, ISO weeks, and times such as `y2026m2`.

use super::{
    civil,
    fields::{self, Field, is_weekday, month_name},
    zone::{Zone, numeric_offset},
};

const DAY: i64 = 86_400_000_000;
/// The year of the last date in the range of the database.
const LAST_YEAR: i64 = 294_276;
/// The year of the first date in its range.
const FIRST_YEAR: i64 = -4713;

/// Parses a date. `now` returns the current time, for words such as `today`. The result and `now`
/// are microseconds since 1970.
pub(super) fn parse(text: &str, now: impl FnOnce() -> i64) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let mut date = PartialDate::default();
    let fields = fields::split(&lower)?;
    let mut rest = fields.as_slice();
    while let Some((field, after)) = rest.split_first() {
        date.add(field, after)?;
        rest = after;
    }
    date.finish(now)
}

/// The parts of a date that have been parsed so far.
#[derive(Debug, Default)]
struct PartialDate {
    special: Option<Special>,
    year: Option<i64>,
    /// `true` if the year has at most two digits.
    short_year: bool,
    month: Option<i64>,
    month_in_letters: bool,
    day: Option<i64>,
    seconds: Option<i64>,
    micros: i64,
    zone: Option<Zone>,
    before_christ: bool,
    /// `Some` for a time on a 12-hour clock: `true` for `pm`.
    afternoon: Option<bool>,
    /// Set after a `t`, when a number is a time.
    expects_time: bool,
}

/// A word for a whole date.
#[derive(Debug, Clone, Copy)]
enum Special {
    /// A time that does not change.
    At(i64),
    Now,
    /// The start of a day, by its distance from today.
    Day(i64),
}

impl PartialDate {
    fn add(&mut self, field: &Field<'_>, after: &[Field<'_>]) -> Option<()> {
        match *field {
            Field::Word(word) => self.word(word, after),
            Field::SignedWord(word) => {
                let infinity = if word.starts_with('-') { super::MINUS_INFINITY } else { super::INFINITY };
                let name = word[1..].trim_start();
                (name == "infinity").then(|| self.special = Some(Special::At(infinity)))
            }
            Field::Time(time) => self.time(time),
            Field::Offset(offset) => self.zone(Zone::Offset(numeric_offset(offset)?)),
            Field::Number(number) => self.number(number),
            Field::Date(date) => {
                if std::mem::take(&mut self.expects_time) {
                    let (time, zone) = date.split_once('-')?;
                    self.run_together_time(time)?;
                    return self.zone(Zone::Offset(numeric_offset(&format!("-{zone}"))?));
                }
                let has_date = self.month.is_some() && self.day.is_some();
                match date.bytes().next() {
                    Some(b'a'..=b'z') if has_date || date.contains('+') => self.zone(Zone::named(date)?),
                    _ if has_date => None,
                    _ => self.date(date),
                }
            }
        }
    }

    fn word(&mut self, word: &str, after: &[Field<'_>]) -> Option<()> {
        match word {
            "now" => self.special = Some(Special::Now),
            "today" => self.special = Some(Special::Day(0)),
            "tomorrow" => self.special = Some(Special::Day(1)),
            "yesterday" => self.special = Some(Special::Day(-1)),
            "epoch" => self.special = Some(Special::At(0)),
            "infinity" => self.special = Some(Special::At(super::INFINITY)),
            "allballs" => return self.set_time(0, 0),
            "bc" => self.before_christ = true,
            "ad" | "at" | "on" => {}
            "am" | "pm" => self.afternoon = Some(word == "pm"),
            "t" => {
                if !matches!(after.first(), Some(Field::Number(_) | Field::Time(_) | Field::Date(_))) {
                    return None;
                }
                self.expects_time = true;
            }
            _ => {
                if let Some(month) = month_name(word) {
                    // The number before the month is the day.
                    if !self.month_in_letters && self.day.is_none() {
                        self.day = self.month.take();
                    }
                    if self.month.is_some() {
                        return None;
                    }
                    (self.month, self.month_in_letters) = (Some(month), true);
                } else if !is_weekday(word) {
                    return self.zone(Zone::named(word)?);
                }
            }
        }
        Some(())
    }

    fn zone(&mut self, zone: Zone) -> Option<()> {
        self.zone.is_none().then(|| self.zone = Some(zone))
    }

    fn number(&mut self, number: &str) -> Option<()> {
        if std::mem::take(&mut self.expects_time) {
            return self.run_together_time(number);
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let has_date = self.year.is_some() && self.month.is_some() && self.day.is_some();
        if has_date {
            return self.run_together_time(number);
        }
        if !fraction.is_empty() || number.ends_with('.') {
            return None;
        }
        if whole.len() > 4 && self.year.is_none() && self.month.is_none() && self.day.is_none() {
            return self.run_together_date(whole);
        }
        self.part(whole)
    }

    /// Adds a number as the year, the month or the day, whichever is still missing.
    fn part(&mut self, digits: &str) -> Option<()> {
        let number = digits.parse().ok()?;
        let long = digits.len() >= 3;
        match (self.year.is_some(), self.month.is_some(), self.day.is_some()) {
            (false, false, false) if long => self.set_year(digits),
            (_, false, false) => self.month = Some(number),
            (false, true, false) if self.month_in_letters && long => self.set_year(digits),
            (_, true, false) => self.day = Some(number),
            (_, false, true) => self.month = Some(number),
            (false, true, true) => self.set_year(digits),
            (true, true, true) => return None,
        }
        Some(())
    }

    fn set_year(&mut self, digits: &str) {
        self.year = digits.parse().ok();
        self.short_year = digits.len() <= 2;
    }

    /// Parses `20260228` and `260228`.
    fn run_together_date(&mut self, digits: &str) -> Option<()> {
        let (year, rest) = digits.split_at(digits.len().checked_sub(4)?);
        if year.len() < 2 {
            return None;
        }
        self.set_year(year);
        self.month = rest[..2].parse().ok();
        self.day = rest[2..].parse().ok();
        Some(())
    }

    /// Parses `131415` and `1314`, the former with an optional fraction.
    fn run_together_time(&mut self, digits: &str) -> Option<()> {
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let part = |at: usize| whole[at..at + 2].parse::<i64>().ok();
        match whole.len() {
            6 => self.set_clock(part(0)?, part(2)?, part(4)?, fraction),
            4 if fraction.is_empty() => self.set_clock(part(0)?, part(2)?, 0, ""),
            _ => None,
        }
    }

    fn date(&mut self, date: &str) -> Option<()> {
        let parts = Vec::from_iter(date.split(['-', '/', '.']).filter(|part| !part.is_empty()));
        if parts.len() > 3 {
            return None;
        }
        // The name of a month decides the meaning of the numbers.
        for part in parts.iter().filter(|part| part.bytes().all(|byte| byte.is_ascii_alphabetic())) {
            if self.month.is_some() {
                return None;
            }
            (self.month, self.month_in_letters) = (Some(month_name(part)?), true);
        }
        for part in parts.iter().filter(|part| !part.bytes().all(|byte| byte.is_ascii_alphabetic())) {
            if !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            self.part(part)?;
        }
        Some(())
    }

    fn time(&mut self, time: &str) -> Option<()> {
        self.expects_time = false;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
        let mut parts = clock.split(':');
        let mut part =
            || parts.next().map(|part| if part.is_empty() { None } else { part.parse::<i64>().ok() });
        let (hour, minute) = (part()??, part()??);
        let second = part().map_or(Some(0), |second| second)?;
        if part().is_some() {
            return None;
        }
        self.set_clock(hour, minute, second, fraction)
    }

    fn set_clock(&mut self, hour: i64, minute: i64, second: i64, fraction: &str) -> Option<()> {
        if minute > 59 || second > 60 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let micros = if fraction.is_empty() {
            0
        } else {
            (format!("0.{fraction}").parse::<f64>().ok()? * 1_000_000.0).round() as i64
        };
        if hour > 24 || (hour == 24 && (minute > 0 || second > 0 || micros > 0)) {
            return None;
        }
        self.set_time(hour * 3600 + minute * 60 + second, micros)
    }

    fn set_time(&mut self, seconds: i64, micros: i64) -> Option<()> {
        if self.seconds.is_some() {
            return None;
        }
        (self.seconds, self.micros) = (Some(seconds), micros);
        Some(())
    }

    fn finish(self, now: impl FnOnce() -> i64) -> Option<i64> {
        if let Some(special) = self.special {
            let is_alone = self.year.is_none() && self.month.is_none() && self.day.is_none();
            return is_alone.then(|| match special {
                Special::At(micros) => micros,
                Special::Now => now(),
                Special::Day(days) => {
                    let now = now();
                    now - now.rem_euclid(DAY) + days * DAY
                }
            });
        }
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let year = match (self.before_christ, self.short_year) {
            _ if year == 0 && !self.short_year => return None,
            (true, _) => 1 - year,
            (false, true) => year + if year < 70 { 2000 } else { 1900 },
            (false, false) => year,
        };
        if !(FIRST_YEAR..=LAST_YEAR).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        if !(1..=civil::days_in(year, month)).contains(&day) {
            return None;
        }
        let mut seconds = self.seconds.unwrap_or(0);
        if let Some(afternoon) = self.afternoon {
            if !(3600..13 * 3600).contains(&seconds) && seconds != 0 {
                return None;
            }
            seconds = seconds % 43_200 + if afternoon { 43_200 } else { 0 };
        }
        let days = civil::days(year, month, day);
        let micros = i128::from(days) * i128::from(DAY)
            + i128::from(seconds - self.zone.map_or(0, |zone| zone.offset(year, month, day, seconds)))
                * 1_000_000
            + i128::from(self.micros);
        // The database counts from 2000, so that its range ends a few years later.
        Some(micros.clamp(i128::from(i64::MIN + 1), i128::from(i64::MAX - 1)) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-02-28T00:00:00Z.
    const DAY_ZERO: i64 = 1_772_236_800_000_000;
    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn parse_accepts_the_formats_of_the_database() {
        let time = 13 * HOUR + 14 * 60_000_000 + 15_000_000;
        for (text, want) in [
            ("2026-02-28", 0),
            ("2026-02-28T13:14:15Z", time),
            ("2026-02-28T13:14:15.123456Z", time + 123_456),
            ("2026-02-28T13:14:15+02:00", time - 2 * HOUR),
            ("2026-02-28 13:14:15 -0230", time + 2 * HOUR + HOUR / 2),
            ("2026-02-28 13:14", time - 15_000_000),
            ("20260228", 0),
            ("20260228T131415", time),
            ("2026-2-28", 0),
            ("02/28/2026", 0),
            ("02-28-26", 0),
            ("Feb 28, 2026", 0),
            ("28 February 2026", 0),
            ("28-Feb-2026", 0),
            ("Sat Feb 28 2026 13:14:15 GMT+0100", time + 100 * HOUR),
            ("Sat Feb 28 2026 13:14:15 GMT-1:30", time - HOUR - HOUR / 2),
            ("Sat, 28 Feb 2026 13:14:15 GMT", time),
            ("2026-02-28T24:00:00Z", 24 * HOUR),
            ("2026-02-27T23:59:60Z", 0),
            (" 2026-02-28 ", 0),
            ("2026-02-28T13:14:15 Europe/Berlin", time - HOUR),
            ("2026-02-28T13:14:15[Europe/Berlin]", time - HOUR),
            ("2026-02-28t13:14:15z", time),
            ("2026-02-28 1:14:15 PM", time),
            ("2026-02-28 12:00 am", 0),
            ("now", 77),
            ("TODAY", 0),
            ("tomorrow", 24 * HOUR),
            ("yesterday", -24 * HOUR),
        ] {
            assert_eq!(
                parse(text, || DAY_ZERO + 77).map(|micros| micros - DAY_ZERO),
                Some(match text {
                    "now" => 77,
                    _ => want,
                }),
                "{text}"
            );
        }
        let parse = |text| parse(text, || panic!("the time is read for {text}"));
        assert_eq!(parse("epoch"), Some(0));
        assert_eq!(parse("-infinity"), Some(i64::MIN));
        assert!(parse("294276-12-31") > parse("10000-01-01"));
        assert!(parse("4713-01-01 BC") < parse("0001-01-01"));
    }

    #[test]
    fn parse_rejects_what_the_database_rejects() {
        for text in [
            "",
            "5",
            "true",
            "text",
            "2026-02-28T13",
            "2026-02",
            "2026",
            "28/02/2026",
            "28.02.2026",
            "2026-02-30",
            "2026-13-01",
            "13:14",
            "1767225600000",
            "2026-02-28T25:00:00Z",
            "2026-02-28T13:60:00Z",
            "2026-W09-6",
            "0000-01-01",
            "-0001-01-01",
            "294277-01-01",
            "２０２６-02-28",
            "2026-02-28 13:00 pm",
            "2026-02-28T",
            "2026-02-28 2026-03-01",
            "2026-02-28 nowhere",
            "+",
            "-",
            "1:",
        ] {
            assert_eq!(parse(text, || 0), None, "{text}");
        }
    }
}
