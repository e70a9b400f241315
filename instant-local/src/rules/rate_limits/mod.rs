//! Rate limits of rules: `$rateLimits`, each a set of token buckets per key.

mod interval;

use instant_cel::{CelValue, RuleError};
use instant_core::{Number, Object, Value};
use jiff::Timestamp;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::EvalError;
use crate::{clock::now, failure::Failure, recent_map::RecentMap};

/// The rate limits of one rules document.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    names: Vec<String>,
    buckets: Vec<Vec<Bucket>>,
}

/// A token bucket of a rate limit. All buckets of a limit must have enough tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bucket {
    capacity: f64,
    /// The number of tokens that are refilled per interval.
    amount: f64,
    /// The interval, in milliseconds.
    interval: f64,
    /// Refills the bucket continuously, rather than at the end of each interval.
    greedy: bool,
}

/// The tokens that are left, by a hash of rate limit, parameters and key.
#[derive(Debug)]
pub(crate) struct TokenLevels(Mutex<RecentMap<[u8; 32], Vec<Level>>>);

impl Default for TokenLevels {
    fn default() -> Self {
        Self(Mutex::new(RecentMap::new(MAX_KEYS)))
    }
}

#[derive(Debug, Clone, Copy)]
struct Level {
    tokens: f64,
    /// Milliseconds since 1970.
    at: f64,
}

/// The number of keys whose buckets are kept. Beyond it, buckets that were not used for long are full
/// again.
const MAX_KEYS: usize = 100_000;

impl RateLimits {
    /// Parses the limits that are well formed, and skips the others.
    pub(super) fn parse(json: Option<&Value>) -> Self {
        let mut limits = Self::default();
        for (name, limit) in json.and_then(Value::as_object).into_iter().flat_map(Object::iter) {
            if let Ok(buckets) = parse_limit(limit) {
                limits.names.push(name.to_owned());
                limits.buckets.push(buckets);
            }
        }
        limits
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Takes tokens of a rate limit for a key.
    ///
    /// # Errors
    ///
    /// Returns an error if the limit does not exist or a bucket has too few tokens.
    pub(super) fn take(
        &self,
        token_levels: &TokenLevels,
        name: &str,
        key: &CelValue,
        tokens: i64,
    ) -> Result<(), EvalError> {
        let missing = || RuleError::new("ATTRIBUTE_NOT_FOUND", format!("there is no rate limit '{name}'"));
        let at = self.names.iter().position(|own| own == name).ok_or_else(missing)?;
        if tokens <= 0 {
            return Err(RuleError::new("INTERNAL_ERROR", "a rate limit takes at least one token").into());
        }
        let buckets = &self.buckets[at];
        // The parameters are part of the key, so that changed buckets start full.
        let key = format!("{name} {buckets:?} {key:?}");
        token_levels.take(key, buckets, tokens as f64, now() as f64).map_err(EvalError::Host)
    }
}

impl TokenLevels {
    /// Takes tokens at `now`, in milliseconds since 1970.
    fn take(&self, key: String, buckets: &[Bucket], tokens: f64, now: f64) -> Result<(), Failure> {
        let mut levels = self.0.lock();
        let full = || buckets.iter().map(|bucket| Level { tokens: bucket.capacity, at: now }).collect();
        let levels = levels.get_or_insert_with(Sha256::digest(key).into(), full);
        for (bucket, level) in buckets.iter().zip(levels.iter_mut()) {
            bucket.refill(level, now);
        }
        let short = buckets.iter().zip(levels.iter()).filter(|(_, level)| level.tokens < tokens);
        let worst = short.max_by(|a, b| a.0.wait(a.1, now, tokens).total_cmp(&b.0.wait(b.1, now, tokens)));
        if let Some((bucket, level)) = worst {
            return Err(rate_limited(bucket.wait(level, now, tokens), level.tokens, now));
        }
        levels.iter_mut().for_each(|level| level.tokens -= tokens);
        Ok(())
    }
}

impl Bucket {
    /// Adds the tokens that were refilled since `level.at`.
    fn refill(&self, level: &mut Level, now: f64) {
        let intervals = (now - level.at).max(0.0) / self.interval;
        let intervals = if self.greedy { intervals } else { intervals.floor() };
        level.tokens = (level.tokens + intervals * self.amount).min(self.capacity);
        level.at = if self.greedy { now } else { level.at + intervals * self.interval };
    }

    /// Returns the milliseconds until the bucket has enough tokens.
    fn wait(&self, level: &Level, now: f64, tokens: f64) -> f64 {
        let intervals = (tokens - level.tokens) / self.amount;
        let intervals = if self.greedy { intervals } else { intervals.ceil() };
        level.at + intervals * self.interval - now
    }
}

fn rate_limited(wait: f64, left: f64, now: f64) -> Failure {
    let retry = Timestamp::from_millisecond((now + wait) as i64).unwrap_or_default();
    let mut failure = Failure::rejected("rate-limited", "Your request exceeded the rate limit.").with_hint([
        ("retry-at", retry.to_string().into()),
        ("retry-after", ((wait / 1000.0).ceil() as i64).into()),
        ("remaining-tokens", (left.floor() as i64).into()),
    ]);
    failure.status = 429;
    failure
}

/// Returns the errors of `$rateLimits`, each with the name of its rate limit.
pub(super) fn validate(json: Option<&Value>) -> Vec<(Option<String>, String)> {
    match json {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(limits)) => {
            let error =
                |(name, limit)| parse_limit(limit).err().map(|message| (Some(String::from(name)), message));
            limits.iter().filter_map(error).collect()
        }
        Some(_) => vec![(None, "$rateLimits must be an object".to_owned())],
    }
}

