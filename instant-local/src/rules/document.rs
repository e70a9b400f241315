//! The rule document of an app: which rule applies where, and compiling it when it is first needed
//! (`transactions.md` B.1 to B.3).

use std::{collections::HashMap, fmt, sync::Arc};

use instant_cel::{CompileError, Expression, Program, Record, Scope};
use instant_core::{Issue, Object, ValidationError, Value};
use parking_lot::RwLock;

use super::{
    limits::{Buckets, Limiter},
    validate::to_issue,
};
use crate::failure::Failure;

/// The rules of one version.
pub(crate) struct Rules {
    /// As they were pushed; none if they never were.
    pub(super) code: Option<Value>,
    pub(super) buckets: Buckets,
    pub(super) limiter: Arc<Limiter>,
    compiled: RwLock<Compiled>,
}

/// By namespace and action.
type Compiled = HashMap<(String, Action), Option<Arc<Rule>>>;

/// What is to be done, as far as rules tell it apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    View,
    Create,
    Update,
    Delete,
    Link(String),
    Unlink(String),
    /// Seeing one attribute.
    Field(String),
}

/// A rule, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The namespace that it is applied to.
    pub(crate) namespace: String,
    /// As errors and debug answers name what it is about.
    pub(crate) action: &'static str,
    pub(crate) program: Program,
    /// With its binds.
    pub(crate) code: String,
    /// As it is written.
    pub(crate) display: Value,
}

/// What a rule that is found looks like.
enum Found<'a> {
    /// In the namespace whose binds it sees.
    Written(&'a str, Vec<&'a str>, &'a Value),
    /// What the server has for its own namespaces.
    BuiltIn(&'static str),
    /// Everything is allowed.
    Nothing,
}

const DEFAULT: &str = "$default";

impl Rules {
    pub(crate) fn new(code: Option<Value>, limiter: Arc<Limiter>) -> Self {
        let buckets = Buckets::parse(code.as_ref().and_then(|code| code.get("$rateLimits")));
        Self { code, buckets, limiter, compiled: RwLock::default() }
    }

    /// The rule for an action; none if everybody may.
    ///
    /// # Errors
    ///
    /// A rule that does not compile.
    pub(crate) fn rule(&self, namespace: &str, action: &Action) -> Result<Option<Arc<Rule>>, Failure> {
        let key = (namespace.to_owned(), action.clone());
        if let Some(known) = self.compiled.read().get(&key) {
            return Ok(known.clone());
        }
        let rule = match self.find(namespace, action) {
            Found::Nothing => None,
            Found::BuiltIn(text) => Some(self.compile(namespace, namespace, action, &text.into(), false)),
            Found::Written(owner, path, value) => {
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

    /// Whether rules can take tokens, so that evaluating them again is not the same.
    pub(crate) fn has_buckets(&self) -> bool {
        !self.buckets.names().is_empty()
    }

    /// Whether any attribute of a namespace has a rule of its own.
    pub(crate) fn has_fields(&self, namespace: &str) -> bool {
        self.part(namespace, "fields").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty())
    }

    /// Whether a namespace itself has a rule for an action, defaults left out.
    pub(crate) fn has_own(&self, namespace: &str, action: &str) -> bool {
        member(self.part(namespace, "allow"), action).is_some()
    }

    fn find(&self, namespace: &str, action: &Action) -> Found<'_> {
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
                    Action::Field(_) => Found::Written(owner, vec![owner, "fields", label], value),
                    _ => Found::Written(owner, vec![owner, "allow", key, label], value),
                };
            }
            return Found::Nothing;
        }
        for owner in [namespace, DEFAULT] {
            for action in [key, DEFAULT] {
                let allow = self.part(owner, "allow");
                if let Some((action, value)) = member(allow, action)
                    && let Some((owner, _)) = member(self.code.as_ref(), owner)
                {
                    return Found::Written(owner, vec![owner, "allow", action], value);
                }
            }
        }
        match (namespace, action) {
            ("$users", Action::View | Action::Update) => Found::BuiltIn(OWN_USER),
            ("$users", Action::Create) => Found::BuiltIn("true"),
            (namespace, _) if namespace.starts_with('$') => Found::BuiltIn("false"),
            _ => Found::Nothing,
        }
    }

    fn part(&self, namespace: &str, part: &str) -> Option<&Value> {
        self.code.as_ref()?.get(namespace)?.get(part)
    }

    /// Compiles a rule of `owner` for an action on `namespace`; `checked` says that it is pushed, which looks at more.
    pub(super) fn compile(
        &self,
        namespace: &str,
        owner: &str,
        action: &Action,
        value: &Value,
        checked: bool,
    ) -> Result<Rule, Vec<CompileError>> {
        let bad = || vec![CompileError::new("There was an unexpected error evaluating the rules")];
        let text = match value {
            Value::Bool(value) => value.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(bad()),
        };
        let mut binds = Binds { known: self.binds(owner)?, order: Vec::new(), path: Vec::new() };
        let mut parsed = Expression::parse(&text).map_err(|error| vec![error])?;
        binds.follow(&parsed).map_err(|error| vec![error])?;
        let mut code = text;
        for (name, value, text) in binds.order.into_iter().rev() {
            parsed = parsed.bind(name, value).map_err(|error| vec![error])?;
            code = format!("cel.bind({name}, {text}, {code})");
        }
        let mut scope = Scope::new(action.records());
        if checked {
            scope = scope.rate_limits(self.buckets.names());
        }
        let program = parsed.compile(&scope)?;
        Ok(Rule {
            namespace: namespace.to_owned(),
            action: action.name(),
            program,
            code,
            display: value.clone(),
        })
    }

    /// The binds that rules of a namespace see: its own before those of `$default`.
    fn binds(&self, namespace: &str) -> Result<HashMap<&str, &Value>, Vec<CompileError>> {
        let mut binds = HashMap::new();
        for owner in [DEFAULT, namespace] {
            match self.part(owner, "bind") {
                Some(Value::Array(items)) => {
                    if !items.len().is_multiple_of(2) {
                        return Err(vec![CompileError::new(ODD_BIND)]);
                    }
                    binds
                        .extend(items.chunks_exact(2).filter_map(|pair| Some((pair[0].as_str()?, &pair[1]))));
                }
                Some(Value::Object(members)) => binds.extend(members.iter()),
                _ => {}
            }
        }
        Ok(binds)
    }
}

