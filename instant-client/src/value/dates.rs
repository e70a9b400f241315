//! Dates as attributes: the types of `jiff`, and those of `chrono` and `time` with the features of
//! these names.
//!
//! On the wire, a date is a string or a number of milliseconds since 1970. The client reads every
//! format that a server stores, and writes strings in UTC.

use instant_core::{
    Number, Value, dates,
    json::{Kind, Reader},
    schema::CheckedType,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};

use super::{AttrValue, Scalar};
use crate::{BuildError, DecodeError};

const NANOS_PER_DAY: i128 = 86_400_000_000_000;

/// The day from which days are counted.
const EPOCH: Date = date(1970, 1, 1);

/// Reads a point in time and converts it to `T`. `convert` takes nanoseconds since 1970, and returns
/// `None` for a date that `T` cannot hold. A string without a time zone is in UTC, as on the server.
fn read<T>(
    reader: &mut Reader<'_>,
    name: &str,
    convert: impl FnOnce(i128) -> Option<T>,
) -> Result<T, DecodeError> {
    let at = reader.clone();
    let nanos = match reader.peek()? {
        Kind::Number => match reader.number()? {
            Number::Int(millis) => Some(i128::from(millis) * 1_000_000),
            // The server rounds to microseconds. The conversion saturates, out of any type's range.
            Number::Float(millis) => {
                Some((millis * 1e3).round() as i64).map(|micros| i128::from(micros) * 1000)
            }
            Number::Big(_) => None,
        },
        Kind::String => dates::nanoseconds(&reader.string()?, || Timestamp::now().as_microsecond()),
        _ => None,
    };
    match nanos.map(convert) {
        Some(Some(date)) => Ok(date),
        Some(None) => Err(DecodeError::expected(&format!("a date that `{name}` can hold"), &at)),
        None => Err(DecodeError::expected("a date", &at)),
    }
}

/// Reads the day in UTC of a point in time, in days since 1970.
fn read_day<T>(
    reader: &mut Reader<'_>,
    name: &str,
    convert: impl FnOnce(i64) -> Option<T>,
) -> Result<T, DecodeError> {
    read(reader, name, |nanos| convert(i64::try_from(nanos.div_euclid(NANOS_PER_DAY)).ok()?))
}

/// Returns the date as it is stored, or an error if Instant cannot store it.
fn stored(value: Option<Value>, date: impl std::fmt::Display) -> Result<Value, BuildError> {
    value.ok_or_else(|| {
        BuildError::new(format!(
            "the date {date} cannot be stored: Instant stores dates from 4714 BC to the year 294276, and those \
             before the year 1 only in whole milliseconds",
        ))
    })
}

impl AttrValue for Timestamp {
    const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read(reader, "Timestamp", |nanos| Self::from_nanosecond(nanos).ok())
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        stored(dates::to_value(self.as_nanosecond()), self)
    }
}

impl Scalar for Timestamp {}

/// A day, written as `2026-11-24`. A point in time is read as its day in UTC.
impl AttrValue for Date {
    const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_day(reader, "Date", |days| EPOCH.checked_add(0.days().try_days(days).ok()?).ok())
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        let days = self.since(EPOCH).map_err(|error| BuildError::new(error.to_string()))?.get_days();
        stored(dates::day_to_value(days.into()), self)
    }
}

impl Scalar for Date {}

#[cfg(feature = "chrono")]
mod chrono {
    use ::chrono::{DateTime, Days, NaiveDate, Utc};

    use super::*;

    impl AttrValue for DateTime<Utc> {
        const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

        fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
            read(reader, "DateTime<Utc>", |nanos| {
                let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
                let nanos = u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?;
                Self::from_timestamp(seconds, nanos)
            })
        }

        fn to_value(&self) -> Result<Value, BuildError> {
            // A leap second has more than a billion nanoseconds, and becomes the second after it.
            let nanos = i128::from(self.timestamp()) * 1_000_000_000;
            stored(dates::to_value(nanos + i128::from(self.timestamp_subsec_nanos())), self)
        }
    }

    impl Scalar for DateTime<Utc> {}

    impl AttrValue for NaiveDate {
        const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

        fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
            read_day(reader, "NaiveDate", |days| match Days::new(days.unsigned_abs()) {
                before if days < 0 => Self::default().checked_sub_days(before),
                after => Self::default().checked_add_days(after),
            })
        }

        fn to_value(&self) -> Result<Value, BuildError> {
            stored(dates::day_to_value(self.signed_duration_since(Self::default()).num_days()), self)
        }
    }

    impl Scalar for NaiveDate {}
}

#[cfg(feature = "time")]
mod time {
    use ::time::OffsetDateTime;

    use super::*;

    impl AttrValue for OffsetDateTime {
        const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

        fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
            read(reader, "OffsetDateTime", |nanos| Self::from_unix_timestamp_nanos(nanos).ok())
        }

        fn to_value(&self) -> Result<Value, BuildError> {
            stored(dates::to_value(self.unix_timestamp_nanos()), self)
        }
    }

    impl Scalar for OffsetDateTime {}
}
