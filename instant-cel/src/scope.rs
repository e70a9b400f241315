//! The variables that a rule may use.

use crate::CelValue;

/// A record that a rule reads by its keys.
///
/// Records are resolved lazily: the evaluator asks its host for a key only when the expression
/// reaches it. The variants are final: a host has to supply each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Record {
    /// `data`: the row that the rule is evaluated for, as it is before the change.
    Data,
    /// `newData`: the row as it is after the change.
    NewData,
    /// `linkedData`: the row at the other end of a link.
    LinkedData,
    /// `auth`: the user that sends the request.
    Auth,
    /// `ruleParams`: the parameters that the caller sends along.
    RuleParams,
    /// `actions`: whether each end of a link is created or updated.
    Actions,
}

/// The variables that are declared for an expression.
///
/// `auth`, `ruleParams`, `request` and `rateLimit` are always declared.
///
/// ```
/// use instant_cel::{Expression, Record, Scope};
///
/// let rule = Expression::parse("newData.owner == auth.id")?;
/// assert!(rule.compile(&Scope::new(&[Record::Data, Record::NewData])).is_ok());
///
/// let errors = rule.compile(&Scope::new(&[Record::Data])).unwrap_err();
/// assert_eq!(errors[0].message, "undeclared reference to 'newData' (in container '')");
/// # Ok::<_, instant_cel::CompileError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    records: &'a [Record],
    rate_limits: Option<&'a [String]>,
}

impl<'a> Scope<'a> {
    /// Creates a scope that declares `records`. Names of rate limits are not checked.
    pub const fn new(records: &'a [Record]) -> Self {
        Self { records, rate_limits: None }
    }

    /// Returns the scope of rules for an action: `view`, `create`, `update`, `delete`, `link` or
    /// `unlink`.
    ///
    /// ```
    /// use instant_cel::{Expression, Scope};
    ///
    /// let rule = Expression::parse("data.owner == newData.owner")?;
    /// let scope = |action| Scope::of_action(action).unwrap_or_default();
    /// let compiles = |action| rule.compile(&scope(action)).is_ok();
    /// assert!(compiles("update"));
    /// assert!(!compiles("delete"), "a deleted row has no new data");
    /// assert!(Scope::of_action("remove").is_none());
    /// # Ok::<_, instant_cel::CompileError>(())
    /// ```
    pub fn of_action(action: &str) -> Option<Self> {
        use Record::{Actions, Data, LinkedData, NewData};
        let records: &[Record] = match action {
            "view" | "delete" => &[Data],
            "create" | "update" => &[Data, NewData],
            "link" => &[Data, NewData, LinkedData, Actions],
            "unlink" => &[Data, NewData, LinkedData],
            _ => return None,
        };
        Some(Self::new(records))
    }

    /// Checks the names after `rateLimit.` against `names`.
    ///
    /// ```
    /// use instant_cel::{Expression, Scope};
    ///
    /// let names = ["sends".to_owned()];
    /// let scope = Scope::default().rate_limits(&names);
    /// assert!(Expression::parse("rateLimit.sends.limit(auth.id)")?.compile(&scope).is_ok());
    /// assert!(Expression::parse("rateLimit.posts.limit(auth.id)")?.compile(&scope).is_err());
    /// # Ok::<_, instant_cel::CompileError>(())
    /// ```
    #[must_use]
    pub const fn rate_limits(self, names: &'a [String]) -> Self {
        Self { rate_limits: Some(names), ..self }
    }

    /// Returns whether a rate limit may be used.
    pub(crate) fn has_rate_limit(&self, name: &str) -> bool {
        self.rate_limits.is_none_or(|names| names.iter().any(|own| own == name))
    }

    /// Returns the value that a declared variable stands for.
    pub(crate) fn variable(&self, name: &str) -> Option<CelValue> {
        match name {
            REQUEST => return Some(CelValue::Request),
            RATE_LIMIT => return Some(CelValue::RateLimits),
            _ => {}
        }
        let record = RECORDS.into_iter().find(|record| record.name() == name)?;
        let declared = matches!(record, Record::Auth | Record::RuleParams) || self.records.contains(&record);
        declared.then_some(CelValue::Record(record))
    }

    /// Returns the names of all declared variables.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        VARIABLES.into_iter().filter(|name| self.variable(name).is_some())
    }
}

impl Record {
    /// Returns the name of the record in rules, such as `newData`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::NewData => "newData",
            Self::LinkedData => "linkedData",
            Self::Auth => "auth",
            Self::RuleParams => "ruleParams",
            Self::Actions => "actions",
        }
    }
}

const REQUEST: &str = "request";
const RATE_LIMIT: &str = "rateLimit";

const RECORDS: [Record; 6] =
    [Record::Data, Record::NewData, Record::LinkedData, Record::Auth, Record::RuleParams, Record::Actions];

/// The names of all variables that some rule has.
pub(crate) const VARIABLES: [&str; 8] = [
    Record::Data.name(),
    Record::NewData.name(),
    Record::LinkedData.name(),
    Record::Auth.name(),
    Record::RuleParams.name(),
    Record::Actions.name(),
    REQUEST,
    RATE_LIMIT,
];
