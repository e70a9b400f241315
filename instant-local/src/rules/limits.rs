//! Rate limits that rules can ask for: `$rateLimits`, token buckets by key.

use std::collections::HashMap;

use instant_cel::{CelValue, RuleError};
use instant_core::{Number, Value};
use jiff::Timestamp;
use parking_lot::Mutex;

use super::{EvalError, period};
use crate::{app::now, failure::Failure};

/// The buckets of one rule document.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    names: Vec<String>,
    limits: Vec<Vec<Limit>>,
}

/// One of the limits of a bucket, all of which must have tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Limit {
    capacity: f64,
    /// Tokens per period.
    amount: f64,
    /// Milliseconds.
    period: f64,
    /// Refilled bit by bit, not at the end of each period.
    greedy: bool,
}

/// What is left in buckets, by bucket, numbers and key.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<HashMap<String, Vec<Level>>>);

#[derive(Debug, Clone, Copy)]
struct Level {
    tokens: f64,
    /// Milliseconds since 1970.
    at: f64,
}

/// From so many keys on, full buckets are forgotten.
const MANY: usize = 100_000;

impl Buckets {
    /// Reads what is well formed.
    pub(super) fn parse(json: Option<&Value>) -> Self {
        let mut buckets = Self::default();
        for (name, bucket) in json.and_then(Value::as_object).into_iter().flat_map(|buckets| buckets.iter()) {
            if let Ok(limits) = read(bucket) {
                buckets.names.push(name.to_owned());
                buckets.limits.push(limits);
            }
        }
        buckets
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Takes tokens for a key.
    pub(super) fn take(
        &self,
        limiter: &Limiter,
        bucket: &str,
        key: &CelValue,
        tokens: i64,
    ) -> Result<(), EvalError> {
        let missing = || RuleError::new("ATTRIBUTE_NOT_FOUND", format!("there is no rate limit '{bucket}'"));
        let at = self.names.iter().position(|name| name == bucket).ok_or_else(missing)?;
        if tokens <= 0 {
            return Err(RuleError::new("INTERNAL_ERROR", "a limit takes one token at least").into());
        }
        let limits = &self.limits[at];
        // The numbers are part of the name: a bucket with others begins anew.
        let name = format!("{bucket} {limits:?} {key:?}");
        limiter.take(name, limits, tokens as f64, now() as f64).map_err(|failure| EvalError::Host(failure))
    }
}

impl Limiter {
    /// `now` is in milliseconds since 1970.
    fn take(&self, name: String, limits: &[Limit], tokens: f64, now: f64) -> Result<(), Failure> {
        let mut levels = self.0.lock();
        if levels.len() >= MANY && !levels.contains_key(&name) {
            levels.retain(|_, levels| levels.iter().any(|level| now - level.at < 24.0 * 3_600_000.0));
        }
        let full = || limits.iter().map(|limit| Level { tokens: limit.capacity, at: now }).collect();
        let levels = levels.entry(name).or_insert_with(full);
        for (limit, level) in limits.iter().zip(levels.iter_mut()) {
            limit.refill(level, now);
        }
        let short = limits.iter().zip(levels.iter()).filter(|(_, level)| level.tokens < tokens);
        let worst = short.max_by(|a, b| a.0.wait(a.1, now, tokens).total_cmp(&b.0.wait(b.1, now, tokens)));
        if let Some((limit, level)) = worst {
            return Err(refused(limit.wait(level, now, tokens), level.tokens, now));
        }
        levels.iter_mut().for_each(|level| level.tokens -= tokens);
        Ok(())
    }
}

impl Limit {
    fn refill(&self, level: &mut Level, now: f64) {
        let periods = (now - level.at).max(0.0) / self.period;
        let periods = if self.greedy { periods } else { periods.floor() };
        level.tokens = (level.tokens + periods * self.amount).min(self.capacity);
        level.at = if self.greedy { now } else { level.at + periods * self.period };
    }

    /// Milliseconds until there are enough tokens.
    fn wait(&self, level: &Level, now: f64, tokens: f64) -> f64 {
        let periods = (tokens - level.tokens) / self.amount;
        let periods = if self.greedy { periods } else { periods.ceil() };
        level.at + periods * self.period - now
    }
}

fn refused(wait: f64, left: f64, now: f64) -> Failure {
    let retry = Timestamp::from_millisecond((now + wait) as i64).unwrap_or_default();
    let mut failure = Failure::refused("rate-limited", "Your request exceeded the rate limit.").with_hint([
        ("retry-at", retry.to_string().into()),
        ("retry-after", ((wait / 1000.0).ceil() as i64).into()),
        ("remaining-tokens", (left.floor() as i64).into()),
    ]);
    failure.status = 429;
    failure
}

/// What is wrong with `$rateLimits`, with the bucket it is wrong with.
pub(super) fn mistakes(json: Option<&Value>) -> Vec<(Option<String>, String)> {
    match json {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(buckets)) => {
            let mistake =
                |(name, bucket)| read(bucket).err().map(|message| (Some(String::from(name)), message));
            buckets.iter().filter_map(mistake).collect()
        }
        Some(_) => vec![(None, "$rateLimits must be an object".to_owned())],
    }
}

