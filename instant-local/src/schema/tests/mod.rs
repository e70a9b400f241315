//! Tests of schema changes on both stores: the stored data, the steps, and the result.

mod initial;
mod random;

use std::cell::RefCell;

use expect_test::{Expect, expect};
use instant_core::Value;

use super::{Job, apply, parse};
use crate::{
    app::App,
    catalog::{self, Attribute, Catalog},
    transact::tests::{expand, findings, json, on_both_stores, rows, transact},
};

const SCHEMA: &str = r#"{"entities": {
        "boats": {"attrs": {"name": {"valueType": "string"}, "length": {"valueType": "json"},
                            "no": {"valueType": "number", "config": {"indexed": true, "unique": true}}}},
        "ports": {"attrs": {"town": {"valueType": "string"}}}},
    "links": {"boatPort": {"forward": {"on": "boats", "has": "one", "label": "port", "onDelete": "cascade"},
                           "reverse": {"on": "ports", "has": "many", "label": "boats"}},
              "boatCrew": {"forward": {"on": "boats", "has": "many", "label": "visits"},
                           "reverse": {"on": "ports", "has": "many", "label": "guests"}}}}"#;

const FLEET: &str = "[['create','boats','#a1',{'name':'Gull','length':7,'no':1}],
    ['create','boats','#a2',{'name':'Tern','length':'long','no':2}],
    ['create','boats','#a3',{'name':'Gull'}],
    ['link','boats','#a1',{'port':'#b1','visits':['#b1','#b2']}],['link','boats','#a2',{'port':'#b1'}],
    ['create','ports','#b1',{'town':'Kiel'}],['create','ports','#b2',{'town':'Oban'}],
    ['create','ports','#b3',{}],['create','ports','#b4',{}]]";

/// Performs steps on the fleet. `@boats.name` stands for an attribute's id, `@new` for a new one.
/// Returns the jobs or the rejection, and the attributes and boats that changed.
#[track_caller]
fn check(steps: &str, want: &Expect) {
    let outcomes = RefCell::new(Vec::new());
    on_both_stores(SCHEMA, |app| {
        transact(app, FLEET).unwrap();
        let stored = all(app);
        let before = app.state().unwrap().catalog;
        let steps = parse(&json(&filled(&before, steps))).unwrap();
        let mut out = String::new();
        match apply(app, &Default::default(), &steps) {
            Ok(applied) => applied.jobs.iter().for_each(|job| out.push_str(&told(job))),
            Err(failure) => out.push_str(&format!("{failure}\n")),
        }
        let after = app.state().unwrap();
        let known = before.attributes();
        for attribute in after.catalog.attributes() {
            if !known.iter().any(|known| known.attr == attribute.attr) {
                out.push_str(&format!("{}\n", flags(attribute)));
            }
        }
        let now = all(app);
        if now != stored {
            out.push_str(&format!("{}\n", now.replace("},{", "}\n{")));
        }
        outcomes.borrow_mut().push(out);
        consistent(app);
    });
    let outcomes = outcomes.into_inner();
    assert_eq!(outcomes[0], outcomes[1], "{steps}");
    want.assert_eq(&outcomes[0]);
}

/// Returns all boats, and all ships, to which boats may be renamed.
fn all(app: &App) -> String {
    rows(app, "boats") + &rows(app, "ships").replace("[]", "")
}

/// Checks the integrity of the app, and that its catalog can be read back.
fn consistent(app: &App) {
    assert_eq!(findings(app), Vec::<String>::new());
    let state = app.state().unwrap();
    let read = catalog::load(&state.snapshot).unwrap();
    assert_eq!(read.attributes(), state.catalog.attributes());
}

fn filled(catalog: &Catalog, steps: &str) -> String {
    let mut steps = expand(steps);
    for attribute in catalog.attributes() {
        let quoted = format!("\"@{}\"", attribute.name());
        steps = steps.replace(&quoted, &format!("\"{}\"", attribute.attr.id));
        let quoted = format!("\"@{}.name\"", attribute.name());
        steps = steps.replace(&quoted, &format!("\"{}\"", attribute.attr.forward.id));
    }
    steps.replace("@new", "c0000000-0000-4000-8000-000000000000")
}

