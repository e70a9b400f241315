//! The rules document of an app: finds the rule for an action, and compiles it on first use
//! (`docs/protocol/transactions.md`, "B.2 Which rule applies").

use std::{collections::HashMap, fmt, sync::Arc};

use instant_cel::{Binds, CompileError, Program, Scope};
use instant_core::{Issue, Object, ValidationError, Value};
use parking_lot::RwLock;

use super::rate_limits::{RateLimits, TokenLevels};
use crate::failure::Failure;

/// The rules document in one version.
pub(crate) struct Rules {
    /// The document as it was pushed; `None` if no rules were ever pushed.
    pub(super) code: Option<Value>,
    pub(super) rate_limits: RateLimits,
    pub(super) token_levels: Arc<TokenLevels>,
    compiled: RwLock<Compiled>,
}

/// Compiled rules by namespace and action; `None` if everything is allowed.
type Compiled = HashMap<(String, Action), Option<Arc<Rule>>>;

/// An action that has rules of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    View,
    Create,
    Update,
    Delete,
    Link(String),
    Unlink(String),
    /// Viewing one attribute.
    Field(String),
}

/// A compiled rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The namespace that the rule is applied to.
    pub(crate) namespace: String,
    /// The action, as errors and debug responses name it.
    pub(crate) action: &'static str,
    pub(crate) program: Program,
    /// The expression with its binds.
    pub(crate) code: String,
    /// The expression as it is written.
    pub(crate) display: Value,
}

/// The place in which a rule is found.
enum RuleText<'a> {
    /// In the document: the namespace whose binds apply, the path, and the rule.
    Written(&'a str, Vec<&'a str>, &'a Value),
    /// A built-in rule of a system namespace.
    BuiltIn(&'static str),
    /// There is no rule, so everything is allowed.
    Missing,
}

const DEFAULT: &str = "$default";

impl Rules {
    pub(crate) fn new(code: Option<Value>, token_levels: Arc<TokenLevels>) -> Self {
        let rate_limits = RateLimits::parse(code.as_ref().and_then(|code| code.get("$rateLimits")));
        Self { code, rate_limits, token_levels, compiled: RwLock::default() }
    }

    /// Returns the rule for an action; `None` if the action is allowed for everyone.
    ///
    /// # Errors
    ///
    /// Returns an error if the rule does not compile.
    pub(crate) fn rule(&self, namespace: &str, action: &Action) -> Result<Option<Arc<Rule>>, Failure> {
        let key = (namespace.to_owned(), action.clone());
        if let Some(known) = self.compiled.read().get(&key) {
            return Ok(known.clone());
        }
        let rule = match self.find(namespace, action) {
            RuleText::Missing => None,
            RuleText::BuiltIn(text) => Some(self.compile(namespace, namespace, action, &text.into(), false)),
            RuleText::Written(owner, path, value) => {
                let rule = self.compile(namespace, owner, action, value, false);
                Some(rule.map_err(|errors| (path, errors)))
                    .transpose()
                    .map_err(|(path, errors)| not_compiled(&path, &errors))?
                    .map(Ok)
            }
        };
        let rule = rule.transpose().map_err(|errors| not_compiled(&[namespace], &errors))?.map(Arc::new);
        self.compiled.write().insert(key, rule.clone());
        Ok(rule)
    }

    /// Returns whether rules can take tokens, so that a second evaluation can differ from the
    /// first.
    pub(crate) fn has_rate_limits(&self) -> bool {
        !self.rate_limits.names().is_empty()
    }

    /// Returns whether any attribute of a namespace has a field rule.
    pub(crate) fn has_fields(&self, namespace: &str) -> bool {
        self.part(namespace, "fields").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty())
    }

    /// Returns whether a namespace has a rule of its own for an action, apart from defaults.
    pub(crate) fn has_own(&self, namespace: &str, action: &str) -> bool {
        member(self.part(namespace, "allow"), action).is_some()
    }

    fn find(&self, namespace: &str, action: &Action) -> RuleText<'_> {
        let (key, label) = action.key();
        if let Some(label) = label {
            let part = match action {
                Action::Field(_) => self.part(namespace, "fields"),
                _ => self.part(namespace, "allow").and_then(|allow| allow.get(key)),
            };
            let defaults: &[&str] = if matches!(action, Action::Field(_)) { &[] } else { &[DEFAULT] };
            for label in [label].into_iter().chain(defaults.iter().copied()) {
                let Some((label, value)) = member(part, label) else { continue };
                let Some((owner, _)) = member(self.code.as_ref(), namespace) else { continue };
                return match action {
                    Action::Field(_) => RuleText::Written(owner, vec![owner, "fields", label], value),
                    _ => RuleText::Written(owner, vec![owner, "allow", key, label], value),
                };
            }
            return RuleText::Missing;
        }
        for owner in [namespace, DEFAULT] {
            for action in [key, DEFAULT] {
                let allow = self.part(owner, "allow");
                if let Some((action, value)) = member(allow, action)
                    && let Some((owner, _)) = member(self.code.as_ref(), owner)
                {
                    return RuleText::Written(owner, vec![owner, "allow", action], value);
                }
            }
        }
        match (namespace, action) {
            ("$users", Action::View | Action::Update) => RuleText::BuiltIn(OWN_USER),
            ("$users", Action::Create) => RuleText::BuiltIn("true"),
            (namespace, _) if namespace.starts_with('$') => RuleText::BuiltIn("false"),
            _ => RuleText::Missing,
        }
    }

    fn part(&self, namespace: &str, part: &str) -> Option<&Value> {
        self.code.as_ref()?.get(namespace)?.get(part)
    }

    /// Compiles a rule of `owner` for an action on `namespace`. `on_push` also checks the names of
    /// rate limits.
    pub(super) fn compile(
        &self,
        namespace: &str,
        owner: &str,
        action: &Action,
        value: &Value,
        on_push: bool,
    ) -> Result<Rule, Vec<CompileError>> {
        let malformed = || vec![CompileError::new("There was an unexpected error evaluating the rules")];
        let text = match value {
            Value::Bool(value) => value.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(malformed()),
        };
        let expanded = self.binds(owner)?.expand(&text).map_err(|error| vec![error])?;
        let mut scope = Scope::of_action(action.name()).unwrap_or_default();
        if on_push {
            scope = scope.rate_limits(self.rate_limits.names());
        }
        let program = expanded.expression.compile(&scope)?;
        Ok(Rule {
            namespace: namespace.to_owned(),
            action: action.name(),
            program,
            code: expanded.text,
            display: value.clone(),
        })
    }

    /// Returns the binds of a namespace. Its own hide those of `$default` with the same name.
    fn binds(&self, namespace: &str) -> Result<Binds<'_>, Vec<CompileError>> {
        let mut binds = Vec::new();
        for owner in [DEFAULT, namespace] {
            match self.part(owner, "bind") {
                Some(Value::Array(items)) => {
                    if !items.len().is_multiple_of(2) {
                        return Err(vec![CompileError::new(ODD_BIND)]);
                    }
                    let pairs = items.chunks_exact(2);
                    binds.extend(pairs.filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()))));
                }
                Some(Value::Object(members)) => {
                    binds.extend(members.iter().map(|(name, value)| (name, value.as_str())));
                }
                _ => {}
            }
        }
        Ok(Binds::from_iter(binds))
    }
}

