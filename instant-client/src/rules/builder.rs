//! Permission rules built in Rust.

use std::marker::PhantomData;

use instant_core::{Object, Value};

use super::{
    RateLimit, Rules,
    subject::{ByName, Defaults, FieldOf, sealed},
};
use crate::{
    attr::Marker,
    entity::Entity,
    link::{LinkHandle, LinkType},
};

/// A builder of [`Rules`]; see [`Rules::builder`].
///
/// ```
/// use instant_client::Rules;
///
/// let rules = Rules::builder()
///     .namespace("notes", |note| note.view("data.public").delete(false))
///     .defaults(|rest| rest.otherwise("auth.id != null"))
///     .new_attributes(false)
///     .build();
/// assert_eq!(
///     rules.to_string(),
///     r#"{"notes":{"allow":{"view":"data.public","delete":"false"}},"$default":{"allow":{"$default":"auth.id != null"}},"attrs":{"allow":{"create":"false"}}}"#,
/// );
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RulesBuilder {
    rules: Object,
}

/// The rules of one namespace: of entity `E`, of a namespace given as text ([`ByName`]), or the
/// defaults ([`Defaults`]).
///
/// An action without a rule uses [`otherwise`](Self::otherwise), then [`RulesBuilder::defaults`].
/// If neither is set, the action is allowed.
///
/// ```
/// use instant_client::{Rules, User, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     title: String,
///     draft: Option<String>,
///     #[instant(link(reverse = "notes", forward))]
///     owner: One<User>,
/// }
///
/// let rules = Rules::builder()
///     .entity::<Note>(|note| {
///         note.bind("mine", "auth.id != null && auth.id == data.owner")
///             .view(true)
///             .create("auth.id != null")
///             .update("mine")
///             .delete("mine")
///             .field(|n| n.draft, "mine") // the others do not see it
///             .link(|n| n.owner, "auth.id == linkedData.id") // nobody gives a note to others
///             .unlink(|n| n.owner, false)
///     })
///     .build();
/// let note = rules.as_object().get("notes").ok_or("no rules for notes")?;
/// assert_eq!(note.get("fields").and_then(|fields| fields.get("draft")?.as_str()), Some("mine"));
/// # Ok::<_, &str>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "rules do nothing until they are returned to the builder"]
pub struct RulesFor<E> {
    block: Object,
    entity: Marker<E>,
}

/// A rule: a CEL expression, or a `bool` that allows or denies the action.
///
/// ```
/// use instant_client::Rules;
///
/// let rules = Rules::builder().namespace("notes", |note| note.view(true).update("auth.id == data.owner")).build();
/// assert_eq!(
///     rules.to_string(),
///     r#"{"notes":{"allow":{"view":"true","update":"auth.id == data.owner"}}}"#
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule(String);

impl RulesBuilder {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds rules for the namespace of entity `E`, which can be [`User`](crate::User) or
    /// [`File`](crate::File).
    ///
    /// ```
    /// use instant_client::{File, Rules, User};
    ///
    /// let rules = Rules::builder()
    ///     .entity::<User>(|user| user.view("auth.id == data.id"))
    ///     .entity::<File>(|file| file.create("auth.id != null && data.path.startsWith(auth.id + '/')"))
    ///     .build();
    /// assert!(rules.as_object().get("$users").is_some());
    /// ```
    pub fn entity<E: Entity>(self, rules: impl FnOnce(RulesFor<E>) -> RulesFor<E>) -> Self {
        self.block(E::NAMESPACE, rules)
    }

    /// Adds rules for a namespace that no struct declares.
    ///
    /// ```
    /// use instant_client::Rules;
    ///
    /// let rules = Rules::builder().namespace("notes", |note| note.field("draft", "auth.id == data.owner")).build();
    /// assert_eq!(rules.to_string(), r#"{"notes":{"fields":{"draft":"auth.id == data.owner"}}}"#);
    /// ```
    pub fn namespace(
        self,
        namespace: impl AsRef<str>,
        rules: impl FnOnce(RulesFor<ByName>) -> RulesFor<ByName>,
    ) -> Self {
        self.block(namespace.as_ref(), rules)
    }

    /// Adds default rules (`$default`) for namespaces without rules of their own, and binds that
    /// all rules can use.
    ///
    /// Defaults take precedence over Instant's built-in rules for its own namespaces: a default
    /// that denies hides users from themselves, and one that allows opens all files. There are no
    /// defaults for fields and links.
    ///
    /// ```compile_fail,E0599
    /// use instant_client::Rules;
    ///
    /// Rules::builder().defaults(|rest| rest.view(false).field("secret", false));
    /// ```
    pub fn defaults(self, rules: impl FnOnce(RulesFor<Defaults>) -> RulesFor<Defaults>) -> Self {
        self.block("$default", rules)
    }

    /// Sets the rule for creating attributes by writing to them: `attrs.allow.create`.
    pub fn new_attributes(self, rule: impl Into<Rule>) -> Self {
        self.block("attrs", |attrs: RulesFor<Defaults>| attrs.create(rule))
    }

    /// Adds a rate limit that rules use by `name`. If there are several `limits`, each must have a
    /// token left.
    pub fn rate_limit(mut self, name: impl AsRef<str>, limits: impl IntoIterator<Item = RateLimit>) -> Self {
        let limits = Value::from_iter(limits.into_iter().map(RateLimit::to_json));
        let bucket = Object::from_iter([("limits".to_owned(), limits)]);
        self.rules.object_entry("$rateLimits").insert(name.as_ref(), bucket);
        self
    }

    /// Returns the rules.
    #[must_use]
    pub fn build(self) -> Rules {
        Rules(self.rules)
    }

