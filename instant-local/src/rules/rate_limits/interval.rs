//! Intervals of PostgreSQL: `1 hour`, `90 minutes`, `24 hours 59 minutes`, `01:30:00`, `PT1H`.

/// Parses an interval to milliseconds; 0 if the text is not an interval.
pub(super) fn parse_millis(text: &str) -> i64 {
    let text = text.trim();
    let span = match text.strip_prefix('P') {
        Some(rest) => iso(rest),
        None => words(text),
    };
    // The caller rejects intervals beyond these bounds anyway.
    span.map_or(0, |millis| millis.clamp(-1e15, 1e15) as i64)
}

fn words(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut parts = text.split_whitespace();
    while let Some(part) = parts.next() {
        if part.contains(':') {
            total += clock(part)?;
            continue;
        }
        let number: f64 = part.parse().ok()?;
        total += number * unit(parts.next()?.trim_end_matches(','))?;
    }
    Some(total)
}

fn unit(name: &str) -> Option<f64> {
    let name = name.to_ascii_lowercase();
    Some(match name.strip_suffix('s').unwrap_or(&name) {
        "millisecond" => 1.0,
        "second" | "sec" => 1000.0,
        "minute" | "min" => 60_000.0,
        "hour" => 3_600_000.0,
        "day" => 86_400_000.0,
        "week" => 7.0 * 86_400_000.0,
        "month" | "mon" => 30.0 * 86_400_000.0,
        "year" => 365.0 * 86_400_000.0,
        _ => return None,
    })
}

/// Parses `hours:minutes` with optional seconds.
fn clock(text: &str) -> Option<f64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut total = 0.0;
    for (part, size) in text.split(':').zip([3_600_000.0, 60_000.0, 1000.0]) {
        total += part.parse::<f64>().ok()? * size;
    }
    Some(if negative { -total } else { total })
}

/// Parses the part of an ISO 8601 duration after the `P`, such as `1DT2H3M4S`.
fn iso(text: &str) -> Option<f64> {
    let (mut total, mut number, mut time) = (0.0, String::new(), false);
    for letter in text.chars() {
        match letter {
            'T' => time = true,
            '0'..='9' | '.' | '-' => number.push(letter),
            letter => {
                let size = match (letter, time) {
                    ('H', true) => unit("hour"),
                    ('M', true) => unit("minute"),
                    ('S', true) => unit("second"),
                    ('W', false) => unit("week"),
                    ('D', false) => unit("day"),
                    ('M', false) => unit("month"),
                    ('Y', false) => unit("year"),
                    _ => None,
                };
                total += number.parse::<f64>().ok()? * size?;
                number.clear();
            }
        }
    }
    number.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_parse_to_milliseconds() {
        for (text, want) in [
            ("1 second", 1000),
            ("0.5 seconds", 500),
            ("90 minutes", 5_400_000),
            ("24 hours 59 minutes", 89_940_000),
            ("1 day", 86_400_000),
            ("-1 hour", -3_600_000),
            ("01:30:00", 5_400_000),
            ("PT1H", 3_600_000),
            ("P1DT1M", 86_460_000),
            ("soon", 0),
            ("1h", 0),
            ("30s", 0),
            ("", 0),
            ("5", 0),
        ] {
            assert_eq!(parse_millis(text), want, "{text}");
        }
    }
}
