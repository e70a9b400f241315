//! The fields into which the database splits a date, and the names of months and weekdays.

/// A field of a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'a> {
    /// Digits with an optional fraction.
    Number(&'a str),
    /// Digits with colons.
    Time(&'a str),
    /// Digits or letters with dashes, slashes or points. Names of time zones have this form as
    /// well.
    Date(&'a str),
    Word(&'a str),
    /// A sign and digits.
    Offset(&'a str),
    /// A sign and a word.
    SignedWord(&'a str),
}

/// Splits a text in lower case into its fields.
pub(super) fn split(text: &str) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let run = |from: usize, take: &dyn Fn(u8) -> bool| {
            from + rest[from..].bytes().position(|byte| !take(byte)).unwrap_or(rest.len() - from)
        };
        let is_digit = |byte: u8| byte.is_ascii_digit();
        let (field, end) = match first {
            b'0'..=b'9' => {
                let digits = run(0, &is_digit);
                match rest.as_bytes().get(digits) {
                    Some(b':') => {
                        let end = run(digits, &|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
                        (Field::Time(&rest[..end]), end)
                    }
                    Some(b'-' | b'/' | b'.') => {
                        let more =
                            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/' | b'.');
                        let digits_only =
                            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b'.');
                        let letter = rest.as_bytes().get(digits + 1).is_some_and(u8::is_ascii_alphabetic);
                        let end = if letter { run(digits, &more) } else { run(digits, &digits_only) };
                        let piece = &rest[..end];
                        if piece.bytes().filter(|byte| !byte.is_ascii_digit()).eq([b'.']) {
                            (Field::Number(piece), end)
                        } else {
                            (Field::Date(piece), end)
                        }
                    }
                    _ => (Field::Number(&rest[..digits]), digits),
                }
            }
            b'a'..=b'z' => {
                let letters = run(0, &|byte| byte.is_ascii_alphabetic());
                let next = rest.as_bytes().get(letters).copied();
                let joined = match next {
                    Some(b'-' | b'/' | b'.') => true,
                    Some(b'+' | b'0'..=b'9') => !is_core_word(&rest[..letters]),
                    _ => false,
                };
                if joined {
                    let more = |byte: u8| {
                        byte.is_ascii_alphanumeric()
                            || matches!(byte, b'+' | b'-' | b'/' | b'_' | b'.' | b':')
                    };
                    let end = run(0, &more);
                    (Field::Date(&rest[..end]), end)
                } else {
                    (Field::Word(&rest[..letters]), letters)
                }
            }
            b'+' | b'-' => {
                let gap = run(1, &|byte| byte.is_ascii_whitespace());
                match rest.as_bytes().get(gap) {
                    Some(b'0'..=b'9') => {
                        let end =
                            run(gap, &|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'));
                        (Field::Offset(&rest[..end]), end)
                    }
                    Some(b'a'..=b'z') => {
                        let end = run(gap, &|byte| byte.is_ascii_alphabetic());
                        (Field::SignedWord(&rest[..end]), end)
                    }
                    _ => return None,
                }
            }
            // Spaces and other punctuation separate fields.
            byte if byte.is_ascii_punctuation() || byte.is_ascii_whitespace() => {
                rest = &rest[1..];
                continue;
            }
            _ => return None,
        };
        fields.push(field);
        rest = &rest[end..];
    }
    if fields.is_empty() { None } else { Some(fields) }
}

/// Returns whether a number after this word is not part of the name of a time zone.
fn is_core_word(word: &str) -> bool {
    matches!(word, "t" | "z" | "utc" | "zulu" | "am" | "pm" | "ad" | "bc" | "at" | "on" | "now" | "epoch")
        || month_name(word).is_some()
        || is_weekday(word)
}

/// Parses the name of a month, in full or its first three letters. January is 1.
pub(super) fn month_name(word: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = MONTHS.iter().position(|month| *month == word || word == &month[..3]);
    let at = at.or_else(|| (word == "sept").then_some(8))?;
    i64::try_from(at + 1).ok()
}

/// Returns whether a word is the name of a weekday.
pub(super) fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    matches!(word, "tues" | "wednes" | "weds" | "thur" | "thurs")
        || DAYS.iter().any(|day| *day == word || word == &day[..3])
}