fn parse_limit(limit: &Value) -> Result<Vec<Bucket>, String> {
    let buckets = match limit.get("limits").filter(|limits| !limits.is_null()) {
        None => return Err("Missing parameter: [\"limits\"]".to_owned()),
        Some(Value::Array(buckets)) if !buckets.is_empty() => buckets,
        Some(_) => {
            let message = "The rate limit config must have at least one limit in the `limits` array.";
            return Err(format!("Validation failed for rules: {message}"));
        }
    };
    buckets.iter().map(parse_bucket).collect()
}

fn parse_bucket(json: &Value) -> Result<Bucket, String> {
    let set = |json: &'_ Value, key: &str| json.get(key).filter(|value| !value.is_null()).cloned();
    let malformed = |path: &str| format!("Malformed parameter: [{path}]");
    let positive = |value: &Value| match value {
        Value::Number(Number::Int(number)) if *number > 0 => Some(*number as f64),
        _ => None,
    };
    let capacity = set(json, "capacity").ok_or("Missing parameter: [\"capacity\"]")?;
    let capacity = positive(&capacity).ok_or_else(|| malformed("\"capacity\""))?;
    let mut bucket = Bucket { capacity, amount: capacity, interval: 3_600_000.0, greedy: true };
    let Some(refill) = set(json, "refill") else { return Ok(bucket) };
    if refill.as_object().is_none() {
        return Err("Unexpected error parsing $rateLimits config".to_owned());
    }
    if let Some(amount) = set(&refill, "amount") {
        bucket.amount = positive(&amount).ok_or_else(|| malformed("\"refill\" \"amount\""))?;
    }
    if let Some(kind) = set(&refill, "type") {
        bucket.greedy = match kind.as_str() {
            Some("greedy") => true,
            Some("interval") => false,
            _ => return Err(malformed("\"refill\" \"type\"")),
        };
    }
    if let Some(period) = set(&refill, "period") {
        let text = period.as_str().ok_or_else(|| malformed("\"refill\" \"period\""))?;
        let millis = interval::parse_millis(text);
        let wrong = |message: &str| Err(format!("Validation failed for rules: The refill period {message}"));
        if millis < 1000 {
            return wrong("must be longer than a second.");
        }
        // The server compares whole hours, and so accepts up to 24 hours and 59 minutes.
        if millis / 3_600_000 > 24 {
            return wrong("can't be longer than a day.");
        }
        bucket.interval = millis as f64;
    }
    Ok(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes tokens, each a pair of seconds and tokens, and compares the tokens left where there
    /// were too few.
    fn check(limits: &str, takes: &[(f64, f64)], want: &[Option<i64>]) {
        let json = Value::parse(&format!("{{\"limits\": {limits}}}")).unwrap();
        let (buckets, levels) = (parse_limit(&json).unwrap(), TokenLevels::default());
        let take = |(at, tokens): &(f64, f64)| {
            let rejected = levels.take("key".to_owned(), &buckets, *tokens, at * 1000.0).err()?;
            assert_eq!(rejected.status, 429);
            rejected.error.hint?.get("remaining-tokens")?.as_i64()
        };
        assert_eq!(Vec::from_iter(takes.iter().map(take)), want, "{json} {takes:?}");
    }

    #[test]
    fn buckets_refill_continuously_or_per_interval() {
        let greedy = r#"[{"capacity": 2, "refill": {"period": "2 seconds", "amount": 2}}]"#;
        check(greedy, &[(0.0, 2.0), (0.1, 1.0), (1.1, 1.0), (1.2, 1.0)], &[None, Some(0), None, Some(0)]);
        let interval = r#"[{"capacity": 3, "refill": {"period": "10 seconds", "type": "interval"}}]"#;
        check(interval, &[(0.0, 2.0), (9.0, 2.0), (10.0, 3.0), (19.9, 1.0)], &[None, Some(1), None, Some(0)]);
        let both = r#"[{"capacity": 10}, {"capacity": 1, "refill": {"period": "1 hour"}}]"#;
        check(both, &[(0.0, 1.0), (60.0, 1.0), (3600.0, 1.0)], &[None, Some(0), None]);
        check(r#"[{"capacity": 5}]"#, &[(0.0, 9.0), (0.0, 5.0)], &[Some(5), None]);
    }

    #[test]
    fn levels_of_fresh_keys_are_bounded() {
        let json = Value::parse(r#"{"limits": [{"capacity": 5}]}"#).unwrap();
        let (buckets, levels) = (parse_limit(&json).unwrap(), TokenLevels::default());
        let take = |key: String| levels.take(key, &buckets, 1.0, 0.0).is_ok();
        for number in 0..2 * MAX_KEYS + 10 {
            assert!(take(format!("key {number}")));
            // A key in use keeps its level.
            if number % (MAX_KEYS / 2) == 0 {
                assert_eq!(take("used".to_owned()), number / (MAX_KEYS / 2) < 5);
            }
        }
        assert!(levels.0.lock().len() <= 2 * MAX_KEYS);
    }
}
