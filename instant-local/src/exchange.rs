//! Apps as lines: what a snapshot holds is written out, and lines are written in. The form of a line is `instant-core`'s.
//!
//! Left out is what belongs to this server alone: sessions, codes, uploaded files and streams.

use std::io::{self, BufRead};

use instant_core::{
    Object, Uuid, Value,
    export::{CreatedAt, EntityLine, Line, Lines, LinkLine, is_exported},
};

use crate::{
    apps::HostedApp,
    catalog::{Attribute, Catalog, Namespace},
    document::Document,
    error::LocalError,
    failure::Failure,
    layout,
    local::Local,
    state::State,
    store::Direction,
    transact,
};

/// So many lines are imported in one transaction.
const BATCH: usize = 500;

/// What an export wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// Attributes and links of the schema.
    pub attributes: u64,
    /// Entities.
    pub entities: u64,
    /// Links between entities.
    pub links: u64,
    /// Rows that were left out, by namespace: what belongs to one server alone, such as uploaded files and sessions.
    pub left_out: Vec<(String, u64)>,
}

impl Local {
    /// Writes an app as lines of JSON, as it is at this moment: schema, rules, entities, links. Two apps with the same content give
    /// the same bytes. Sessions, magic codes, uploaded files and streams are left out.
    ///
    /// ```
    /// use instant_core::Value;
    /// use instant_local::Local;
    ///
    /// let local = Local::in_memory();
    /// let garden = local.create_app("garden")?.id;
    /// let steps = r#"[["update", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "herbs"}]]"#;
    /// local.engine(garden).ok_or("no such app")?.transact(&Value::parse(steps)?)?;
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
    /// If there is no such app, its store cannot be read, or `out` takes no more.
    pub fn export(&self, app_id: Uuid, out: impl io::Write) -> Result<Exported, LocalError> {
        Export { state: self.found(app_id)?.state()?, out, done: Exported::default() }.run()
    }

    /// Reads an app's lines into an app, and answers how many it read. Ids, values, and when entities were created stay what they
    /// are; what the app has beyond the lines stays, too. So reading the same lines again changes nothing.
    ///
    /// Lines are written some hundred at a time; those of a batch with an error are not, those before it are.
    ///
    /// # Errors
    ///
    /// [`LocalError::Lines`] and [`LocalError::Line`] name the line that cannot be read or is refused: a value of the wrong type, or
    /// one that is taken; an attribute that the app has with other properties.
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

    /// Writes lines into an app, all or none. Each comes with its number, for errors.
    ///
    /// # Errors
    ///
    /// As [`Local::import`].
    pub fn import_lines(&self, app_id: Uuid, lines: &[(u64, Line)]) -> Result<(), LocalError> {
        self.found(app_id)?.load(lines)
    }

    fn found(&self, app_id: Uuid) -> Result<std::sync::Arc<HostedApp>, Failure> {
        self.hosted(app_id).ok_or_else(|| Failure::not_found("app", [("id", app_id.into())]))
    }
}

struct Export<W> {
    state: State,
    out: W,
    done: Exported,
}

impl<W: io::Write> Export<W> {
    fn run(mut self) -> Result<Exported, LocalError> {
        let state = self.state.clone();
        self.line(&Line::Header)?;
        for attribute in state.catalog.attributes().into_iter().filter(|attribute| !attribute.system) {
            self.line(&Line::Attr(Box::new(attribute.attr.clone())))?;
            self.done.attributes += 1;
        }
        if let Some(bytes) = state.snapshot.get(&layout::meta("rules")).map_err(Failure::from)? {
            match std::str::from_utf8(&bytes).ok().and_then(|text| Value::parse(text).ok()) {
                Some(Value::Object(rules)) => self.line(&Line::Rules(rules))?,
                _ => return Err(Failure::damaged("rules that are no JSON object").into()),
            }
        }
        // By name: numbers say in which order an app met its namespaces.
        for (name, namespace) in state.catalog.namespaces_by_name() {
            if is_exported(name) {
                self.entities(&state, name, namespace)?;
            } else {
                let keys = state.snapshot.scan(&layout::creations(namespace.no), Direction::Ascending);
                match keys.map_err(Failure::from)?.count() as u64 {
                    0 => {}
                    rows => self.done.left_out.push((name.to_owned(), rows)),
                }
            }
        }
        for attribute in state.catalog.attributes() {
            if attribute.attr.is_link() && !attribute.is_to_one() && link_travels(attribute) {
                self.links(&state, attribute)?;
            }
        }
        self.out.flush().map_err(LocalError::Write)?;
        Ok(self.done)
    }

    /// Rows in the order of their creation, then what is no row.
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
            let value = Value::parse(json).map_err(|_| damaged("no JSON"))?;
            if attribute.attr.is_link() {
                let to = value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| damaged("no id"))?;
                if link_travels(attribute) {
                    links.push((attribute.label().to_owned(), to));
                }
            } else if attribute.label() != "id" {
                values.insert(attribute.label(), value);
            }
        }
        self.done.entities += 1;
        self.done.links += links.len() as u64;
        self.line(&Line::Entity(EntityLine { namespace: name.to_owned(), id, created, values, links }))
    }

    fn links(&mut self, state: &State, attribute: &Attribute) -> Result<(), LocalError> {
        let keys = state.snapshot.scan(&layout::links(attribute.no), Direction::Ascending);
        for entry in keys.map_err(Failure::from)? {
            let (key, _) = entry.map_err(Failure::from)?;
            self.done.links += 1;
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

/// Whether both ends travel.
fn link_travels(attribute: &Attribute) -> bool {
    let ends = [Some(&attribute.attr.forward), attribute.attr.reverse.as_ref()];
    ends.into_iter().flatten().all(|name| is_exported(&name.namespace))
}

impl HostedApp {
    /// Writes lines, all or none.
    pub(crate) fn load(&self, lines: &[(u64, Line)]) -> Result<(), LocalError> {
        self.writable()?;
        transact::load(&self.app, lines).map_err(|(number, failure)| match number {
            Some(number) => LocalError::Line { number, error: failure.error },
            None => failure.into(),
        })?;
        Ok(())
    }
}