fn told(job: &Job) -> String {
    let shown = job.to_json();
    let field = |key: &str| shown.get(key).cloned().unwrap_or_default();
    let mut words = vec![field("job_type"), field("job_status")];
    words
        .extend([field("error"), field("invalid_unique_value")].into_iter().filter(|value| !value.is_null()));
    let mut out = Vec::from_iter(words.iter().map(|word| word.to_string().replace('"', ""))).join(" ");
    if let Some(sample) = field("invalid_triples_sample").as_array() {
        let shown = |row: &Value| {
            let id = row.get("entity_id").and_then(Value::as_str).unwrap()[..2].to_owned();
            format!(" {id}={}", row.get("value").unwrap())
        };
        out.extend(sample.iter().map(shown));
    }
    out + "\n"
}

fn flags(attribute: &Attribute) -> String {
    let attr = &attribute.attr;
    let mut out = attribute.name();
    for (on, word) in [
        (attr.index, "indexed"),
        (attr.unique, "unique"),
        (attr.required, "required"),
        (attr.on_delete, "cascade"),
        (attr.is_link() && !attribute.is_to_one(), "many"),
    ] {
        if on {
            out.push_str(&format!(" {word}"));
        }
    }
    match attr.checked_type {
        None => out,
        Some(checked) => format!("{out} {}", checked.as_str()),
    }
}

