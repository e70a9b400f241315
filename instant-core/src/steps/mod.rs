//! Transaction steps, as `POST /admin/transact` carries them (`docs/protocol/transactions.md`, "2.
//! Step forms" and "3. Entity references and lookups").

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
    /// `create`: creates an entity with these values. Rejected if the entity exists.
    Create(StepTarget, Object),
    /// `update`: sets these values.
    Update(StepTarget, Object, UpdateMode),
    /// `merge`: merges these values deeply into the stored ones. A null removes its key.
    Merge(StepTarget, Object, UpdateMode),
    /// `link`: adds links. On a to-one label, replaces the link.
    Link(StepTarget, Vec<LinkTargets>),
    /// `unlink`: removes these links.
    Unlink(StepTarget, Vec<LinkTargets>),
    /// `delete`: deletes the entity, its links, and the entities that cascade.
    Delete(StepTarget),
    /// `ruleParams`: sets values for the permission rules of this entity in this transaction.
    RuleParams(StepTarget, Object),
    /// `add-attr`: adds an attribute or a link to the schema.
    AddAttr(Box<Attr>),
    /// `delete-attr`: removes an attribute or a link from the schema.
    DeleteAttr(Uuid),
}

/// The entity that a step applies to.
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
    /// The namespace.
    pub namespace: String,
    /// The entity.
    pub entity: EntityRef,
}

/// A reference to one entity of a known namespace.
#[derive(Debug, Clone, PartialEq)]
pub enum EntityRef {
    /// The id of the entity.
    Id(Uuid),
    /// The value of a unique attribute.
    Lookup(Lookup),
    /// A malformed id, such as `1-1-1-1-1`, that the server rejects only when it executes the step.
    /// Only [`parse`] creates it.
    Malformed(Value),
}

/// A reference to an entity by the value of a unique attribute.
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
    /// The label of the attribute, or `link.id` for a unique link.
    pub attr: String,
    /// The value.
    pub value: Value,
}

/// The targets of one link in a `link` or `unlink` step.
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
    /// The label of the link, forward or reverse.
    pub label: String,
    /// The linked entities.
    pub targets: Vec<EntityRef>,
}

/// The effect of an `update` or `merge` step on an entity that does not exist.
///
/// ```
/// use instant_core::{Value, steps::{self, UpdateMode, Step}};
///
/// let json = Value::parse(r#"[["update", "goals", ["slug", "fit"], {"done": true}, {"upsert": false}]]"#)?;
/// assert!(matches!(steps::parse(&json)?[0], Step::Update(_, _, UpdateMode::Strict)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UpdateMode {
    /// The entity is created.
    #[default]
    Upsert,
    /// The transaction is rejected (`{"upsert": false}`).
    Strict,
}

impl Step {
    /// Returns the entity that the step applies to, or `None` for steps that change the schema.
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

    /// Returns the wire's name of the step.
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
