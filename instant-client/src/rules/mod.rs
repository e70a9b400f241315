//! Permission rules as a value, built in Rust or parsed from JSON. This module checks the keys; the
//! server checks the expressions.

mod builder;
mod expressions;
mod rate_limit;
mod subject;
mod validate;

use std::{convert::Infallible, fmt, str::FromStr};

use instant_core::{Object, Value};

pub use self::{
    builder::{Rule, RulesBuilder, RulesFor},
    rate_limit::RateLimit,
    subject::{ByName, Defaults, FieldOf},
};
use crate::{Error, error::ErrorKind};

/// The permission rules of an app.
///
/// In rules built in Rust, the compiler checks the names of entities, attributes and links. The
/// rules themselves are CEL expressions:
///
/// ```
/// use instant_client::{Rules, User, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     title: String,
///     secret: Option<String>,
///     #[instant(link(reverse = "notes", forward))]
///     owner: One<User>,
/// }
///
/// let rules = Rules::builder()
///     .entity::<Note>(|note| {
///         note.bind("mine", "auth.id != null && auth.id == data.owner")
///             .view(true)
///             .update("mine")
///             .field(|n| n.secret, "mine")
///             .otherwise(false)
///     })
///     .build();
/// # let same: Rules =
/// r#"{"notes": {
///     "bind": {"mine": "auth.id != null && auth.id == data.owner"},
///     "allow": {"view": "true", "update": "mine", "$default": "false"},
///     "fields": {"secret": "mine"}
/// }}"#
/// # .parse().unwrap();
/// # assert_eq!(rules, same);
/// ```
///
/// Rules can also be parsed from JSON, for example with `include_str!("perms.json")`. The format is
/// that of `instant.perms.ts`, written with `JSON.stringify(rules)`: an object of namespaces,
/// `$default`, `attrs` and `$rateLimits`. `bind` may be an object or the older list.
///
/// ```
/// use instant_client::Rules;
///
/// let error = r#"{"notes": {"allow": {"veiw": "true"}}}"#.parse::<Rules>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "notes.allow has a key `veiw`, which is unknown; known keys are view, link, create, delete, unlink, update, $default",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules(Object);

/// The error of invalid permission rules, with its place in the JSON.
///
/// ```
/// use instant_client::Rules;
///
/// let error = r#"{"notes": {"alow": {}}}"#.parse::<Rules>().unwrap_err();
/// assert!(error.to_string().starts_with("notes has a key `alow`, which is unknown"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesError {
    message: String,
}

impl Rules {
    /// Creates a builder for rules in Rust.
    ///
    /// ```
    /// use instant_client::Rules;
    ///
    /// let rules = Rules::builder().namespace("notes", |note| note.view(true)).build();
    /// assert_eq!(rules.to_string(), r#"{"notes":{"allow":{"view":"true"}}}"#);
    /// ```
    pub fn builder() -> RulesBuilder {
        RulesBuilder::new()
    }

    /// Parses rules from JSON: an object or its text.
    ///
    /// ```
    /// use instant_client::Rules;
    ///
    /// let text = r#"{"notes": {"allow": {"view": "true"}}}"#;
    /// assert_eq!(Rules::from_json(text)?, Rules::from_json(serde_json::from_str::<serde_json::Value>(text).unwrap())?);
    /// assert!(Rules::from_json("[]").is_err());
    /// # Ok::<_, instant_client::RulesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the JSON is not an object or has an unknown key. A server would store
    /// such a key and not apply the rule that was meant.
    pub fn from_json(json: impl Into<Value>) -> Result<Self, RulesError> {
        let json = match json.into() {
            Value::String(text) => Value::parse(&text)
                .map_err(|error| RulesError::new(format!("the rules are not a JSON object: {error}")))?,
            json => json,
        };
        let Value::Object(rules) = json else {
            let found = json.type_name();
            return Err(RulesError::new(format!(
                "the rules are not a JSON object: expected an object, found {found}"
            )));
        };
        validate::validate(&rules)?;
        Ok(Self(rules))
    }

    /// Checks the expressions without a server: their syntax, names, functions and types, with their
    /// binds.
    ///
    /// ```
    /// use instant_client::Rules;
    ///
    /// let rules = Rules::from_json(r#"{"notes": {"allow": {"view": "auth.id == dat.owner"}}}"#)?;
    /// assert_eq!(
    ///     rules.check_expressions().unwrap_err().to_string(),
    ///     "notes.allow.view: undeclared reference to 'dat' (in container '') at character 12; did you mean 'data'?",
    /// );
    /// # Ok::<_, instant_client::RulesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns every mistake with its rule, one a line. A server rejects most of them when the rules
    /// are pushed, and the others when a rule of `link`, `unlink` or `$default` is used.
    pub fn check_expressions(&self) -> Result<(), RulesError> {
        expressions::check(&self.0)
    }

    /// Wraps rules from a server without checking their keys.
    ///
    /// ```
    /// use instant_client::{Rules, Value};
    ///
    /// let rules = Value::parse(r#"{"notes": {"veiw": "true"}}"#)?;
    /// let kept = Rules::unchecked(rules.as_object().cloned().unwrap_or_default());
    /// assert_eq!(Value::from(kept.into_object()), rules);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn unchecked(rules: Object) -> Self {
        Self(rules)
    }

    /// Returns the rules as JSON in the wire format.
    pub fn as_object(&self) -> &Object {
        &self.0
    }

    /// Converts the rules to JSON in the wire format.
    pub fn into_object(self) -> Object {
        self.0
    }
}

/// Parses JSON text like [`Rules::from_json`].
impl FromStr for Rules {
    type Err = RulesError;

    fn from_str(text: &str) -> Result<Self, RulesError> {
        Self::from_json(text)
    }
}

/// Writes the rules as JSON.
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::from(self.0.clone()).fmt(f)
    }
}

macro_rules! from_json {
    ($($json:ty),*) => {$(
        /// Converts like [`Rules::from_json`].
        impl TryFrom<$json> for Rules {
            type Error = RulesError;

            fn try_from(json: $json) -> Result<Self, RulesError> {
                Self::from_json(json)
            }
        }
    )*};
}
from_json!(&str, String, &String, Value, Object, serde_json::Value);

impl From<&Rules> for Rules {
    fn from(rules: &Rules) -> Self {
        rules.clone()
    }
}

impl RulesError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RulesError {}

/// Lets `TryInto<Rules>` accept a `Rules`, whose conversion cannot fail.
impl From<Infallible> for RulesError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<RulesError> for Error {
    fn from(error: RulesError) -> Self {
        Self::caused(ErrorKind::Build, "", error)
    }
}
