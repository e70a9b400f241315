//! Imports the lines of an export into an app.

use std::{io::BufRead, sync::Arc};

use instant_core::{
    Uuid,
    export::{Line, Lines},
};

use crate::{apps::HostedApp, error::LocalError, failure::Failure, local::Local, transact};

/// The number of lines that one transaction imports.
const BATCH: usize = 500;

impl Local {
    /// Imports the lines of an export into an app. Returns the number of lines. Entities keep their
    /// ids, values and times of creation, and other data of the app does not change. Importing the
    /// same lines again has no effect.
    ///
    /// Each transaction imports some hundred lines. An error discards its batch, but not those
    /// before it.
    ///
    /// # Errors
    ///
    /// [`LocalError::Lines`] and [`LocalError::Line`] name a line that cannot be parsed or is
    /// rejected: because of a value of the wrong type, a value of a unique attribute that another
    /// entity has, or an attribute that the app has with other properties.
    pub fn import(&self, app_id: Uuid, input: impl BufRead) -> Result<u64, LocalError> {
        let mut count = 0;
        let mut lines = Lines::new(input);
        loop {
            let batch =
                lines.by_ref().take(BATCH).collect::<Result<Vec<_>, _>>().map_err(LocalError::Lines)?;
            if batch.is_empty() {
                return Ok(count);
            }
            self.import_lines(app_id, &batch)?;
            count += batch.len() as u64;
        }
    }

    /// Imports lines in one transaction. The number of each line is for errors.
    ///
    /// # Errors
    ///
    /// As [`Local::import`].
    pub fn import_lines(&self, app_id: Uuid, lines: &[(u64, Line)]) -> Result<(), LocalError> {
        load(&*self.found(app_id)?, lines)
    }

    pub(crate) fn found(&self, app_id: Uuid) -> Result<Arc<HostedApp>, Failure> {
        self.hosted(app_id).ok_or_else(|| Failure::not_found("app", [("id", app_id.into())]))
    }
}

/// Writes lines, all or none.
pub(crate) fn load(app: &HostedApp, lines: &[(u64, Line)]) -> Result<(), LocalError> {
    app.writable()?;
    transact::load(&app.app, lines).map_err(|(number, failure)| match number {
        Some(number) => LocalError::Line { number, error: failure.error },
        None => failure.into(),
    })?;
    Ok(())
}