pub(super) const ODD_BIND: &str = "bind should have an even number of elements";
const OWN_USER: &str =
    "auth.id == data.id || (data.linkedPrimaryUser != null && auth.id == data.linkedPrimaryUser)";

/// A member that is set; null is not.
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

/// Follows names to binds, and puts each bind behind those that it uses.
struct Binds<'a> {
    known: HashMap<&'a str, &'a Value>,
    order: Vec<(&'a str, Expression, &'a str)>,
    path: Vec<&'a str>,
}

/// More binds than that in a row nest too deep.
const MAX_PATH: usize = 250;

impl Binds<'_> {
    fn follow(&mut self, parsed: &Expression) -> Result<(), CompileError> {
        for name in parsed.names() {
            let Some((name, value)) = self.known.get_key_value(&*name) else { continue };
            let (name, value) = (*name, *value);
            if let Some(from) = self.path.iter().position(|own| *own == name) {
                let cycle = [&self.path[from..], &[name]].concat().join(" -> ");
                return Err(CompileError::new(format!("The binds have a cyclic dependency {cycle}")));
            }
            if self.order.iter().any(|(own, ..)| *own == name) {
                continue;
            }
            if self.path.len() >= MAX_PATH {
                return Err(CompileError::new(format!("the binds nest deeper than {MAX_PATH} levels")));
            }
            let Some(text) = value.as_str() else {
                return Err(CompileError::new("There was an unexpected error evaluating the rules"));
            };
            let parsed = Expression::parse(text)?;
            self.path.push(name);
            self.follow(&parsed)?;
            self.path.pop();
            self.order.push((name, parsed, text));
        }
        Ok(())
    }
}

impl Action {
    /// The key in `allow`, and the label below it.
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

    /// As answers name it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Field(_) => "view",
            other => other.key().0,
        }
    }

    fn records(&self) -> &'static [Record] {
        use Record::{Actions, Data, LinkedData, NewData};
        match self {
            Self::View | Self::Delete | Self::Field(_) => &[Data],
            Self::Create | Self::Update => &[Data, NewData],
            Self::Link(_) => &[Data, NewData, LinkedData, Actions],
            Self::Unlink(_) => &[Data, NewData, LinkedData],
        }
    }
}

impl Rule {
    /// `program` of debug answers.
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
