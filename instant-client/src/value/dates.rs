//! Dates as attributes: the types of `jiff`, and those of `chrono` and `time` with the features of
//! these names.
//!
//! On the wire, a date is a string or a number of milliseconds since 1970. The client writes
//! strings with a time zone.

use instant_core::{
    Number, Value,
    json::{Kind, Reader},
    schema::CheckedType,
};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::{AttrValue, Scalar};
use crate::{BuildError, DecodeError};

/// Reads a point in time. A string without a time zone is in UTC, as on the server.
fn instant(reader: &mut Reader<'_>) -> Result<Timestamp, DecodeError> {
    let at = reader.clone();
    let instant = match reader.peek()? {
        Kind::Number => match reader.number()? {
            Number::Int(millis) => Timestamp::from_millisecond(millis).ok(),
            // The conversion saturates; a number out of range is an error.
            number => Timestamp::from_microsecond((number.as_f64() * 1e3).round() as i64).ok(),
        },
        Kind::String => parse(&reader.string()?),
        _ => None,
    };
    instant.ok_or_else(|| DecodeError::expected("a date", &at))
}

fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let local = |text: &str| text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| Some(local(text)?.timestamp()))
}

impl AttrValue for Timestamp {
    const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        instant(reader)
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        Ok(self.to_string().into())
    }
}

impl Scalar for Timestamp {}

/// A day, written as `2026-11-24`. A point in time is read as its day in UTC.
impl AttrValue for Date {
    const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(instant(reader)?.to_zoned(TimeZone::UTC).date())
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        Ok(self.to_string().into())
    }
}

impl Scalar for Date {}

#[cfg(feature = "chrono")]
mod chrono {
    use ::chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

    use super::*;

    impl AttrValue for DateTime<Utc> {
        const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

        fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let at = reader.clone();
            let instant = instant(reader)?;
            // Jiff's nanoseconds are negative before 1970.
            i64::try_from(instant.as_nanosecond())
                .map(DateTime::from_timestamp_nanos)
                .ok()
                .or_else(|| DateTime::from_timestamp_millis(instant.as_millisecond()))
                .ok_or_else(|| DecodeError::expected("a date", &at))
        }

        fn to_value(&self) -> Result<Value, BuildError> {
            Ok(self.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
        }
    }

    impl Scalar for DateTime<Utc> {}

    impl AttrValue for NaiveDate {
        const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

        fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(DateTime::<Utc>::read(reader)?.date_naive())
        }

        fn to_value(&self) -> Result<Value, BuildError> {
            Ok(self.to_string().into())
        }
    }

    impl Scalar for NaiveDate {}
}

#[cfg(feature = "time")]
mod time {
    use ::time::{OffsetDateTime, UtcOffset};

    use super::*;

    impl AttrValue for OffsetDateTime {
        const CHECKED: Option<CheckedType> = Some(CheckedType::Date);

        fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let at = reader.clone();
            let nanos = instant(reader)?.as_nanosecond();
            Self::from_unix_timestamp_nanos(nanos).map_err(|_| DecodeError::expected("a date", &at))
        }

        fn to_value(&self) -> Result<Value, BuildError> {
            let nanos = self.to_offset(UtcOffset::UTC).unix_timestamp_nanos();
            match Timestamp::from_nanosecond(nanos) {
                Ok(instant) => instant.to_value(),
                Err(error) => Err(BuildError::new(format!("the date {self} cannot be written: {error}"))),
            }
        }
    }

    impl Scalar for OffsetDateTime {}
}
