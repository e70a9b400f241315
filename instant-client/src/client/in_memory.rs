//! An Instant in memory in the making: its schema, its rules, what it holds at first.

use std::error::Error as _;

use instant_core::{
    export::{Line, Lines},
    schema::Schema,
    steps::{self, Step},
};
use instant_local::{Limits, Local};

use super::{
    Client,
    embedded::{embedded, refused},
};
use crate::{
    BuildError, Error, IntoSteps,
    error::ErrorKind,
    rules::{Rules, RulesError},
    schema::validate,
};

/// An Instant in memory, in the making; see [`Client::in_memory_with`].
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
/// let app = Client::in_memory_with(schema![Note])
///     .rules(Rules::builder().entity::<Note>(|note| note.view("auth.id != null && auth.id == data.owner")).build())
///     .limits(Limits::default())
///     .seed((ada, note))
///     .seed_json_lines(concat!(
///         r#"{"format": "instant-export", "version": 1}"#, "\n",
///         r#"{"entity": "notes", "id": "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", "values": {"title": "Call Bob"}}"#, "\n",
///     ))
///     .build()?;
///
/// assert_eq!(app.query(Note::query()).await?.len(), 2);
/// assert_eq!(app.as_user(As::email("ada@example.com")).query(Note::query()).await?.len(), 1);
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct InMemory {
    schema: Schema,
    rules: Option<Rules>,
    limits: Limits,
    /// With their numbers in the text that they come from.
    lines: Vec<(u64, Line)>,
    steps: Vec<Step>,
    /// The first of what is wrong with what was given.
    error: Option<Unfit>,
}

/// What was given that cannot be used.
#[derive(Debug, Clone)]
enum Unfit {
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

    /// Permission rules: [`Rules`], a JSON object, or its text.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, Client, schema::Schema};
    ///
    /// let rules = r#"{"$default": {"allow": {"$default": "false"}}}"#; // or include_str!("perms.json")
    /// let app = Client::in_memory_with(Schema::default()).rules(rules).build()?;
    /// assert!(app.as_user(As::guest()).storage().list().await?.is_empty());
    /// # }
    /// ```
    pub fn rules(mut self, rules: impl TryInto<Rules, Error: Into<RulesError>>) -> Self {
        match rules.try_into() {
            Ok(rules) => self.rules = Some(rules),
            Err(error) => self.fail(Unfit::Rules(error.into())),
        }
        self
    }

    /// What a request may cost; what a real Instant allows, unless something else is said here.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use instant_client::{Client, Limits, schema::Schema};
    ///
    /// let mut limits = Limits::default();
    /// limits.time = Duration::from_millis(500);
    /// let db = Client::in_memory_with(Schema::default()).limits(limits).build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What the app holds at first: writes as for [`Client::transact`], performed by its admin. Several calls make one transaction.
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
            self.fail(Unfit::Seed(error));
        }
        self
    }

    /// What the app holds at first: lines as `instant export` writes them, see `docs/export-format.md`, of which the first is
    /// `{"format": "instant-export", "version": 1}`. They go in before what [`seed`](Self::seed) says; rules among them count unless
    /// [`rules`](Self::rules) gives others.
    pub fn seed_json_lines(mut self, lines: impl AsRef<str>) -> Self {
        // A text within the program is not cut short.
        let whole = format!("{}\n", lines.as_ref().trim_end());
        match Lines::new(whole.as_bytes()).collect::<Result<Vec<_>, _>>() {
            Ok(lines) => self.lines.extend(lines),
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
                self.fail(Unfit::Lines(format!("the seed cannot be read: {error}{cause}")));
            }
        }
        self
    }

    /// The client of the new app.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if something that was given is not what it should be, or if Instant refuses the schema, the rules or the
    /// seed. Of a line its number is told, and of values their attribute.
    pub fn build(self) -> Result<Client, Error> {
        if let Some(error) = self.error {
            return Err(error.into());
        }
        validate(&self.schema, ErrorKind::Config)?;
        let local = Local::in_memory();
        let given = self.rules.is_some();
        let rules = self.rules.map(Rules::into_object);
        // A seed is no request, and may be larger than one.
        let mut generous = Limits::default();
        generous.parameters = usize::MAX;
        let local = local.with_limits(generous);
        let app = local.create_app_with("in memory", &self.schema, rules);
        let app = app.map_err(|error| refused("the schema or the rules are refused", error))?;
        let mut lines = self.lines;
        lines.retain(|(_, line)| !(given && matches!(line, Line::Rules(_))));
        local.import_lines(app.id, &lines).map_err(|error| refused("the seed is refused", error))?;
        if let (false, Some(direct)) = (self.steps.is_empty(), local.engine(app.id)) {
            let done = direct.transact(&steps::to_json(&self.steps));
            done.map_err(|error| refused("the seed is refused", error))?;
        }
        embedded(local.with_limits(self.limits), &app)
    }

    fn fail(&mut self, error: Unfit) {
        self.error.get_or_insert(error);
    }
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Rules(error) => Self::caused(ErrorKind::Config, "", error),
            Unfit::Seed(error) => Self::new(
                ErrorKind::Config,
                format!("a write of the seed would not mean what it says: {error}"),
            ),
            Unfit::Lines(message) => Self::new(ErrorKind::Config, message),
        }
    }
}
