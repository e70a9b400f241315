//! Transactions built step by step.

use instant_core::{
    Value,
    steps::{self, Step},
};

use crate::{BuildError, IntoSteps};

/// Writes of any kind, collected in a loop or from an iterator. Either all of them are applied or
/// none.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     done: bool,
/// }
///
/// let mut all = Transaction::new();
/// all.push(Goal::create(NewGoal { done: false }));
/// all.extend([Id::new(), Id::new()].map(Goal::delete));
/// assert_eq!(all.to_json().unwrap().as_array().unwrap().len(), 3);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a transaction does nothing until a client transacts it"]
pub struct Transaction {
    steps: Vec<Step>,
    error: Option<BuildError>,
}

impl Transaction {
    /// Creates an empty transaction.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// assert!(Transaction::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a transaction of one or several writes, for functions that return writes of
    /// different types.
    ///
    /// ```
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// fn save(id: Option<Id<User>>) -> Transaction {
    ///     match id {
    ///         Some(id) => Transaction::of(User::update(id).set(|u| u.r#type, "user")),
    ///         None => Transaction::of(User::create(NewUser {})),
    ///     }
    /// }
    /// ```
    pub fn of(writes: impl IntoSteps) -> Self {
        let mut out = Self::new();
        out.push(writes);
        out
    }

    /// Adds one or several writes.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let mut all = Transaction::new();
    /// all.push(User::delete(Id::new()));
    /// all.push((User::delete(Id::new()), User::delete(Id::new())));
    /// assert_eq!(all.len(), 3);
    /// ```
    pub fn push(&mut self, write: impl IntoSteps) {
        if let Err(error) = write.into_steps(&mut self.steps) {
            self.error.get_or_insert(error);
        }
    }

    /// Adds steps in the wire format: an array of arrays.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let mut all = Transaction::new();
    /// all.push_raw(json!([["delete", "goals", Uuid::new_v4().to_string()]]));
    /// assert_eq!(all.len(), 1);
    /// ```
    pub fn push_raw(&mut self, steps: impl Into<Value>) {
        match steps::parse(&steps.into()) {
            Ok(steps) => self.steps.extend(steps),
            Err(error) => {
                self.error.get_or_insert(BuildError::new(format!("invalid steps: {error}")));
            }
        }
    }

    /// Returns the number of steps.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let mut all = Transaction::new();
    /// all.extend([Id::new(), Id::new()].map(User::delete));
    /// assert_eq!(all.len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns whether the transaction has no steps.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// assert!(Transaction::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the steps as JSON, for logging and debugging.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let all = Transaction::from_iter([User::delete(id)]);
    /// assert_eq!(all.to_json().unwrap().to_string(), format!(r#"[["delete","$users","{id}"]]"#));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if Instant cannot express one of the writes.
    pub fn to_json(&self) -> Result<Value, BuildError> {
        match &self.error {
            Some(error) => Err(error.clone()),
            None => Ok(steps::to_json(&self.steps)),
        }
    }
}

impl IntoSteps for Transaction {
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        out.extend(self.steps);
        self.error.map_or(Ok(()), Err)
    }
}

impl<W: IntoSteps> FromIterator<W> for Transaction {
    fn from_iter<I: IntoIterator<Item = W>>(writes: I) -> Self {
        let mut out = Self::new();
        out.extend(writes);
        out
    }
}

impl<W: IntoSteps> Extend<W> for Transaction {
    fn extend<I: IntoIterator<Item = W>>(&mut self, writes: I) {
        writes.into_iter().for_each(|write| self.push(write));
    }
}
