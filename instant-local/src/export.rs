//! Exports an app as lines of JSON, in the format that `instant-core` defines.
//!
//! Sessions, magic codes, uploaded files and streams belong to one server and are not exported.

use std::io;

use instant_core::{
    Object, Uuid, Value,
    export::{CreatedAt, EntityLine, Line, LinkLine, is_exported},
};

use crate::{
    catalog::{Attribute, Catalog, Namespace},
    document::Document,
    error::LocalError,
    failure::Failure,
    layout::{self, MetaKey},
    local::Local,
    state::State,
    store::Direction,
};

/// The number of lines of an export, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportSummary {
    /// The number of attributes and links of the schema.
    pub attributes: u64,
    /// The number of entities.
    pub entities: u64,
    /// The number of links between entities.
    pub links: u64,
    /// The number of omitted rows by namespace, such as uploaded files and sessions.
    pub omitted: Vec<(String, u64)>,
}

impl Local {
    /// Writes the current state of an app as lines of JSON: schema, rules, entities and links. Apps
    /// with the same content have the same export. Sessions, magic codes, uploaded files and
    /// streams are omitted.
    ///
    /// ```
    /// use instant_core::Value;
    /// use instant_local::Local;
    ///
    /// let local = Local::in_memory();
    /// let garden = local.create_app("garden")?.id;
    /// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
    /// let steps = format!(r#"[["update", "beds", "{id}", {{"name": "herbs"}}]]"#);
    /// local.engine(garden).ok_or("app not found")?.transact(&Value::parse(&steps)?)?;
    /// let mut first = Vec::new();
    /// assert_eq!(local.export(garden, &mut first)?.entities, 1);
    ///
    /// let copy = local.create_app("copy")?.id;
    /// local.import(copy, &*first)?;
    /// let mut second = Vec::new();
    /// local.export(copy, &mut second)?;
    /// assert_eq!(first, second);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the app does not exist, its store cannot be read, or writing to `out` fails.
    pub fn export(&self, app_id: Uuid, out: impl io::Write) -> Result<ExportSummary, LocalError> {
        Export { state: self.found(app_id)?.state()?, out, summary: ExportSummary::default() }.run()
    }
}

struct Export<W> {
    state: State,
    out: W,
    summary: ExportSummary,
}

impl<W: io::Write> Export<W> {
    fn run(mut self) -> Result<ExportSummary, LocalError> {
        let state = self.state.clone();
        self.line(&Line::Header)?;
        for attribute in state.catalog.attributes().into_iter().filter(|attribute| !attribute.system) {
            self.line(&Line::Attr(Box::new(attribute.attr.clone())))?;
            self.summary.attributes += 1;
        }
        if let Some(bytes) = state.snapshot.get(&layout::meta(MetaKey::Rules)).map_err(Failure::from)? {
            match std::str::from_utf8(&bytes).ok().and_then(|text| Value::parse(text).ok()) {
                Some(Value::Object(rules)) => self.line(&Line::Rules(rules))?,
                _ => return Err(Failure::damaged("rules that are not a JSON object").into()),
            }
        }
        // Sorted by name, because the numbers of namespaces depend on the order of their creation.
        for (name, namespace) in state.catalog.namespaces_by_name() {
            if is_exported(name) {
                self.entities(&state, name, namespace)?;
            } else {
                let keys = state.snapshot.scan(&layout::creations(namespace.no), Direction::Ascending);
                match keys.map_err(Failure::from)?.count() as u64 {
                    0 => {}
                    rows => self.summary.omitted.push((name.to_owned(), rows)),
                }
            }
        }
        for attribute in state.catalog.attributes() {
            if attribute.attr.is_link() && !attribute.is_to_one() && is_link_exported(attribute) {
                self.links(&state, attribute)?;
            }
        }
        self.out.flush().map_err(LocalError::Write)?;
        Ok(self.summary)
    }

    /// Writes the rows of a namespace in the order of their creation, then its other entities.
    fn entities(&mut self, state: &State, name: &str, namespace: &Namespace) -> Result<(), LocalError> {
        let rows = state.snapshot.scan(&layout::creations(namespace.no), Direction::Ascending);
        for entry in rows.map_err(Failure::from)? {
            let (key, _) = entry.map_err(Failure::from)?;
            let (id, created) = (layout::last_id(&key), CreatedAt::Micros(layout::created(&key)));
            let document = state.document(namespace.no, &id).map_err(Failure::from)?;
            let document = document.ok_or_else(|| Failure::damaged(format!("no document of {name}/{id}")))?;
            self.entity(&state.catalog, name, id, created, &Document::new(&document))?;
        }
        let all = state.snapshot.scan(&layout::entities(namespace.no), Direction::Ascending);
        for entry in all.map_err(Failure::from)? {
            let (key, bytes) = entry.map_err(Failure::from)?;
            let document = Document::new(&bytes);
            if document.created().is_none() {
                self.entity(&state.catalog, name, layout::last_id(&key), CreatedAt::Never, &document)?;
            }
        }
        Ok(())
    }

    fn entity(
        &mut self,
        catalog: &Catalog,
        name: &str,
        id: Uuid,
        created: CreatedAt,
        document: &Document<'_>,
    ) -> Result<(), LocalError> {
        let (mut values, mut links) = (Object::new(), Vec::new());
        for (no, json) in document.values() {
            let damaged = |what: &str| Failure::damaged(format!("{what} in the document of {name}/{id}"));
            let attribute = catalog.attribute(no).ok_or_else(|| damaged("an unknown attribute"))?;
            let value = Value::parse(json).map_err(|_| damaged("a value that is not JSON"))?;
            if attribute.attr.is_link() {
                let to = value
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| damaged("a link that is not an id"))?;
                if is_link_exported(attribute) {
                    links.push((attribute.label().to_owned(), to));
                }
            } else if attribute.label() != "id" {
                values.insert(attribute.label(), value);
            }
        }
        self.summary.entities += 1;
        self.summary.links += links.len() as u64;
        self.line(&Line::Entity(EntityLine { namespace: name.to_owned(), id, created, values, links }))
    }

    fn links(&mut self, state: &State, attribute: &Attribute) -> Result<(), LocalError> {
        let keys = state.snapshot.scan(&layout::links(attribute.no), Direction::Ascending);
        for entry in keys.map_err(Failure::from)? {
            let (key, _) = entry.map_err(Failure::from)?;
            self.summary.links += 1;
            let (namespace, label) = (attribute.attr.forward.namespace.clone(), attribute.label().to_owned());
            let (from, to) = (layout::first_id(&key), layout::last_id(&key));
            self.line(&Line::Link(LinkLine { namespace, label, from, to }))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Result<(), LocalError> {
        writeln!(self.out, "{line}").map_err(LocalError::Write)
    }
}

/// Returns whether the namespaces at both ends of a link are exported.
fn is_link_exported(attribute: &Attribute) -> bool {
    let ends = [Some(&attribute.attr.forward), attribute.attr.reverse.as_ref()];
    ends.into_iter().flatten().all(|name| is_exported(&name.namespace))
}
