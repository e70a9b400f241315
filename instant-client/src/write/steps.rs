//! Converts writes to the steps of a transaction.

use std::iter::{Chain, Filter, FilterMap, FlatMap, Map};

use instant_core::{
    Object, Value,
    steps::{self, EntityRef, Step, UpdateMode},
};

use super::{Action, Delete, Draft, Write};
use crate::{BuildError, IntoSteps};

impl Draft {
    fn steps(mut self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        self.leave_lookup_alone();
        let target = self.step_target()?;
        let params = self.rule_params.take().map(|params| Step::RuleParams(target.clone(), params));
        match self.action {
            Action::Delete => out.push(Step::Delete(target.clone())),
            Action::Create => out.push(Step::Create(target.clone(), self.values)),
            Action::Update | Action::Touch if !self.sends_update() => {}
            Action::Update | Action::Touch => out.push(Step::Update(target.clone(), self.values, self.mode)),
        }
        for (label, value) in self.merges {
            out.push(Step::Merge(target.clone(), Object::from_iter([(label.to_owned(), value)]), self.mode));
        }
        out.extend(self.unlinks.into_iter().map(|edges| Step::Unlink(target.clone(), vec![edges])));
        out.extend(self.links.into_iter().map(|edges| Step::Link(target.clone(), vec![edges])));
        out.extend(params);
        Ok(())
    }

    /// Returns whether an update step is part of the write.
    ///
    /// An update without values is sent if it is all of the write, or if it is strict and only
    /// links follow, which cannot be strict. An update that was not asked for would need its own
    /// permission.
    fn sends_update(&self) -> bool {
        if !self.values.is_empty() {
            return true;
        }
        let linked = !self.links.is_empty() || !self.unlinks.is_empty();
        let alone = self.merges.is_empty() && (!linked || self.mode == UpdateMode::Strict);
        self.action == Action::Update && alone
    }

    /// Removes the attribute of a lookup from the values if both are equal. The server would reject
    /// the update while no entity has the value, although it sets that value anyway.
    fn leave_lookup_alone(&mut self) {
        if let Some(EntityRef::Lookup(lookup)) = &self.target
            && self.values.get(&lookup.attr) == Some(&lookup.value)
        {
            self.values.remove(&lookup.attr);
        }
    }
}

/// Returns the steps as JSON.
fn to_json(write: impl IntoSteps) -> Result<Value, BuildError> {
    let mut out = Vec::new();
    write.into_steps(&mut out)?;
    Ok(steps::to_json(&out))
}

impl<E, K> Write<E, K> {
    /// Returns the steps as JSON, for logging and debugging.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let write = User::update(User::FIELDS.email.lookup("ada@example.com")).set(|u| u.r#type, "user");
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     r#"[["update","$users",["email","ada@example.com"],{"type":"user"}]]"#
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if Instant cannot express the write.
    pub fn to_json(self) -> Result<Value, BuildError> {
        to_json(self)
    }
}

impl<E> Delete<E> {
    /// Returns the steps as JSON, for logging and debugging.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::delete(id);
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["delete","$users","{id}"]]"#)
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if Instant cannot express the write.
    pub fn to_json(self) -> Result<Value, BuildError> {
        to_json(self)
    }
}

impl<E, K> IntoSteps for Write<E, K> {
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        self.draft.steps(out)
    }
}

impl<E> IntoSteps for Delete<E> {
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        self.draft.steps(out)
    }
}

/// Appends the steps of all writes.
fn all<W: IntoSteps>(writes: impl IntoIterator<Item = W>, out: &mut Vec<Step>) -> Result<(), BuildError> {
    for write in writes {
        write.into_steps(out)?;
    }
    Ok(())
}

impl<W: IntoSteps> IntoSteps for Vec<W> {
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        all(self, out)
    }
}

impl<W: IntoSteps> IntoSteps for Option<W> {
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        all(self, out)
    }
}

impl<W: IntoSteps, const N: usize> IntoSteps for [W; N] {
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        all(self, out)
    }
}

// Not implemented for every iterator: rustc must assume that a tuple can become one.
macro_rules! iterators {
    ($( $iterator:ty [$($bounds:tt)*]; )*) => {$(
        impl<W: IntoSteps, $($bounds)*> IntoSteps for $iterator {
            fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
                all(self, out)
            }
        }
    )*};
}
iterators! {
    std::vec::IntoIter<W> [];
    Map<I, F> [I: Iterator, F: FnMut(I::Item) -> W];
    FilterMap<I, F> [I: Iterator, F: FnMut(I::Item) -> Option<W>];
    FlatMap<I, U, F> [I: Iterator, U: IntoIterator<Item = W>, F: FnMut(I::Item) -> U];
    Filter<I, F> [I: Iterator<Item = W>, F: FnMut(&W) -> bool];
    Chain<I, J> [I: Iterator<Item = W>, J: Iterator<Item = W>];
}

macro_rules! tuples {
    ($( ($($write:ident)*) )*) => {$(
        #[expect(non_snake_case, reason = "type parameters name the variables")]
        impl<$($write: IntoSteps),*> IntoSteps for ($($write,)*) {
            fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
                let ($($write,)*) = self;
                $($write.into_steps(out)?;)*
                Ok(())
            }
        }
    )*};
}
tuples! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
}
