//! The rows of `$files`. Uploads create and replace them; they are deleted by path.

use std::collections::BTreeSet;

use instant_core::{Uuid, Value};

use super::{FILES, Upload};
use crate::{
    apps::HostedApp, auth::holders, catalog::Catalog, document::Document, failure::Failure, layout,
    request::RequestContext, rules::RuleSource, state::StateRef, transact::write_rows,
};

/// The properties of an uploaded file.
#[derive(Debug, Clone)]
pub(crate) struct NewFile {
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) content_disposition: String,
}

/// An action that the rules of `$files` can deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileAction {
    Create,
    Delete,
}

/// Creates the file at a path, or replaces its blob. Returns the id of the row and the location
/// of the blob.
pub(crate) fn put_file(app: &HostedApp, file: &NewFile, upload: Upload) -> Result<(Uuid, Uuid), Failure> {
    app.writable()?;
    let (location, digest) = upload.finish()?;
    let written = write_rows(&app.app, |rows| {
        app.writable()?;
        let state = rows.state();
        let known = by_path(state, &file.path)?;
        let id = known.unwrap_or_else(Uuid::new_v4);
        rows.create(FILES, &id)?;
        rows.set(FILES, &id, "path", &file.path)?;
        rows.set(FILES, &id, "size", digest.size)?;
        rows.set(FILES, &id, "content-type", &file.content_type)?;
        rows.set(FILES, &id, "content-disposition", &file.content_disposition)?;
        rows.set(FILES, &id, "location-id", location.to_string())?;
        rows.set(FILES, &id, "key-version", 1)?;
        rows.insert_entry(&layout::blob(&location), &digest.to_bytes());
        Ok(id)
    });
    match written {
        Ok(id) => Ok((id, location)),
        Err(failure) => {
            app.blobs.remove(location);
            Err(failure)
        }
    }
}

/// Deletes the files at `paths`. Returns the ids of those that existed.
pub(crate) fn delete_files(app: &HostedApp, paths: &[&str]) -> Result<Vec<Uuid>, Failure> {
    app.writable()?;
    let state = app.state()?;
    let exists = |path: &&str| Ok(by_path(state.by_ref(), path)?.is_some());
    if !paths.iter().map(exists).collect::<Result<Vec<_>, Failure>>()?.contains(&true) {
        return Ok(Vec::new());
    }
    let ids = write_rows(&app.app, |rows| {
        app.writable()?;
        let state = rows.state();
        let mut ids = BTreeSet::new();
        for path in paths {
            ids.extend(by_path(state, path)?);
        }
        rows.delete(FILES, ids.iter().copied())?;
        rows.check_required()?;
        Ok(Vec::from_iter(ids))
    })?;
    Ok(ids)
}

/// Returns the file at a path.
pub(crate) fn file_at(app: &HostedApp, path: &str) -> Result<Option<StoredFile>, Failure> {
    let state = app.state()?;
    let Some(id) = by_path(state.by_ref(), path)? else { return Ok(None) };
    let Some(namespace) = state.catalog.namespace(FILES) else { return Ok(None) };
    let document = state.document(namespace.no, &id)?;
    Ok(document.and_then(|bytes| StoredFile::from_row(&state.catalog, &Document::new(&bytes))))
}

/// Checks that the rules of `$files` allow the caller an action on all of `paths`.
pub(crate) fn check_files(
    app: &HostedApp,
    context: &RequestContext,
    action: FileAction,
    paths: &[&str],
) -> Result<(), Failure> {
    if context.caller.is_admin() || paths.is_empty() {
        return Ok(());
    }
    let name = match action {
        FileAction::Create => "create",
        FileAction::Delete => "delete",
    };
    let denied = || Failure::denied([FILES, name], "has-storage-permission?");
    let state = app.state()?;
    let rules = RuleSource::stored(&app.rules);
    let permissions = rules.permissions(&state.snapshot, app.app.id(), false)?;
    let create = matches!(action, FileAction::Create);
    for path in paths {
        if !permissions.allows_file(state.by_ref(), context, create, path)? {
            return Err(denied());
        }
    }
    Ok(())
}

/// A blob and its headers, as the URL of a file contains them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredFile {
    pub(crate) location: Uuid,
    pub(crate) content_type: String,
    pub(crate) content_disposition: String,
}

impl StoredFile {
    /// Reads it from a row, or returns `None` if the row is not a complete file.
    pub(crate) fn from_row(catalog: &Catalog, document: &Document<'_>) -> Option<Self> {
        let text = |label: &str| match document.value(catalog.resolve(FILES, label)?.attribute.no)? {
            Value::String(text) => Some(text),
            _ => None,
        };
        Some(Self {
            location: text("location-id")?.parse().ok()?,
            content_type: text("content-type").unwrap_or_default(),
            content_disposition: text("content-disposition").unwrap_or_default(),
        })
    }
}

fn by_path(state: StateRef<'_>, path: &str) -> Result<Option<Uuid>, Failure> {
    Ok(holders(state, FILES, "path", path)?.pop())
}

/// Returns whether a row of `$files` refers to a blob.
pub(super) fn is_used(state: StateRef<'_>, location: Uuid) -> Result<bool, Failure> {
    Ok(!holders(state, FILES, "location-id", &location.to_string())?.is_empty())
}