pub(super) const ODD_BIND: &str = "bind should have an even number of elements";
const OWN_USER: &str =
    "auth.id == data.id || (data.linkedPrimaryUser != null && auth.id == data.linkedPrimaryUser)";

/// Returns a member that is not null, with its key.
fn member<'a>(object: Option<&'a Value>, name: &str) -> Option<(&'a str, &'a Value)> {
    let mut members = object?.as_object()?.iter();
    members.find(|(own, _)| *own == name).filter(|(_, value)| !value.is_null())
}

fn not_compiled(path: &[&str], errors: &[CompileError]) -> Failure {
    let issues = errors.iter().map(to_issue);
    let mut invalid = ValidationError::new("permission", Issue::default());
    invalid.issues = issues.collect();
    Failure::invalid(&invalid, Value::from_iter(path.iter().copied()))
}

impl Action {
    /// Returns the key in `allow` and, for links and fields, the label below it.
    fn key(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::View => ("view", None),
            Self::Create => ("create", None),
            Self::Update => ("update", None),
            Self::Delete => ("delete", None),
            Self::Link(label) => ("link", Some(label)),
            Self::Unlink(label) => ("unlink", Some(label)),
            Self::Field(label) => ("fields", Some(label)),
        }
    }

    /// Returns the name of the action in responses.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Field(_) => "view",
            other => other.key().0,
        }
    }
}

impl Rule {
    /// Returns `program` of debug responses.
    pub(crate) fn to_json(&self) -> Object {
        Object::from_iter([
            ("code".to_owned(), self.code.as_str().into()),
            ("display-code".to_owned(), self.display.clone()),
            ("etype".to_owned(), self.namespace.as_str().into()),
            ("action".to_owned(), self.action.into()),
        ])
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("code", &self.code).finish_non_exhaustive()
    }
}

/// Returns the issue of an error: its position, counted from 1, and its help stand next to the
/// message.
pub(super) fn to_issue(error: &CompileError) -> Issue {
    let mut issue = Issue::message(&error.message);
    let character = error.position.map(|at| ("character".to_owned(), Value::from(u64::from(at) + 1)));
    let help = error.help.as_deref().map(|help| ("help".to_owned(), help.into()));
    issue.hint = Some(Object::from_iter(character.into_iter().chain(help))).filter(|hint| !hint.is_empty());
    issue
}
