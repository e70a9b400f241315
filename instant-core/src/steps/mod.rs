//! Transaction steps: what `POST /admin/transact` carries (`transactions.md` 2 and 3).

mod parse;
mod write;

use uuid::Uuid;

pub use parse::{parse, parse_uuid};
pub use write::to_json;

use crate::{Object, Value, schema::Attr};

/// One step of a transaction.
///
/// ```
/// use instant_core::{Value, steps};
///
/// let json = Value::parse(r#"[["update", "goals", ["slug", "fit"], {"done": true}, {"upsert": false}]]"#).unwrap();
/// let steps = steps::parse(&json).unwrap();
/// assert_eq!(steps::to_json(&steps), json);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `create`: a new entity with these values; refused if it exists.
    Create(StepTarget, Object),
    /// `update`: sets these values.
    Update(StepTarget, Object, UpdateMode),
    /// `merge`: merges these values deeply into the stored ones; a null key removes the key.
    Merge(StepTarget, Object, UpdateMode),
    /// `link`: adds links, or replaces that of a to-one label.
    Link(StepTarget, Vec<LinkTargets>),
    /// `unlink`: removes just these links.
    Unlink(StepTarget, Vec<LinkTargets>),
    /// `delete`: the entity, its links, and what cascades.
    Delete(StepTarget),
    /// `ruleParams`: values for the permission rules that this entity meets in this transaction.
    RuleParams(StepTarget, Object),
    /// `add-attr`: a new attribute or link.
    AddAttr(Box<Attr>),
    /// `delete-attr`: forgets an attribute or link.
    DeleteAttr(Uuid),
}

/// The entity that a step is about.
///
/// ```
/// use instant_core::{Uuid, steps::{self, Step, StepTarget}};
///
/// let id = Uuid::from_u128(7);
/// let step = Step::Delete(StepTarget { namespace: "goals".to_owned(), entity: id.into() });
/// assert_eq!(step.target().map(|target| target.namespace.as_str()), Some("goals"));
/// assert_eq!(steps::to_json(&[step]).to_string(), format!(r#"[["delete","goals","{id}"]]"#));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StepTarget {
    /// Its namespace.
    pub namespace: String,
    /// Which one.
    pub entity: EntityRef,
}

/// Names one entity of a known namespace.
#[derive(Debug, Clone, PartialEq)]
pub enum EntityRef {
    /// By its id.
    Id(Uuid),
    /// By the value of a unique attribute.
    Lookup(Lookup),
    /// By something that passes for an id until it is used, such as `1-1-1-1-1`; only reading steps makes it.
    Malformed(Value),
}

/// A unique attribute and its value.
///
/// ```
/// use instant_core::{Object, steps::{self, EntityRef, Lookup, UpdateMode, Step, StepTarget}};
///
/// let fit = EntityRef::Lookup(Lookup { attr: "slug".to_owned(), value: "fit".into() });
/// let target = StepTarget { namespace: "goals".to_owned(), entity: fit };
/// let done = Object::from_iter([("done".to_owned(), true.into())]);
/// let steps = [Step::Update(target, done, UpdateMode::Upsert)];
/// assert_eq!(steps::to_json(&steps).to_string(), r#"[["update","goals",["slug","fit"],{"done":true}]]"#);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// The attribute, or `link.id` for a unique link.
    pub attr: String,
    /// The value that names the entity.
    pub value: Value,
}

/// The entities at the other end of one label.
///
/// ```
/// use instant_core::{Uuid, steps::{self, LinkTargets, Step, StepTarget}};
///
/// let [goal, todo] = [7, 8].map(Uuid::from_u128);
/// let edges = LinkTargets { label: "todos".to_owned(), targets: vec![todo.into()] };
/// let step = Step::Link(StepTarget { namespace: "goals".to_owned(), entity: goal.into() }, vec![edges]);
/// assert!(steps::to_json(&[step]).to_string().starts_with(r#"[["link","goals","#));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinkTargets {
    /// The link, in either direction.
    pub label: String,
    /// What it leads to.
    pub targets: Vec<EntityRef>,
}

/// What happens to an entity that does not exist.
///
/// ```
/// use instant_core::{Value, steps::{self, UpdateMode, Step}};
///
/// let json = Value::parse(r#"[["update", "goals", ["slug", "fit"], {"done": true}, {"upsert": false}]]"#)?;
/// assert!(matches!(steps::parse(&json)?[0], Step::Update(_, _, UpdateMode::Strict)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UpdateMode {
    /// It is created.
    #[default]
    Upsert,
    /// The transaction is refused (`{"upsert": false}`).
    Strict,
}

impl Step {
    /// The entity that the step is about; none for steps about attributes.
    pub fn target(&self) -> Option<&StepTarget> {
        match self {
            Self::Create(target, _)
            | Self::Update(target, ..)
            | Self::Merge(target, ..)
            | Self::Link(target, _)
            | Self::Unlink(target, _)
            | Self::Delete(target)
            | Self::RuleParams(target, _) => Some(target),
            Self::AddAttr(_) | Self::DeleteAttr(_) => None,
        }
    }

    /// The wire's word for what the step does.
    ///
    /// ```
    /// use instant_core::{Value, steps};
    ///
    /// let json = Value::parse(r#"[["update", "goals", ["slug", "fit"], {"done": true}]]"#).unwrap();
    /// let steps = steps::parse(&json).unwrap();
    /// assert_eq!(steps[0].action(), "update");
    /// ```
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create(..) => "create",
            Self::Update(..) => "update",
            Self::Merge(..) => "merge",
            Self::Link(..) => "link",
            Self::Unlink(..) => "unlink",
            Self::Delete(_) => "delete",
            Self::RuleParams(..) => "ruleParams",
            Self::AddAttr(_) => "add-attr",
            Self::DeleteAttr(_) => "delete-attr",
        }
    }
}

impl From<Uuid> for EntityRef {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}
