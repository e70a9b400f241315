//! A rule check: one rule evaluated for one entity.

use std::fmt;

use instant_core::{Object, Uuid, Value};

use super::checks_table;

/// The evaluation of one rule for one entity.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{As, RuleAction, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     #[instant(unique)]
///     title: String,
/// }
///
/// let rules = r#"{"notes": {"allow": {"view": "data.title != 'secret'"}}}"#;
/// let secret = Note::create(NewNote { title: "secret".into() });
/// let db = Client::in_memory_with(schema![Note]).rules(rules).seed(secret).build()?;
/// let why = db.debug_query(As::guest(), Note::query()).await?;
/// let check = &why.checks[0];
/// assert_eq!((&*check.namespace, check.action), ("notes", RuleAction::View));
/// assert!(!check.passed);
/// assert_eq!(check.rule.as_deref(), Some("data.title != 'secret'"));
/// let title = check.input.get("data").and_then(|data| data.get("title")?.as_str());
/// assert_eq!(title, Some("secret"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RuleCheck {
    /// The namespace of the entity.
    pub namespace: String,
    /// The entity; `None` for checks of attributes that a transaction would add to the schema.
    pub id: Option<Uuid>,
    /// The attribute or forward link, for a field rule.
    pub attribute: Option<String>,
    /// The action to check.
    pub action: RuleAction,
    /// The rule as written; `None` if there is no rule, which permits the action.
    pub rule: Option<String>,
    /// The evaluated rule: the rule with the binds it uses, as `cel.bind(name, expression, rule)`.
    pub expanded: Option<String>,
    /// The inputs of the rule under the names they have in rules: `auth`, `data`, `newData`,
    /// `linkedData`, `ruleParams`, `request`. Of `request`, only `modifiedFields` is known.
    pub input: Object,
    /// The current values of the links that the rule follows, as lists, by the call, such as
    /// `data.ref('team.members.id')`. Missing for entities that a transaction would create.
    pub refs: Object,
    /// The result of the rule.
    pub result: Value,
    /// `true` if the result permits the action: any value except `false` and null.
    pub passed: bool,
    /// For a link, the namespace of its other end.
    pub(super) linked_namespace: Option<String>,
}

/// The action that a rule governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleAction {
    /// View an entity or one of its attributes.
    View,
    /// Create an entity, or add an attribute to the schema.
    Create,
    /// Update an entity.
    Update,
    /// Delete an entity or an attribute.
    Delete,
    /// Add a link.
    Link,
    /// Remove a link.
    Unlink,
    /// An action that this version does not know; see the raw response.
    Other,
}

impl RuleCheck {
    /// Parses the part that both endpoints have in common.
    fn parse(check: &Value, action: Option<&str>, result: &Value) -> Option<Self> {
        let program = check.get("program")?;
        let text = |key| match program.get(key) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Bool(always)) => Some(always.to_string()),
            _ => None,
        };
        let namespace = check.get("entity").or_else(|| check.get("etype"))?.as_str()?.to_owned();
        let id = check.get("id").or_else(|| check.get("eid")).and_then(Value::as_str);
        Some(Self {
            namespace,
            id: id.and_then(|id| Uuid::try_parse(id).ok()),
            attribute: check.get("label").and_then(Value::as_str).map(str::to_owned),
            action: RuleAction::of(action),
            rule: text("display-code"),
            expanded: text("code"),
            input: Object::new(),
            refs: Object::new(),
            result: result.clone(),
            passed: !matches!(result, Value::Null | Value::Bool(false)),
            linked_namespace: None,
        })
    }
}

/// Parses the checks of a query.
pub(super) fn of_query(response: &Value, auth: &Value, params: &Value) -> Option<Vec<RuleCheck>> {
    let checks = response.get("check-results")?.as_array()?;
    let parse = |check: &Value| {
        let mut out = RuleCheck::parse(check, Some("view"), check.get("check")?)?;
        out.input.insert("auth", auth.clone());
        out.input.insert("data", check.get("record").cloned().unwrap_or_default());
        out.input.insert("ruleParams", params.clone());
        Some(out)
    };
    checks.iter().map(parse).collect()
}

/// Parses the checks of a transaction.
pub(super) fn of_transaction(response: &Value, auth: &Value) -> Option<Vec<RuleCheck>> {
    const NAMES: [(&str, &str); 4] = [
        ("data", "data"),
        ("new-data", "newData"),
        ("linked-data", "linkedData"),
        ("rule-params", "ruleParams"),
    ];
    let checks = response.get("check-results")?.as_array()?;
    let parse = |check: &Value| {
        let action = check.get("action").and_then(Value::as_str);
        let mut out = RuleCheck::parse(check, action, check.get("check-result")?)?;
        out.input.insert("auth", auth.clone());
        let bindings = check.get("bindings");
        for (wire, name) in NAMES {
            if let Some(value) = bindings.and_then(|bindings| bindings.get(wire)) {
                out.input.insert(name, value.clone());
            }
        }
        let linked = bindings.and_then(|bindings| bindings.get("linked-etype"));
        out.linked_namespace = linked.and_then(Value::as_str).map(str::to_owned);
        // On the wire, `data` holds the new entity.
        if out.action == RuleAction::Create && out.input.get("newData").is_none() {
            out.input.extend(out.input.get("data").cloned().map(|data| ("newData".to_owned(), data)));
        }
        if let Some(fields) = bindings.and_then(|bindings| bindings.get("modified-fields")) {
            out.input.insert("request", Object::from_iter([("modifiedFields".to_owned(), fields.clone())]));
        }
        Some(out)
    };
    checks.iter().map(parse).collect()
}

impl RuleAction {
    fn of(word: Option<&str>) -> Self {
        match word {
            Some("view") => Self::View,
            Some("create") => Self::Create,
            Some("update") => Self::Update,
            Some("delete") => Self::Delete,
            Some("link") => Self::Link,
            Some("unlink") => Self::Unlink,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for RuleAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::View => "view",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Link => "link",
            Self::Unlink => "unlink",
            Self::Other => "other",
        })
    }
}

/// Writes one row of the table of [`DebuggedQuery`](super::DebuggedQuery).
impl fmt::Display for RuleCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        checks_table::rows([self].into_iter(), f)
    }
}