#[test]
fn properties_are_set_if_the_data_allows_them() {
    check(
        "[['index',{'attr-id':'@boats.name'}]]",
        &expect![[r#"
        index completed
        boats.name indexed string
    "#]],
    );
    check(
        "[['index',{'attr-id':'@boats.length'}]]",
        &expect![[r#"
        index completed
        boats.length indexed
        [{'id':'a1','name':'Gull','length':7,'no':1,'port':'b1'}
        {'id':'a2','name':'Tern','length':'long','no':2,'port':'b1'}
        {'id':'a3','name':'Gull','length':null,'no':null}]
    "#]],
    );
    check(
        "[['unique',{'attr-id':'@boats.name'}]]",
        &expect![[r#"
        unique errored triple-not-unique-error Gull a1="Gull" a3="Gull"
    "#]],
    );
    check(
        "[['unique',{'attr-id':'@boats.length'}]]",
        &expect![[r#"
        unique completed
        boats.length unique
    "#]],
    );
    check(
        "[['index',{'attr-id':'@ports.town'}],['unique',{'attr-id':'@ports.town'}]]",
        &expect![[r#"
        index completed
        unique completed
        ports.town indexed unique string
    "#]],
    );
    check(
        "[['required',{'attr-id':'@boats.name'}]]",
        &expect![[r#"
        required completed
        boats.name required string
    "#]],
    );
    check(
        "[['required',{'attr-id':'@boats.no'}]]",
        &expect![[r#"
        required errored missing-required-error a3=null
    "#]],
    );
    check(
        "[['check-data-type',{'attr-id':'@boats.length','checked-data-type':'number'}]]",
        &expect![[r#"
        check-data-type errored invalid-triple-error a2="long"
    "#]],
    );
    check(
        "[['check-data-type',{'attr-id':'@boats.no','checked-data-type':'date'}]]",
        &expect![[r#"
        check-data-type completed
        boats.no indexed unique date
    "#]],
    );
    check(
        "[['remove-index',{'attr-id':'@boats.no'}],['remove-unique',{'attr-id':'@boats.no'}],
          ['remove-data-type',{'attr-id':'@boats.no'}]]",
        &expect![[r#"
            remove-index completed
            remove-unique completed
            remove-data-type completed
            boats.no
        "#]],
    );
    check(
        "[['required',{'attr-id':'@boats.port'}],['unique',{'attr-id':'@boats.port'}]]",
        &expect![[r#"
        required errored missing-required-error a3=null
        unique errored triple-not-unique-error b1000000-0000-4000-8000-000000000000 a1="b1000000-0000-4000-8000-000000000000" a2="b1000000-0000-4000-8000-000000000000"
    "#]],
    );
    check(
        "[['unique',{'attr-id':'@$users.email'}],['index',{'attr-id':'@new'}]]",
        &expect![[r#"
        Foreign Key Invalid: foreign-key-violation (record-foreign-key-invalid)
    "#]],
    );
}

#[test]
fn attributes_are_changed_with_their_values() {
    check(
        "[['update-attr',{'id':'@boats.name','forward-identity':['@boats.name','boats','title'],'unique?':false,'index?':true}]]",
        &expect![[r#"
            boats.title indexed string
            [{'id':'a1','title':'Gull','length':7,'no':1,'port':'b1'}
            {'id':'a2','title':'Tern','length':'long','no':2,'port':'b1'}
            {'id':'a3','title':'Gull','no':null}]
        "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.no','forward-identity':['@boats.no','boats','name']}]]",
        &expect![[r#"
            Record not unique: attr (record-not-unique)
        "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.no','forward-identity':['@boats.no','ports','no']}]]",
        &expect![[r#"
            ports.no indexed unique number
            [{'id':'a1','name':'Gull','length':7,'port':'b1'}
            {'id':'a2','name':'Tern','length':'long','port':'b1'}
            {'id':'a3','name':'Gull'}]
        "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.name','unique?':true}]]",
        &expect![[r#"
        `name` is a unique attribute on `boats` and an entity already exists with `boats.name` = "Gull" (record-not-unique)
    "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.no','required?':true}]]",
        &expect![[r#"
        Validation failed for attributes: Can't update attribute `no` to required because `boats` already have entities without it (validation-failed)
    "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.id','forward-identity':['@boats.id','ships','id']}]]",
        &expect![[r#"
            ships.id unique
            [][{'id':'a1'}
            {'id':'a2'}
            {'id':'a3'}]
        "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.port','forward-identity':['@boats.port','boats','home'],
          'reverse-identity':['@boats.port','ports','fleet'],'on-delete':'cascade'}]]",
        &expect![[r#"
            boats.home cascade
            [{'id':'a1','name':'Gull','length':7,'no':1,'home':'b1'}
            {'id':'a2','name':'Tern','length':'long','no':2,'home':'b1'}
            {'id':'a3','name':'Gull','no':null}]
        "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.port','cardinality':'many'}]]",
        &expect![[r#"
        boats.port many
        [{'id':'a1','name':'Gull','length':7,'no':1}
        {'id':'a2','name':'Tern','length':'long','no':2}
        {'id':'a3','name':'Gull','no':null}]
    "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.visits','cardinality':'one'}]]",
        &expect![[r#"
        Record not unique: triple (record-not-unique)
    "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.port','unique?':true}]]",
        &expect![[r#"
        `port` is a unique attribute on `boats` and an entity already exists with `boats.port` = "b1000000-0000-4000-8000-000000000000" (record-not-unique)
    "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.port','forward-identity':['@boats.port','ports','home']}]]",
        &expect![[r#"
            ports.home
            [{'id':'a1','name':'Gull','length':7,'no':1}
            {'id':'a2','name':'Tern','length':'long','no':2}
            {'id':'a3','name':'Gull','no':null}]
        "#]],
    );
    check(
        "[['update-attr',{'id':'@boats.name','forward-identity':['@boats.name','$boats','name']}]]",
        &expect![[r#"
            Validation failed for attributes: $ is reserved for system tables. You can't create $boats (validation-failed)
        "#]],
    );
}

#[test]
fn attribute_changes_are_atomic() {
    check(
        "[['add-attr',{'id':'@new','value-type':'blob','cardinality':'one','forward-identity':['@new','boats','sail'],
          'unique?':'yes','index?':true,'checked-data-type':null}],['delete-attr','@boats.length'],['nothing',{}]]",
        &expect![[r#"
            boats.sail indexed unique
            [{'id':'a1','name':'Gull','no':1,'port':'b1','sail':null}
            {'id':'a2','name':'Tern','no':2,'port':'b1','sail':null}
            {'id':'a3','name':'Gull','no':null,'sail':null}]
        "#]],
    );
    check(
        "[['delete-attr','@boats.length'],['update-attr',{'id':'@boats.no','forward-identity':['@boats.no','boats','name']}]]",
        &expect![[r#"
            Record not unique: attr (record-not-unique)
        "#]],
    );
    check(
        "[['delete-attr','@boats.length'],['index',{'attr-id':'@new'}]]",
        &expect![[r#"
        Foreign Key Invalid: foreign-key-violation (record-foreign-key-invalid)
        [{'id':'a1','name':'Gull','no':1,'port':'b1'}
        {'id':'a2','name':'Tern','no':2,'port':'b1'}
        {'id':'a3','name':'Gull','no':null}]
    "#]],
    );
}