fn read(bucket: &Value) -> Result<Vec<Limit>, String> {
    let limits = match bucket.get("limits").filter(|limits| !limits.is_null()) {
        None => return Err("Missing parameter: [\"limits\"]".to_owned()),
        Some(Value::Array(limits)) if !limits.is_empty() => limits,
        Some(_) => {
            let message = "The rate limit config must have at least one limit in the `limits` array.";
            return Err(format!("Validation failed for rules: {message}"));
        }
    };
    limits.iter().map(limit).collect()
}

fn limit(json: &Value) -> Result<Limit, String> {
    let set = |json: &'_ Value, key: &str| json.get(key).filter(|value| !value.is_null()).cloned();
    let malformed = |path: &str| format!("Malformed parameter: [{path}]");
    let positive = |value: &Value| match value {
        Value::Number(Number::Int(number)) if *number > 0 => Some(*number as f64),
        _ => None,
    };
    let capacity = set(json, "capacity").ok_or("Missing parameter: [\"capacity\"]")?;
    let capacity = positive(&capacity).ok_or_else(|| malformed("\"capacity\""))?;
    let mut limit = Limit { capacity, amount: capacity, period: 3_600_000.0, greedy: true };
    let Some(refill) = set(json, "refill") else { return Ok(limit) };
    if refill.as_object().is_none() {
        return Err("Unexpected error parsing $rateLimits config".to_owned());
    }
    if let Some(amount) = set(&refill, "amount") {
        limit.amount = positive(&amount).ok_or_else(|| malformed("\"refill\" \"amount\""))?;
    }
    if let Some(kind) = set(&refill, "type") {
        limit.greedy = match kind.as_str() {
            Some("greedy") => true,
            Some("interval") => false,
            _ => return Err(malformed("\"refill\" \"type\"")),
        };
    }
    if let Some(period) = set(&refill, "period") {
        let text = period.as_str().ok_or_else(|| malformed("\"refill\" \"period\""))?;
        let millis = period::millis(text);
        let wrong = |message: &str| Err(format!("Validation failed for rules: The refill period {message}"));
        if millis < 1000 {
            return wrong("must be longer than a second.");
        }
        // Whole hours are compared, so that a day may be an hour longer but for a minute.
        if millis / 3_600_000 > 24 {
            return wrong("can't be longer than a day.");
        }
        limit.period = millis as f64;
    }
    Ok(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes tokens at moments, each a pair of seconds and tokens; answers how many were left where there were too few.
    fn check(limits: &str, takes: &[(f64, f64)], want: &[Option<i64>]) {
        let json = Value::parse(&format!("{{\"limits\": {limits}}}")).unwrap();
        let (limits, limiter) = (read(&json).unwrap(), Limiter::default());
        let take = |(at, tokens): &(f64, f64)| {
            let refused = limiter.take("bucket".to_owned(), &limits, *tokens, at * 1000.0).err()?;
            assert_eq!(refused.status, 429);
            refused.error.hint?.get("remaining-tokens")?.as_i64()
        };
        assert_eq!(Vec::from_iter(takes.iter().map(take)), want, "{json} {takes:?}");
    }

    #[test]
    fn buckets_fill_up_again() {
        let greedy = r#"[{"capacity": 2, "refill": {"period": "2 seconds", "amount": 2}}]"#;
        check(greedy, &[(0.0, 2.0), (0.1, 1.0), (1.1, 1.0), (1.2, 1.0)], &[None, Some(0), None, Some(0)]);
        let interval = r#"[{"capacity": 3, "refill": {"period": "10 seconds", "type": "interval"}}]"#;
        check(interval, &[(0.0, 2.0), (9.0, 2.0), (10.0, 3.0), (19.9, 1.0)], &[None, Some(1), None, Some(0)]);
        let both = r#"[{"capacity": 10}, {"capacity": 1, "refill": {"period": "1 hour"}}]"#;
        check(both, &[(0.0, 1.0), (60.0, 1.0), (3600.0, 1.0)], &[None, Some(0), None]);
        check(r#"[{"capacity": 5}]"#, &[(0.0, 9.0), (0.0, 5.0)], &[Some(5), None]);
    }
}
