//! The builder for apps in memory: their schema, rules, limits and initial data.

use std::{error::Error as _, time::Duration};

use instant_core::{
    export::{Line, Lines},
    schema::Schema,
    steps::{self, Step},
};
use instant_local::{Limits, Local};

use super::{
    Client,
    embedded::{embedded, setup_error},
};
use crate::{
    BuildError, Error, IntoSteps,
    error::ErrorKind,
    rules::{Rules, RulesError},
    schema::validate,
};

/// A builder for an app in memory; see [`Client::in_memory_with`].
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{As, Limits, Rules, User, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     title: String,
///     #[instant(link(reverse = "notes", forward))]
///     owner: One<User>,
/// }
///
/// let ada = User::signed_up("ada@example.com");
/// let note = Note::create(NewNote { title: "Buy milk".into() }).link(|n| n.owner, ada.id());
/// let rules = Rules::builder()
///     .entity::<Note>(|note| note.view("auth.id != null && auth.id == data.owner"))
///     .build();
/// let app = Client::in_memory_with(schema![Note])
///     .rules(rules)
///     .limits(Limits::default())
///     .seed((ada, note))
///     .seed_json_lines(concat!(
///         r#"{"format": "instant-export", "version": 1}"#, "\n",
///         r#"{"entity": "notes", "id": "8aa64e4c-64f9-472e-8a61-3fa28870e6cb","#,
///         r#" "values": {"title": "Call Bob"}}"#, "\n",
///     ))
///     .build()?;
///
/// assert_eq!(app.query(Note::query()).await?.len(), 2);
/// assert_eq!(app.as_user(As::email("ada@example.com")).query(Note::query()).await?.len(), 1);
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct InMemory {
    schema: Schema,
    rules: Option<Rules>,
    limits: Limits,
    /// The lines with their numbers in the text.
    lines: Vec<(u64, Line)>,
    steps: Vec<Step>,
    /// The first error in the values given to the builder.
    error: Option<InvalidInput>,
}

/// An error in the values given to the builder.
#[derive(Debug, Clone)]
enum InvalidInput {
    Rules(RulesError),
    Seed(BuildError),
    Lines(String),
}

impl InMemory {
    pub(super) fn new(schema: Schema) -> Self {
        Self {
            schema,
            rules: None,
            limits: Limits::default(),
            lines: Vec::new(),
            steps: Vec::new(),
            error: None,
        }
    }

    /// Sets the permission rules: [`Rules`], a JSON object, or its text.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, Client, schema::Schema};
    ///
    /// // Or `include_str!("perms.json")`.
    /// let rules = r#"{"$default": {"allow": {"$default": "false"}}}"#;
    /// let app = Client::in_memory_with(Schema::default()).rules(rules).build()?;
    /// assert!(app.as_user(As::guest()).storage().list().await?.is_empty());
    /// # }
    /// ```
    pub fn rules(mut self, rules: impl TryInto<Rules, Error: Into<RulesError>>) -> Self {
        match rules.try_into() {
            Ok(rules) => self.rules = Some(rules),
            Err(error) => self.fail(InvalidInput::Rules(error.into())),
        }
        self
    }

    /// Sets the limits of a request; the defaults are those of a real server.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use instant_client::{Client, Limits, schema::Schema};
    ///
    /// let limits = Limits::new().time(Duration::from_millis(500));
    /// let db = Client::in_memory_with(Schema::default()).limits(limits).build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds initial data: writes as for [`Client::transact`], performed as the admin. All calls
    /// together form one transaction.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     title: String,
    /// }
    ///
    /// let goals = ["Get fit", "Read more"].map(|title| NewGoal { title: title.into() });
    /// let db = Client::in_memory_with(schema![Goal]).seed(goals.map(Goal::create)).build()?;
    /// assert_eq!(db.query(Goal::query()).await?.len(), 2);
    /// # }
    /// ```
    pub fn seed(mut self, writes: impl IntoSteps) -> Self {
        if let Err(error) = writes.into_steps(&mut self.steps) {
            self.fail(InvalidInput::Seed(error));
        }
        self
    }

    /// Adds initial data in the format of `instant export` (see `docs/export-format.md`), whose
    /// first line is `{"format": "instant-export", "version": 1}`. It is imported before the data
    /// of [`seed`](Self::seed). [`rules`](Self::rules) replaces any rules in it.
    pub fn seed_json_lines(mut self, lines: impl AsRef<str>) -> Self {
        // A text in the program cannot be truncated, so its last line may lack a line end.
        let text = format!("{}\n", lines.as_ref().trim_end());
        match Lines::new(text.as_bytes()).collect::<Result<Vec<_>, _>>() {
            Ok(lines) => self.lines.extend(lines),
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
                self.fail(InvalidInput::Lines(format!("failed to read the seed: {error}{cause}")));
            }
        }
        self
    }

    /// Creates the app and returns its client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if the schema, the rules or the seed are invalid. The message names
    /// the line of the seed, or the attribute of the value.
    pub fn build(self) -> Result<Client, Error> {
        if let Some(error) = self.error {
            return Err(error.into());
        }
        validate(&self.schema, ErrorKind::Config)?;
        let local = Local::in_memory();
        let has_rules = self.rules.is_some();
        let rules = self.rules.map(Rules::into_object);
        // A seed is not a request, so the limits of a request do not apply.
        let seed_limits = Limits::new().parameters(usize::MAX).time(Duration::MAX).held_bytes(usize::MAX);
        let local = local.with_limits(seed_limits);
        let app = local.create_app_with("in memory", &self.schema, rules);
        let app = app.map_err(|error| setup_error("the schema or the rules are invalid", error))?;
        let mut lines = self.lines;
        lines.retain(|(_, line)| !(has_rules && matches!(line, Line::Rules(_))));
        local.import_lines(app.id, &lines).map_err(|error| setup_error("the seed is invalid", error))?;
        if let (false, Some(engine)) = (self.steps.is_empty(), local.engine(app.id)) {
            let seeded = engine.transact(&steps::to_json(&self.steps));
            seeded.map_err(|error| setup_error("the seed is invalid", error))?;
        }
        embedded(local.with_limits(self.limits), &app)
    }

    fn fail(&mut self, error: InvalidInput) {
        self.error.get_or_insert(error);
    }
}

impl From<InvalidInput> for Error {
    fn from(input: InvalidInput) -> Self {
        match input {
            InvalidInput::Rules(error) => Self::caused(ErrorKind::Config, "", error),
            InvalidInput::Seed(error) => {
                Self::new(ErrorKind::Config, format!("a write of the seed is invalid: {error}"))
            }
            InvalidInput::Lines(message) => Self::new(ErrorKind::Config, message),
        }
    }
}
