//! Dates as attributes: `jiff`'s types always, those of `chrono` and `time` behind features of their names.
//!
//! On the wire a date is a text or a number of milliseconds since 1970; written are texts with a zone.

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

/// Reads an instant. A text without a zone is in UTC, as on the server.
fn instant(reader: &mut Reader<'_>) -> Result<Timestamp, DecodeError> {
    let at = reader.clone();
    let instant = match reader.peek()? {
        Kind::Number => match reader.number()? {
            Number::Int(millis) => Timestamp::from_millisecond(millis).ok(),
            // The conversion saturates, and what is out of range is refused.
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

/// A day; written as `2026-11-24`. Of an instant, its day in UTC counts.
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
            // Jiff counts the nanoseconds of an instant before 1970 downwards.
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