    /// Merges into what was already said about the namespace.
    fn block<E>(mut self, namespace: &str, rules: impl FnOnce(RulesFor<E>) -> RulesFor<E>) -> Self {
        let block = std::mem::take(self.rules.object_entry(namespace));
        self.rules.insert(namespace, rules(RulesFor { block, entity: PhantomData }).block);
        self
    }
}

impl<E> RulesFor<E> {
    /// Sets the rule for reading an entity. `data` is the entity.
    pub fn view(self, rule: impl Into<Rule>) -> Self {
        self.allow("view", rule.into())
    }

    /// Sets the rule for creating an entity. `newData` is the new entity.
    pub fn create(self, rule: impl Into<Rule>) -> Self {
        self.allow("create", rule.into())
    }

    /// Sets the rule for updating an entity. `data` is the entity before the update, `newData`
    /// after it.
    pub fn update(self, rule: impl Into<Rule>) -> Self {
        self.allow("update", rule.into())
    }

    /// Sets the rule for deleting an entity. `data` is the entity.
    pub fn delete(self, rule: impl Into<Rule>) -> Self {
        self.allow("delete", rule.into())
    }

    /// Sets the rule of all actions without one (`$default`). It does not apply to link rules.
    ///
    /// ```
    /// use instant_client::Rules;
    ///
    /// let rules = Rules::builder().namespace("notes", |note| note.view(true).otherwise(false)).build();
    /// assert_eq!(rules.to_string(), r#"{"notes":{"allow":{"view":"true","$default":"false"}}}"#);
    /// ```
    pub fn otherwise(self, rule: impl Into<Rule>) -> Self {
        self.allow("$default", rule.into())
    }

    /// Defines a name for an expression, for use in rules and other binds of this namespace.
    ///
    /// ```
    /// use instant_client::Rules;
    ///
    /// let rules = Rules::builder().namespace("notes", |note| note.bind("mine", "auth.id == data.owner").update("mine")).build();
    /// assert_eq!(
    ///     rules.to_string(),
    ///     r#"{"notes":{"bind":{"mine":"auth.id == data.owner"},"allow":{"update":"mine"}}}"#
    /// );
    /// ```
    pub fn bind(mut self, name: impl AsRef<str>, expression: impl Into<Rule>) -> Self {
        self.block.object_entry("bind").insert(name.as_ref(), expression.into().0);
        self
    }

    fn allow(mut self, action: &str, rule: Rule) -> Self {
        self.block.object_entry("allow").insert(action, rule.0);
        self
    }

    fn below(mut self, action: &str, label: &str, rule: Rule) -> Self {
        self.block.object_entry("allow").object_entry(action).insert(label, rule.0);
        self
    }

    fn fields(mut self, label: &str, rule: Rule) -> Self {
        self.block.object_entry("fields").insert(label, rule.0);
        self
    }
}

impl<E: sealed::Namespace> RulesFor<E> {
    /// Sets the rule for links that no rule names. If neither end has a rule, linking requires
    /// permission to update the forward entity and to view the other one.
    pub fn link_otherwise(self, rule: impl Into<Rule>) -> Self {
        self.below("link", "$default", rule.into())
    }

    /// Sets the rule for unlinking links that no rule names.
    pub fn unlink_otherwise(self, rule: impl Into<Rule>) -> Self {
        self.below("unlink", "$default", rule.into())
    }
}

impl<E: Entity> RulesFor<E> {
    /// Sets the rule for reading one attribute or forward link of a visible entity. Instant ignores
    /// rules of reverse links, so they do not compile.
    pub fn field<R: FieldOf<E>>(self, of: impl FnOnce(&E::Fields) -> R, rule: impl Into<Rule>) -> Self {
        self.fields(of(&E::FIELDS).label(), rule.into())
    }

    /// Sets the rule for linking. `linkedData` is the entity at the other end.
    pub fn link<L: LinkType<Owner = E>>(
        self,
        link: impl FnOnce(&E::Fields) -> LinkHandle<L>,
        rule: impl Into<Rule>,
    ) -> Self {
        self.below("link", link(&E::FIELDS).label(), rule.into())
    }

    /// Sets the rule for unlinking. `linkedData` is the entity at the other end.
    pub fn unlink<L: LinkType<Owner = E>>(
        self,
        link: impl FnOnce(&E::Fields) -> LinkHandle<L>,
        rule: impl Into<Rule>,
    ) -> Self {
        self.below("unlink", link(&E::FIELDS).label(), rule.into())
    }
}

impl RulesFor<ByName> {
    /// Sets the rule for reading one attribute or forward link of a visible entity.
    pub fn field(self, label: impl AsRef<str>, rule: impl Into<Rule>) -> Self {
        self.fields(label.as_ref(), rule.into())
    }

    /// Sets the rule for linking. `linkedData` is the entity at the other end.
    pub fn link(self, label: impl AsRef<str>, rule: impl Into<Rule>) -> Self {
        self.below("link", label.as_ref(), rule.into())
    }

    /// Sets the rule for unlinking. `linkedData` is the entity at the other end.
    pub fn unlink(self, label: impl AsRef<str>, rule: impl Into<Rule>) -> Self {
        self.below("unlink", label.as_ref(), rule.into())
    }
}

impl From<&str> for Rule {
    fn from(rule: &str) -> Self {
        Self(rule.to_owned())
    }
}

impl From<String> for Rule {
    fn from(rule: String) -> Self {
        Self(rule)
    }
}

/// Converts to text, the only form that servers accept for `$users`.
impl From<bool> for Rule {
    fn from(allowed: bool) -> Self {
        Self(allowed.to_string())
    }
}
