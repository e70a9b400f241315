//! The rows of `$files`: made and replaced by uploads, deleted by path.

use std::collections::BTreeSet;

use instant_core::{Uuid, Value};

use super::{FILES, Upload};
use crate::{
    app::Identity,
    apps::Hosted,
    auth::holders,
    catalog::Catalog,
    document::Document,
    failure::Failure,
    rules::{Source, State},
    store::Snapshot,
};

/// What is uploaded, beside the bytes.
#[derive(Debug, Clone)]
pub(crate) struct NewFile {
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) content_disposition: String,
}

/// What the rules of `$files` are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileAction {
    Create,
    Delete,
}

impl Hosted {
    /// Makes the file at a path of uploaded bytes, or replaces its bytes. Answers the row's id and the location of the bytes.
    pub(crate) fn put_file(&self, file: &NewFile, upload: Upload) -> Result<(Uuid, Uuid), Failure> {
        self.writable()?;
        let size = upload.size();
        let location = upload.keep()?;
        let written = self.app.change(|rows| {
            self.writable()?;
            let (snapshot, catalog) = rows.read();
            let known = by_path(snapshot, catalog, &file.path)?;
            let id = known.unwrap_or_else(Uuid::new_v4);
            rows.create(FILES, &id)?;
            rows.set(FILES, &id, "path", &file.path)?;
            rows.set(FILES, &id, "size", size)?;
            rows.set(FILES, &id, "content-type", &file.content_type)?;
            rows.set(FILES, &id, "content-disposition", &file.content_disposition)?;
            rows.set(FILES, &id, "location-id", location.to_string())?;
            rows.set(FILES, &id, "key-version", 1)?;
            Ok(id)
        });
        match written {
            Ok((id, _)) => Ok((id, location)),
            Err(failure) => {
                self.blobs.remove(location);
                Err(failure)
            }
        }
    }

    /// Deletes the files at some paths, and answers the ids of those that were there.
    pub(crate) fn delete_files(&self, paths: &[&str]) -> Result<Vec<Uuid>, Failure> {
        self.writable()?;
        let view = self.app.view()?;
        let is_there = |path: &&str| Ok(by_path(&view.snapshot, &view.catalog, path)?.is_some());
        if !paths.iter().map(is_there).collect::<Result<Vec<_>, Failure>>()?.contains(&true) {
            return Ok(Vec::new());
        }
        let (ids, _) = self.app.change(|rows| {
            self.writable()?;
            let (snapshot, catalog) = rows.read();
            let mut ids = BTreeSet::new();
            for path in paths {
                ids.extend(by_path(snapshot, catalog, path)?);
            }
            rows.delete(FILES, ids.iter().copied())?;
            rows.check_required()?;
            Ok(Vec::from_iter(ids))
        })?;
        Ok(ids)
    }

    /// The file at a path: what its address is made of.
    pub(crate) fn file_at(&self, path: &str) -> Result<Option<Stored>, Failure> {
        let view = self.app.view()?;
        let Some(id) = by_path(&view.snapshot, &view.catalog, path)? else { return Ok(None) };
        let Some(namespace) = view.catalog.namespace(FILES) else { return Ok(None) };
        let document = view.document(namespace.no, &id)?;
        Ok(document.and_then(|bytes| Stored::of(&view.catalog, &Document::new(&bytes))))
    }

    /// Refuses a caller whom the rules of `$files` do not allow to do something to each of these paths.
    pub(crate) fn check_files(
        &self,
        identity: &Identity,
        source: Source,
        action: FileAction,
        paths: &[&str],
    ) -> Result<(), Failure> {
        if *identity == Identity::Admin || paths.is_empty() {
            return Ok(());
        }
        let name = match action {
            FileAction::Create => "create",
            FileAction::Delete => "delete",
        };
        let denied = || Failure::denied([FILES, name], "has-storage-permission?");
        let view = self.app.view()?;
        let permissions = view.permissions(source)?;
        let state = State { snapshot: &view.snapshot, catalog: &view.catalog };
        let create = matches!(action, FileAction::Create);
        for path in paths {
            if !permissions.allows_file(state, identity, create, path)? {
                return Err(denied());
            }
        }
        Ok(())
    }
}

/// What the address of a file is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) location: Uuid,
    pub(crate) content_type: String,
    pub(crate) content_disposition: String,
}

impl Stored {
    /// Reads it from a row; nothing if the row is no complete file.
    pub(crate) fn of(catalog: &Catalog, document: &Document<'_>) -> Option<Self> {
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

fn by_path(snapshot: &Snapshot, catalog: &Catalog, path: &str) -> Result<Option<Uuid>, Failure> {
    Ok(holders(snapshot, catalog, FILES, "path", path)?.pop())
}

/// Whether a row of `$files` has its bytes at a location.
pub(super) fn is_used(snapshot: &Snapshot, catalog: &Catalog, location: Uuid) -> Result<bool, Failure> {
    Ok(!holders(snapshot, catalog, FILES, "location-id", &location.to_string())?.is_empty())
}
