//! The time zones of stored dates.

use jiff::tz::TimeZone;

use super::operand_formats::abbreviation;

/// A time zone: a fixed offset, or a region with rules.
#[derive(Debug)]
pub(super) enum Zone {
    /// The offset from UTC in seconds.
    Offset(i64),
    Named(TimeZone),
}

impl Zone {
    /// Parses `cet`, `europe/berlin` and `gmt+1`. In the last form, as in POSIX, `+` is west of
    /// Greenwich.
    pub(super) fn named(name: &str) -> Option<Self> {
        if let Some(offset) = abbreviation(name) {
            return Some(Self::Offset(offset));
        }
        if let Some(at) = name.find(['+', '-']).filter(|at| *at >= 3)
            && name[..at].bytes().all(|byte| byte.is_ascii_alphabetic())
            && let Some(west) = hours_west(&name[at..])
        {
            return Some(Self::Offset(-west));
        }
        TimeZone::get(name).ok().map(Self::Named)
    }

    /// Returns the offset from UTC in seconds at a local time.
    pub(super) fn offset(self, year: i64, month: i64, day: i64, seconds: i64) -> i64 {
        let zone = match self {
            Self::Offset(offset) => return offset,
            Self::Named(zone) => zone,
        };
        // jiff's calendar ends before the database's. The rules of its last years apply from there
        // on.
        let year = year.clamp(-9000, 9000) as i16;
        let [hour, minute] = [seconds / 3600 % 24, seconds / 60 % 60].map(|part| part as i8);
        let local = jiff::civil::DateTime::new(year, month as i8, day.min(28) as i8, hour, minute, 0, 0);
        let moment = local.ok().and_then(|local| zone.to_ambiguous_timestamp(local).compatible().ok());
        moment.map_or(0, |moment| i64::from(zone.to_offset(moment).seconds()))
    }
}

/// Parses `+1`, `+01:30` and `+0100` as in POSIX time zones. Returns seconds west of Greenwich.
///
/// Digits without a colon are hours, so `+0100` is 100 hours. The database does the same with the
/// zones that JavaScript writes.
fn hours_west(text: &str) -> Option<i64> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut parts = text[1..].split(':').map(|part| part.parse::<i64>().ok().filter(|number| *number >= 0));
    let hours = parts.next()?.filter(|hours| *hours <= 167)?;
    let mut part = || parts.next().map_or(Some(0), |part| part.filter(|number| *number < 60));
    let (minutes, seconds) = (part()?, part()?);
    parts.next().is_none().then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

/// Parses `+02:00`, `+0200`, `+02` and `+02:00:00`. Returns the offset from UTC in seconds.
pub(super) fn numeric_offset(text: &str) -> Option<i64> {
    let (sign, digits) = (if text.starts_with('-') { -1 } else { 1 }, text[1..].trim_start());
    let parts = Vec::from_iter(digits.split(':'));
    let number = |part: &str| part.parse::<i64>().ok();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [one] if one.len() > 2 && one.len() <= 4 => {
            let (hours, minutes) = one.split_at(one.len() - 2);
            (number(hours)?, number(minutes)?, 0)
        }
        [hours] if hours.len() <= 2 => (number(hours)?, 0, 0),
        [hours, minutes] => (number(hours)?, number(minutes)?, 0),
        [hours, minutes, seconds] => (number(hours)?, number(minutes)?, number(seconds)?),
        _ => return None,
    };
    (hours <= 15 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}
