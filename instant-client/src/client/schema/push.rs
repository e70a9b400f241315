//! A push of a declared schema: adds and tightens, and weakens what the caller allows by name.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use instant_core::schema::{AttrDef, Cardinality, LinkEnd, Schema};
use tokio::time::Instant;

use super::{
    Difference, SchemaChange, SchemaClient, SchemaDifference,
    app_attrs::{self, AppAttr},
    change,
    compare::compare,
    indexing_jobs,
};
use crate::{Error, error::ErrorKind, retry::Effect, schema::validate};

/// A push of a schema, which starts when it is awaited; see [`SchemaClient::push`].
#[derive(Debug, Clone)]
#[must_use = "a push does nothing until it is awaited"]
pub struct SchemaPush {
    client: SchemaClient,
    schema: Schema,
    allowed: Vec<String>,
}

/// The changes that a [push](SchemaClient::push) would perform, shown as a list with one line per
/// change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaPlan {
    /// The changes in the order of the push; empty if the app is up to date.
    pub changes: Vec<SchemaChange>,
    /// The properties that the app has, the schema does not declare, and the push keeps. If a type
    /// differs from the declared one, the push is rejected instead.
    pub kept: Vec<SchemaDifference>,
}

/// The changes that a [push](SchemaClient::push) performed, shown as a list with one line per
/// change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushResult {
    /// The changes in the order performed; empty if the app was up to date.
    pub changes: Vec<SchemaChange>,
    /// The properties that the app has, the schema does not declare, and the push kept.
    pub kept: Vec<SchemaDifference>,
}

impl SchemaPush {
    pub(super) fn new(client: SchemaClient, schema: Schema) -> Self {
        Self { client, schema, allowed: Vec::new() }
    }

    /// Allows the push to weaken the attribute or link end `name`, such as `goals.slug`: to remove
    /// its uniqueness, index, requirement, type or cascade, to change its type, or to turn a link
    /// to one into a link to many.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    /// # mod before {
    /// #     use instant_client::prelude::*;
    /// #     #[derive(InstantEntity)]
    /// #     #[instant(namespace = "goals")]
    /// #     pub struct Goal { id: Id<Goal>, #[instant(unique)] slug: String }
    /// # }
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     slug: String, // `#[instant(unique)]` in an earlier version
    /// }
    ///
    /// let db = Client::in_memory();
    /// # db.schema().push(&schema![before::Goal]).await?;
    /// let pushed = db.schema().push(&schema![Goal]).await?;
    /// assert_eq!(
    ///     pushed.to_string(),
    ///     "nothing to change\n\
    ///      keep goals.slug: is declared not unique, and is unique in the app\n",
    /// );
    /// let pushed = db.schema().push(&schema![Goal]).allow("goals.slug").await?;
    /// assert_eq!(pushed.to_string(), "remove-unique goals.slug\n");
    /// # }
    /// ```
    pub fn allow(mut self, name: impl Into<String>) -> Self {
        self.allowed.push(name.into());
        self
    }

    /// Returns the changes that the push would perform. `POST /dash/apps/:id/schema/push/plan`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`](crate::ErrorKind::Build) as for [`push`](SchemaClient::push); any
    /// rejection by the server, for example because a name is in use. Only a push checks whether
    /// the data allows the changes.
    pub async fn plan(&self) -> Result<SchemaPlan, Error> {
        let (schema, kept) = self.merge().await?;
        let response = self.client.post("push/plan", &schema, Effect::Read).await?;
        Ok(SchemaPlan { changes: change::changes(&response)?, kept })
    }

    async fn perform(self) -> Result<PushResult, Error> {
        let start = Instant::now();
        let (schema, kept) = self.merge().await?;
        let conflicts = kept.iter().filter(|kept| is_conflict(kept.kind));
        let conflicts = Vec::from_iter(
            conflicts.map(|kept| format!("{kept}; to change it, push with `.allow(\"{}\")`", name(kept))),
        );
        if !conflicts.is_empty() {
            let message = format!("the push changed nothing: {}", conflicts.join("; "));
            return Err(Error::new(ErrorKind::SchemaRejected, message));
        }
        let response = self.client.post("push/apply", &schema, Effect::IdempotentWrite).await?;
        let changes = change::changes(&response)?;
        indexing_jobs::wait(&self.client.client, &response, &changes, start).await?;
        Ok(PushResult { changes, kept })
    }

