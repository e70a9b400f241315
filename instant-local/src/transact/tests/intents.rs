//! Tests of the intents that permission rules see, and of their rejections.

use std::sync::Arc;

use instant_core::{Object, Value, steps};

use super::{app, expand, findings, json, rows, transact};
use crate::{
    app::App,
    budget::{Budget, Operation},
    caller::Caller,
    clock::Moment,
    failure::Failure,
    limits::Limits,
    request::RequestContext,
    rules::{self, RuleSource, RulesCache},
    store::{Decision, Store},
    transact::{
        DebugMode, TransactOptions, TransactOutcome, Writer, apply, execute,
        intents::{Intent, Intents, NamedEntity},
        prepare,
    },
};

const SCHEMA: &str = r#"{"entities": {"goals": {"attrs": {"title": {"valueType": "string"},
    "slug": {"valueType": "string", "config": {"unique": true}}, "meta": {"valueType": "json"}}}},
  "links": {"a": {"forward": {"on": "goals", "has": "one", "label": "owner", "onDelete": "cascade"},
                  "reverse": {"on": "people", "has": "many", "label": "goals"}}}}"#;

const STEPS: &str = "[['update','goals',['slug','s'],{'title':'y'}],['merge','goals','#a1',{'meta':{'k':1}}],
    ['update','goals',['slug','new'],{'colour':1}],['link','people','#b1',{'goals':'#a2'}],
    ['ruleParams','goals','#a1',{'p':1}],['unlink','goals','#a1',{'owner':'#b2'}],['delete','people','#b1']]";

fn seeded() -> App {
    let app = app(Store::in_memory(), SCHEMA);
    transact(&app, "[['update','goals','#a1',{'title':'x','slug':'s','owner':'#b1'}]]").unwrap();
    app
}

#[test]
fn intents_describe_every_operation() {
    let app = seeded();
    let steps = steps::parse(&json(&expand(STEPS))).unwrap();
    let (limits, cache) = (Limits::default(), RulesCache::default());
    let options = TransactOptions::new(&limits, RuleSource::stored(&cache));
    let catalog = app.state().unwrap().catalog;
    let budget = Budget::new(Operation::Transaction, &limits, &RequestContext::internal(Caller::Guest));
    let plan = prepare(catalog, &steps, Caller::Guest, &options, &budget).unwrap();
    let (_, (intents, first)) = app
        .write_or_roll_back(|transaction| {
            let mut writer = Writer::new(transaction, Arc::clone(&plan.catalog), Moment::at(0));
            let deleted = apply::deletions(&plan, &mut writer)?;
            let intents = Intents::new(&plan, &deleted, &mut writer)?;
            let first = intents.all.iter().find_map(|intent| match intent {
                Intent::Write { entity } => Some(described(&intents, *entity)),
                _ => None,
            });
            let named = |entity: NamedEntity| name(&intents, entity);
            let all = intents.all.iter().map(|intent| match intent {
                Intent::Write { entity } => format!("write {}", named(*entity)),
                Intent::Link { attribute, from, to } => {
                    format!("link {} {} {}", named(*from), attribute.label(), named(*to))
                }
                Intent::Unlink { attribute, from, to } => {
                    format!("unlink {} {} {}", named(*from), attribute.label(), named(*to))
                }
                Intent::Delete { entity } => format!("delete {}", named(*entity)),
                Intent::AddAttr { attr } => {
                    format!("add {}", attr.get("forward-identity").unwrap().as_array().unwrap()[2])
                }
                Intent::DeleteAttr => "delete an attribute".to_owned(),
            });
            Ok(Decision::Rollback((Vec::from_iter(all), first)))
        })
        .unwrap();
    assert_eq!(
        intents,
        [
            "add \"colour\"",
            "add \"id\"",
            "write goals/a1",
            "write goals/a1",
            "write goals/a1",
            "write goals/?",
            "write goals/?",
            "link goals/a2 owner people/b1",
            "write goals/a1",
            "unlink goals/a1 owner people/b2",
            "delete people/b1",
            "delete goals/a1",
        ]
    );
    let first = first.unwrap().replace("000000-0000-4000-8000-000000000000", "");
    assert_eq!(first, "goals/a1 title+meta {} {\"p\":1}");

    fn name(intents: &Intents<'_>, entity: NamedEntity) -> String {
        let id = intents.id(entity).map_or("?".to_owned(), |id| id.to_string()[..2].to_owned());
        format!("{}/{id}", intents.namespace_name(entity))
    }

    fn described(intents: &Intents<'_>, entity: NamedEntity) -> String {
        let params = Value::from(intents.rule_params(entity));
        let row = Value::from(intents.values_after(entity, Object::new()));
        format!("{} {} {row} {params}", name(intents, entity), intents.modified(entity).join("+"))
    }
}

/// Performs the steps as a guest. `rule` decides whether goals may be created.
fn as_guest(app: &App, rule: &str, debug: Option<DebugMode>) -> Result<TransactOutcome, Failure> {
    let code = format!(r#"{{"goals": {{"allow": {{"create": "{rule}"}}}}}}"#);
    rules::push(app, json(&code).as_object().unwrap()).unwrap();
    let (limits, cache) = (Limits::default(), RulesCache::default());
    let options = TransactOptions::new(&limits, RuleSource::stored(&cache));
    let steps = steps::parse(&json(&expand(STEPS))).unwrap();
    execute(app, &RequestContext::internal(Caller::Guest), &steps, TransactOptions { debug, ..options })
}

#[test]
fn denial_after_the_writes_rolls_back() {
    let app = seeded();
    let (data, catalog) = (rows(&app, "goals"), app.state().unwrap().catalog.version);
    // The `create` rule is evaluated last, because it sees the new row.
    let denied = as_guest(&app, "data.colour == 2", None).unwrap_err();
    assert_eq!(denied.error.kind.as_deref(), Some("permission-denied"));
    assert_eq!((rows(&app, "goals"), app.state().unwrap().catalog.version), (data, catalog));
    let outcome = as_guest(&app, "data.colour == 1", None).unwrap();
    assert!(outcome.committed && outcome.all_passed && outcome.checks.is_empty());
    assert_ne!(rows(&app, "goals"), "[]");
    assert_eq!(findings(&app), Vec::<String>::new());
}

#[test]
fn dry_run_rolls_back_and_reports_its_checks() {
    for (rule, mode, committed, all_passed) in [
        ("data.colour == 1", DebugMode::DryRun, false, true),
        ("data.colour == 2", DebugMode::DryRun, false, false),
        ("data.colour == 2", DebugMode::CommitIfAllowed, false, false),
        ("data.colour == 1", DebugMode::CommitIfAllowed, true, true),
    ] {
        let app = seeded();
        let (data, catalog) = (rows(&app, "goals"), app.state().unwrap().catalog.version);
        let outcome = as_guest(&app, rule, Some(mode)).unwrap();
        assert_eq!((outcome.committed, outcome.all_passed), (committed, all_passed), "{rule} {mode:?}");
        assert!(!outcome.checks.is_empty());
        let kept = (rows(&app, "goals"), app.state().unwrap().catalog.version) == (data, catalog);
        assert_eq!(kept, !committed, "{rule} {mode:?}");
        // A dry run uses up a transaction number, as on the real server.
        assert!(transact(&app, "[]").unwrap() > outcome.number);
        assert_eq!(findings(&app), Vec::<String>::new());
    }
}
