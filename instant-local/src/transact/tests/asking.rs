//! What a guard is asked, and what its refusal does.

use instant_core::{Object, Value};

use super::{app, json, rows, spell, transact};
use crate::{
    app::{Identity, TransactRequest},
    catalog::Catalog,
    failure::Failure,
    limits::Limits,
    store::{Snapshot, Store},
    transact::{Guard, Intent, Intents, Named},
};

const SCHEMA: &str = r#"{"entities": {"goals": {"attrs": {"title": {"valueType": "string"},
    "slug": {"valueType": "string", "config": {"unique": true}}, "meta": {"valueType": "json"}}}},
  "links": {"a": {"forward": {"on": "goals", "has": "one", "label": "owner", "onDelete": "cascade"},
                  "reverse": {"on": "people", "has": "many", "label": "goals"}}}}"#;

/// Writes down what it is asked.
#[derive(Default)]
struct Scribe {
    before: Vec<String>,
    rows: Vec<String>,
    refuse_after: bool,
}

impl Guard for Scribe {
    fn before(&mut self, intents: &Intents<'_>, (_, catalog): (&Snapshot, &Catalog)) -> Result<(), Failure> {
        let name = |entity: Named| {
            let id = intents.id(entity).map_or("?".to_owned(), |id| id.to_string()[..2].to_owned());
            let namespace = catalog.namespace_name(entity.namespace).unwrap_or_default().to_owned();
            format!("{namespace}/{id}{}", if intents.existed(entity) { "!" } else { "" })
        };
        for intent in &intents.all {
            self.before.push(match intent {
                Intent::Write { entity, attribute } => {
                    let params = Value::from(intents.rule_params(*entity));
                    let row = Value::from(intents.applied(*entity, Object::new()));
                    let modified = intents.modified(*entity).join("+");
                    self.rows.push(format!("{} {modified} {row} {params}", name(*entity)));
                    format!("write {}.{}", name(*entity), attribute.label())
                }
                Intent::Link { attribute, from, to } => {
                    format!("link {} {} {}", name(*from), attribute.label(), name(*to))
                }
                Intent::Unlink { attribute, from, to } => {
                    format!("unlink {} {} {}", name(*from), attribute.label(), name(*to))
                }
                Intent::Delete { entity } => format!("delete {}", name(*entity)),
                Intent::AddAttr { attr } => {
                    format!("add {}", attr.get("forward-identity").unwrap().as_array().unwrap()[2])
                }
                Intent::DeleteAttr => "delete an attribute".to_owned(),
            });
        }
        Ok(())
    }

    fn after(&mut self, intents: &Intents<'_>, _: (&Snapshot, &Catalog)) -> Result<(), Failure> {
        let known = intents.all.iter().all(|intent| match intent {
            Intent::Write { entity, .. } => intents.id(*entity).is_some(),
            _ => true,
        });
        assert!(known, "after the transaction every written entity has an id");
        if self.refuse_after { Err(Failure::refused("permission-denied", "no")) } else { Ok(()) }
    }
}

#[test]
fn a_guard_is_asked_about_everything() {
    let app = app(Store::in_memory(), SCHEMA);
    transact(&app, "[['update','goals','#a1',{'title':'x','slug':'s','owner':'#b1'}]]").unwrap();
    let steps = json(&spell(
        "[['update','goals',['slug','s'],{'title':'y'}],['merge','goals','#a1',{'meta':{'k':1}}],
          ['update','goals',['slug','new'],{'colour':1}],['link','people','#b1',{'goals':'#a2'}],
          ['ruleParams','goals','#a1',{'p':1}],['unlink','goals','#a1',{'owner':'#b2'}],['delete','people','#b1']]",
    ));
    let request = TransactRequest { steps: &steps, throw_on_missing_attrs: false };
    let mut scribe = Scribe { refuse_after: true, ..Scribe::default() };
    let before = rows(&app, "goals");
    let refused = app.transact_guarded(&Identity::Guest, request, &Limits::default(), Some(&mut scribe));
    assert_eq!(refused.unwrap_err().to_string(), "no (permission-denied)");
    assert_eq!(rows(&app, "goals"), before);
    assert_eq!(
        scribe.before,
        [
            "add \"colour\"",
            "add \"id\"",
            "write goals/a1!.id",
            "write goals/a1!.title",
            "write goals/a1!.id",
            "write goals/?.id",
            "write goals/?.colour",
            "link goals/a2 owner people/b1",
            "write goals/a1!.meta",
            "unlink goals/a1! owner people/b2",
            "delete people/b1",
            "delete goals/a1!",
        ]
    );
    assert_eq!(
        scribe.rows[0].replace("000000-0000-4000-8000-000000000000", ""),
        "goals/a1! title+meta {} {\"p\":1}"
    );
    scribe.refuse_after = false;
    app.transact_guarded(&Identity::Guest, request, &Limits::default(), Some(&mut scribe)).unwrap();
    assert_eq!(app.check().unwrap(), Vec::<String>::new());
}
