//! One check: which rule was asked about which entity, and what it said.

use std::fmt;

use instant_core::{Object, Uuid, Value};

use super::checks_table;

/// What one rule said about one entity.
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
/// assert_eq!((check.namespace.as_str(), check.action, check.passed), ("notes", RuleAction::View, false));
/// assert_eq!(check.rule.as_deref(), Some("data.title != 'secret'"));
/// assert_eq!(check.input.get("data").and_then(|data| data.get("title")?.as_str()), Some("secret"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RuleCheck {
    /// The namespace of the entity.
    pub namespace: String,
    /// The entity. A transaction that makes up attributes is checked for those, which are none.
    pub id: Option<Uuid>,
    /// The attribute or forward link, if the rule is about seeing just that.
    pub attribute: Option<String>,
    /// What was to be done.
    pub action: RuleAction,
    /// The rule as it is written, and none if there is no rule, so that everybody may.
    pub rule: Option<String>,
    /// The rule with the binds that it uses, as `cel.bind(name, expression, rule)`; what was evaluated.
    pub expanded: Option<String>,
    /// What the rule was given, under the names that it has in rules: `auth`, `data`, `newData`, `linkedData`, `ruleParams`, `request`. Of
    /// `request` only `modifiedFields` is known.
    pub input: Object,
    /// What the links lead to that the rule follows, by the call, as in `data.ref('team.members.id')`: lists of values, as they are now. Of
    /// an entity that a transaction would create it is not known.
    pub refs: Object,
    /// The value of the rule.
    pub result: Value,
    /// Whether that value allows: all do but `false` and null.
    pub passed: bool,
    /// Of a link, the namespace at its other end.
    pub(super) linked_namespace: Option<String>,
}

/// What a rule was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleAction {
    /// Seeing an entity, or one of its attributes.
    View,
    /// Creating an entity, or making up an attribute.
    Create,
    /// Changing an entity.
    Update,
    /// Deleting an entity, or an attribute.
    Delete,
    /// Linking.
    Link,
    /// Unlinking.
    Unlink,
    /// Something that this version does not know; see the raw answer.
    Other,
}

impl RuleCheck {
    /// Reads what both endpoints say in the same way.
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

/// The checks of a query.
pub(super) fn of_query(answer: &Value, auth: &Value, params: &Value) -> Option<Vec<RuleCheck>> {
    let checks = answer.get("check-results")?.as_array()?;
    let parse = |check: &Value| {
        let mut out = RuleCheck::parse(check, Some("view"), check.get("check")?)?;
        out.input.insert("auth", auth.clone());
        out.input.insert("data", check.get("record").cloned().unwrap_or_default());
        out.input.insert("ruleParams", params.clone());
        Some(out)
    };
    checks.iter().map(parse).collect()
}

/// The checks of a transaction.
pub(super) fn of_transaction(answer: &Value, auth: &Value) -> Option<Vec<RuleCheck>> {
    const NAMES: [(&str, &str); 4] = [
        ("data", "data"),
        ("new-data", "newData"),
        ("linked-data", "linkedData"),
        ("rule-params", "ruleParams"),
    ];
    let checks = answer.get("check-results")?.as_array()?;
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
        // On the wire it stands in for `data`.
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

/// A row of the table that [`DebuggedQuery`](super::DebuggedQuery) shows.
impl fmt::Display for RuleCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        checks_table::rows([self].into_iter(), f)
    }
}
