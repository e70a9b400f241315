//! Rules written in Rust.

use std::marker::PhantomData;

use instant_core::{Object, Value};

use super::{
    RateLimit, Rules,
    subject::{ByName, Defaults, FieldOf, sealed},
};
use crate::{
    attr::Marker,
    entity::Entity,
    link::{Link, LinkType},
};

/// Rules in the making; see [`Rules::builder`].
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
#[must_use = "a builder does nothing before `build`"]
pub struct RulesBuilder {
    rules: Object,
}

/// The rules of one namespace, of an entity `E` or [`ByName`]; or those of the others, [`Defaults`].
///
/// An action without a rule falls back on [`otherwise`](Self::otherwise), then on [`RulesBuilder::defaults`]; without those everybody may.
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

/// A rule: an expression in CEL, or whether everybody or nobody may.
///
/// ```
/// use instant_client::Rules;
///
/// let rules = Rules::builder().namespace("notes", |note| note.view(true).update("auth.id == data.owner")).build();
/// assert_eq!(rules.to_string(), r#"{"notes":{"allow":{"view":"true","update":"auth.id == data.owner"}}}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule(String);

impl RulesBuilder {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Rules for the namespace of `E`; `User` and `File` are entities, too.
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

    /// Rules for a namespace that no struct declares.
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

    /// Rules where a namespace has none of its own, and binds that all rules see: `$default`.
    ///
    /// They come before what Instant says of its own namespaces: one that denies hides users from themselves, and one that allows opens
    /// all files. Attributes and links have no defaults: their rules are the namespaces' own.
    ///
    /// ```compile_fail,E0599
    /// use instant_client::Rules;
    ///
    /// Rules::builder().defaults(|rest| rest.view(false).field("secret", false));
    /// ```
    pub fn defaults(self, rules: impl FnOnce(RulesFor<Defaults>) -> RulesFor<Defaults>) -> Self {
        self.block("$default", rules)
    }

    /// Who may make up attributes by writing values to them: `attrs.allow.create`.
    pub fn new_attributes(self, rule: impl Into<Rule>) -> Self {
        self.block("attrs", |attrs: RulesFor<Defaults>| attrs.create(rule))
    }

    /// A bucket that rules take tokens from by this name; where there are several limits, all of them must have tokens.
    pub fn rate_limit(mut self, name: impl AsRef<str>, limits: impl IntoIterator<Item = RateLimit>) -> Self {
        let limits = Value::from_iter(limits.into_iter().map(RateLimit::to_json));
        let bucket = Object::from_iter([("limits".to_owned(), limits)]);
        self.rules.object_entry("$rateLimits").insert(name.as_ref(), bucket);
        self
    }

    /// The rules.
    #[must_use]
    pub fn build(self) -> Rules {
        Rules(self.rules)
    }

    /// What was said of the namespace before stays.
    fn block<E>(mut self, namespace: &str, rules: impl FnOnce(RulesFor<E>) -> RulesFor<E>) -> Self {
        let block = std::mem::take(self.rules.object_entry(namespace));
        self.rules.insert(namespace, rules(RulesFor { block, entity: PhantomData }).block);
        self
    }
}

impl<E> RulesFor<E> {
    /// Who may see an entity. `data` is the entity.
    pub fn view(self, rule: impl Into<Rule>) -> Self {
        self.allow("view", rule.into())
    }

    /// Who may create an entity. `newData` is what it will be.
    pub fn create(self, rule: impl Into<Rule>) -> Self {
        self.allow("create", rule.into())
    }

    /// Who may change an entity. `data` is what it is, `newData` what it will be.
    pub fn update(self, rule: impl Into<Rule>) -> Self {
        self.allow("update", rule.into())
    }

    /// Who may delete an entity.
    pub fn delete(self, rule: impl Into<Rule>) -> Self {
        self.allow("delete", rule.into())
    }

    /// The rule of every action that has none: `$default`. It does not stand in for link rules.
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

    /// A name that rules of this namespace, and other binds, can use for an expression.
    ///
    /// ```
    /// use instant_client::Rules;
    ///
    /// let rules = Rules::builder().namespace("notes", |note| note.bind("mine", "auth.id == data.owner").update("mine")).build();
    /// assert_eq!(rules.to_string(), r#"{"notes":{"bind":{"mine":"auth.id == data.owner"},"allow":{"update":"mine"}}}"#);
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
    /// Who may link where no rule names the link. Where neither side has a rule, linking takes an update of the forward side and a view of
    /// the other.
    pub fn link_otherwise(self, rule: impl Into<Rule>) -> Self {
        self.below("link", "$default", rule.into())
    }

    /// Who may unlink where no rule names the link.
    pub fn unlink_otherwise(self, rule: impl Into<Rule>) -> Self {
        self.below("unlink", "$default", rule.into())
    }
}

impl<E: Entity> RulesFor<E> {
    /// Who may see one attribute, or where a forward link leads, of an entity that they see. Of a reverse link nobody asks for a rule.
    pub fn field<R: FieldOf<E>>(self, of: impl FnOnce(&E::Fields) -> R, rule: impl Into<Rule>) -> Self {
        self.fields(of(&E::FIELDS).label(), rule.into())
    }

    /// Who may link. `linkedData` is the entity at the other end.
    pub fn link<L: LinkType<Owner = E>>(
        self,
        link: impl FnOnce(&E::Fields) -> Link<L>,
        rule: impl Into<Rule>,
    ) -> Self {
        self.below("link", link(&E::FIELDS).label(), rule.into())
    }

    /// Who may unlink. `linkedData` is the entity at the other end.
    pub fn unlink<L: LinkType<Owner = E>>(
        self,
        link: impl FnOnce(&E::Fields) -> Link<L>,
        rule: impl Into<Rule>,
    ) -> Self {
        self.below("unlink", link(&E::FIELDS).label(), rule.into())
    }
}

impl RulesFor<ByName> {
    /// Who may see one attribute, or where a forward link leads, of an entity that they see.
    pub fn field(self, label: impl AsRef<str>, rule: impl Into<Rule>) -> Self {
        self.fields(label.as_ref(), rule.into())
    }

    /// Who may link. `linkedData` is the entity at the other end.
    pub fn link(self, label: impl AsRef<str>, rule: impl Into<Rule>) -> Self {
        self.below("link", label.as_ref(), rule.into())
    }

    /// Who may unlink. `linkedData` is the entity at the other end.
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

/// As text, since a server takes only that for `$users`.
impl From<bool> for Rule {
    fn from(allowed: bool) -> Self {
        Self(allowed.to_string())
    }
}
