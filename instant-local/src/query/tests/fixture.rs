//! Apps with the rows of a test, written directly to the store.

use std::path::Path;

use instant_core::{Uuid, Value, schema::Schema};

use crate::{
    app::App,
    caller::Caller,
    catalog::{Catalog, Namespace, Side},
    document::{Draft, id_json},
    failure::Failure,
    index, layout,
    limits::Limits,
    query::{Outcome, QueryOptions, execute, explain, parse},
    request::RequestContext,
    rules::{RuleSource, RulesCache},
    state::AppInfo,
    store::{Durability, Store, Transaction},
    transact::tests::create,
};

/// An app in memory and one in a file, with the same content.
pub(super) struct Fixture {
    pub(super) apps: [App; 2],
    pub(super) _directory: tempfile::TempDir,
}

impl Fixture {
    /// Creates the apps. `rows` are `namespace id {..}` in the order of their creation. Ids, and
    /// the values of links, are short names.
    pub(super) fn new(schema: &str, rows: &[(&str, &str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let schema = Schema::parse(&Value::parse(schema).unwrap()).unwrap();
        let file = Store::open(&Path::join(directory.path(), "app"), Durability::Relaxed).unwrap();
        let apps = [Store::in_memory(), file].map(|store| {
            let info = AppInfo { id: Uuid::nil(), admin_token: Uuid::nil(), title: "t".into(), created: 0 };
            let app = create(store, info, &schema).unwrap();
            let catalog = app.state().unwrap().catalog;
            app.write(|transaction| {
                for (created, (namespace, id, values)) in rows.iter().enumerate() {
                    write(transaction, &catalog, namespace, &short(id), values, created as i64);
                }
                Ok(())
            })
            .unwrap();
            app
        });
        Self { apps, _directory: directory }
    }

    /// Returns the result of a query, which must be the same on both stores.
    pub(super) fn query(&self, query: &str, inference: bool) -> Result<Value, Failure> {
        let query = Value::parse(&expand(query)).unwrap();
        let [memory, file] = self
            .apps
            .each_ref()
            .map(|app| run(app, &query, |options| options.inference = inference)?.into_response());
        assert_eq!(memory, file);
        memory.map(|response| Value::parse(std::str::from_utf8(&response.body).unwrap()).unwrap())
    }

    /// Checks the result of a query. In both texts, `#B1` stands for the id with the short name
    /// `B1`.
    #[track_caller]
    pub(super) fn check(&self, query: &str, want: &str) {
        let response = self.query(query, false).map_err(|failure| failure.to_string());
        assert_eq!(response, Ok(Value::parse(&expand(want)).unwrap()), "{query}");
    }

    /// Checks which rows of `namespace` the options find, by their short names.
    #[track_caller]
    pub(super) fn check_rows(&self, namespace: &str, options: &str, want: &str) {
        let query = format!("{{\"{namespace}\": {{\"$\": {options}}}}}");
        let found = match self.query(&query, false) {
            Ok(response) => names(response.get(namespace).unwrap()),
            Err(failure) => {
                format!("error: {}", failure.error.message.replace("Validation failed for query: ", ""))
            }
        };
        assert_eq!(found, want, "{query}");
    }

    /// Checks the plan of a query.
    #[track_caller]
    pub(super) fn check_plan(&self, namespace: &str, options: &str, want: &str) {
        let query = format!("{{\"{namespace}\": {{\"$\": {}}}}}", expand(options));
        for app in &self.apps {
            let parsed = parse(&Value::parse(&query).unwrap()).unwrap();
            let plan = explain(&app.state().unwrap(), &parsed, &Limits::default()).unwrap();
            assert_eq!(plan.join("; "), want, "{query}");
        }
    }
}

/// Runs a query as the admin, on the newest state.
pub(super) fn run(
    app: &App,
    query: &Value,
    set: impl FnOnce(&mut QueryOptions<'_>),
) -> Result<Outcome, Failure> {
    let (limits, rules) = (Limits::default(), RulesCache::default());
    let mut options = QueryOptions::new(&limits, RuleSource::stored(&rules));
    set(&mut options);
    run_as(&RequestContext::internal(Caller::Admin), app, query, &options)
}

/// Runs a query on the newest state.
pub(super) fn run_as(
    context: &RequestContext,
    app: &App,
    query: &Value,
    options: &QueryOptions<'_>,
) -> Result<Outcome, Failure> {
    let run = || execute(&app.state()?, context, &parse(query)?, options);
    run().map_err(|failure| failure.quoting(query))
}

/// Returns the short names of rows, in order.
pub(super) fn names(rows: &Value) -> String {
    let name = |row: &Value| {
        let Some(id) = row.get("id").and_then(Value::as_str) else { return "{}".to_owned() };
        let bytes = Uuid::parse_str(id).unwrap();
        String::from_utf8_lossy(bytes.as_bytes()).trim_matches('\0').to_owned()
    };
    Vec::from_iter(rows.as_array().unwrap().iter().map(name)).join(" ")
}

/// Returns the id with a short name. Ids sort as their names do.
pub(super) fn short(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Uuid::from_bytes(bytes)
}

/// Replaces `#` and a short name by its id.
fn expand(text: &str) -> String {
    let mut parts = text.split('#');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(part.len());
        out += &short(&part[..end]).to_string();
        out += &part[end..];
    }
    out
}

pub(super) fn write(
    transaction: &mut Transaction,
    catalog: &Catalog,
    namespace: &str,
    id: &Uuid,
    values: &str,
    created: i64,
) {
    let values = Value::parse(&expand(values)).unwrap();
    let values = values.as_object().unwrap();
    let namespace = catalog.namespace(namespace).unwrap();
    let mut draft = Draft::default();
    draft.created = Some(created);
    draft.set(namespace.id_attribute().unwrap().no, id_json(id));
    for attribute in
        namespace.stored.iter().filter(|attribute| attribute.attr.index && !attribute.attr.is_link())
    {
        draft.set(attribute.no, "null");
    }
    for (label, value) in values.iter() {
        set(transaction, namespace, &mut draft, id, label, value);
    }
    for (no, raw) in draft.values() {
        let attribute = catalog.attribute(no).unwrap();
        if attribute.has_index() && !attribute.attr.is_link() {
            let key = index::key(attribute, &Value::parse(raw).unwrap());
            transaction.insert(&layout::index_entry(no, &key, id), b"");
        }
    }
    transaction.insert(&layout::entity(namespace.no, id), &draft.encode(catalog));
    transaction.insert(&layout::creation(namespace.no, created, id), b"");
}

fn set(
    transaction: &mut Transaction,
    namespace: &Namespace,
    draft: &mut Draft,
    id: &Uuid,
    label: &str,
    value: &Value,
) {
    let label = namespace.label(label).unwrap_or_else(|| panic!("no {label}"));
    let attribute = &label.attribute;
    assert_eq!(label.side, Side::Forward);
    if !attribute.attr.is_link() {
        draft.set(attribute.no, value.to_string());
        return;
    }
    let targets = value.as_array().unwrap_or(std::slice::from_ref(value));
    for target in targets {
        let target = short(target.as_str().unwrap());
        transaction.insert(&layout::link(attribute.no, id, &target), b"");
        transaction.insert(&layout::link_back(attribute.no, &target, id), b"");
        if attribute.is_to_one() {
            draft.set(attribute.no, id_json(&target));
        }
    }
}