    /// Returns the schema with the stronger properties of the app that the caller does not allow to
    /// change, and lists these properties.
    async fn merge(&self) -> Result<(Schema, Vec<SchemaDifference>), Error> {
        validate(&self.schema, ErrorKind::Build)?;
        self.validate_allowed()?;
        let existing = app_attrs::pull(&self.client.client).await?;
        let mut schema = self.schema.clone();
        let kept = compare(&schema, &existing).differences.into_iter().filter(|difference| {
            weakens(difference.kind)
                && !is_system(&existing, difference)
                && !self.allowed.contains(&name(difference))
        });
        let kept = Vec::from_iter(kept);
        kept.iter().for_each(|difference| keep(&mut schema, difference));
        Ok((schema, kept))
    }

    fn validate_allowed(&self) -> Result<(), Error> {
        let attrs = self.schema.entities.iter().flat_map(|entity| {
            entity.attrs.iter().map(|attr| format!("{}.{}", entity.namespace, attr.label))
        });
        let ends = self.schema.links.iter().flat_map(|link| [&link.forward, &link.reverse]);
        let known = Vec::from_iter(attrs.chain(ends.map(|end| format!("{}.{}", end.on, end.label))));
        match self.allowed.iter().find(|allowed| !known.contains(allowed)) {
            None => Ok(()),
            Some(unknown) => {
                let message = format!(
                    "`allow(\"{unknown}\")`: the schema does not declare that attribute; it declares {}",
                    known.join(", ")
                );
                Err(Error::new(ErrorKind::Build, message))
            }
        }
    }
}

impl IntoFuture for SchemaPush {
    type Output = Result<PushResult, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.perform())
    }
}

/// Returns whether a change to the declared property weakens the app's.
fn weakens(kind: Difference) -> bool {
    match kind {
        Difference::MissingNamespace | Difference::MissingAttribute | Difference::MissingLink => false,
        Difference::Type { found, .. } => found.is_some(),
        Difference::Required { declared }
        | Difference::Indexed { declared }
        | Difference::Unique { declared }
        | Difference::Cascade { declared } => !declared,
        Difference::Cardinality { declared } => declared == Cardinality::Many,
    }
}

/// Returns whether a program with the declared property cannot work with the app's.
fn is_conflict(kind: Difference) -> bool {
    matches!(kind, Difference::Type { declared: Some(_), found: Some(_) })
}

/// Returns whether a difference concerns a property that only the platform can change.
fn is_system(existing: &[AppAttr], difference: &SchemaDifference) -> bool {
    existing.iter().filter(|existing| existing.system).any(|existing| {
        let ends = [Some(&existing.attr.forward), existing.attr.reverse.as_ref()];
        ends.into_iter()
            .flatten()
            .any(|end| (&end.namespace, &end.label) == (&difference.namespace, &difference.label))
    })
}

/// Sets a property of the schema to the app's.
fn keep(schema: &mut Schema, difference: &SchemaDifference) {
    let SchemaDifference { namespace, label, kind } = difference;
    let entities = schema.entities.iter_mut().filter(|entity| entity.namespace == *namespace);
    for attr in entities.flat_map(|entity| &mut entity.attrs).filter(|attr| attr.label == *label) {
        keep_attribute(attr, *kind);
    }
    let ends = schema.links.iter_mut().flat_map(|link| [&mut link.forward, &mut link.reverse]);
    for end in ends.filter(|end| (&end.on, &end.label) == (namespace, label)) {
        keep_end(end, *kind);
    }
}

fn keep_attribute(attr: &mut AttrDef, kind: Difference) {
    match kind {
        Difference::Type { found, .. } => attr.checked_type = found,
        Difference::Required { .. } => attr.required = true,
        Difference::Indexed { .. } => attr.indexed = true,
        Difference::Unique { .. } => attr.unique = true,
        _ => {}
    }
}

fn keep_end(end: &mut LinkEnd, kind: Difference) {
    match kind {
        Difference::Required { .. } => end.required = true,
        Difference::Cardinality { .. } => end.has = Cardinality::One,
        Difference::Cascade { .. } => end.on_delete_cascade = true,
        _ => {}
    }
}

fn name(difference: &SchemaDifference) -> String {
    format!("{}.{}", difference.namespace, difference.label)
}

impl fmt::Display for SchemaPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines(&self.changes, &self.kept, f)
    }
}

impl fmt::Display for PushResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines(&self.changes, &self.kept, f)
    }
}

fn lines(changes: &[SchemaChange], kept: &[SchemaDifference], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    change::lines(changes, f)?;
    kept.iter().try_for_each(|kept| {
        let text = kept.to_string();
        let (name, reason) = text.split_once(' ').unwrap_or((&text, ""));
        writeln!(f, "keep {name}: {reason}")
    })
}
