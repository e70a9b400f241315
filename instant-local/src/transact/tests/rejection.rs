//! Rejected transactions, up to the largest, leave the app unchanged.

use instant_core::{Object, Value};

use super::{app, expand, findings, json, on_both_stores, perform, rows, transact};
use crate::{app::App, limits::Limits, store::Store};

const SCHEMA: &str = r#"{"entities": {
    "goals": {"attrs": {"title": {"valueType": "string"}, "slug": {"valueType": "string", "config": {"unique": true}},
              "rank": {"valueType": "number", "config": {"indexed": true}}}}},
  "links": {"a": {"forward": {"on": "goals", "has": "one", "label": "parent", "onDelete": "cascade"},
                  "reverse": {"on": "goals", "has": "many", "label": "children"}},
            "b": {"forward": {"on": "goals", "has": "one", "label": "next"},
                  "reverse": {"on": "goals", "has": "one", "label": "previous", "onDelete": "cascade"}}}}"#;

/// Checks that the steps are rejected with a message that starts with `want`, and that the app is
/// unchanged.
fn check_rejected(app: &App, steps: &Value, limits: &Limits, want: &str) {
    let (data, names) = (rows(app, "goals"), app.state().unwrap().catalog.version);
    let rejected = perform(app, steps, limits).expect_err(want);
    assert!((400..500).contains(&rejected.status), "{rejected}");
    assert!(rejected.to_string().starts_with(want), "{rejected} is not {want}");
    assert_eq!((rows(app, "goals"), app.state().unwrap().catalog.version), (data, names));
    assert_eq!(findings(app), Vec::<String>::new());
}

#[test]
fn rejected_transaction_changes_nothing() {
    on_both_stores(SCHEMA, |app| {
        transact(app, "[['create','goals','#a1',{'title':'one','slug':'s','rank':1}]]").unwrap();
        for (steps, want) in [
            (
                "[['update','goals','#a1',{'title':'x','fresh':1}],['create','goals','#a2',{'slug':'s'}]]",
                "`slug` is a unique",
            ),
            (
                "[['delete','goals','#a1'],['update','goals','#a2',{'rank':'x'}]]",
                "Invalid value type for goals.rank",
            ),
            (
                "[['update','new','#a1',{'x':1}],['link','goals','#a1',{'parent':[['slug','none']]}]]",
                "Validation failed for lookup: The entity",
            ),
            (
                "[['update','goals','#a1',{'title':'a\\u0000b'}]]",
                "A value in the transaction contains null bytes",
            ),
            (
                "[['update','goals','#a1',{'a\\u0000b':1}]]",
                "The name of a namespace or an attribute contains null bytes",
            ),
            (
                "[['update','goals','#a1',{'parent':['#a1','#a2','#a3']}]]",
                "Linked value must be a valid uuid.",
            ),
            ("[['update','goals','lookup__',{}]]", "Validation failed for tx-steps"),
            (
                "[['merge','goals','#a1',{'parent':'#a1'}]]",
                "Raised Exception: merge operation is not supported for links",
            ),
        ] {
            check_rejected(app, &json(&expand(steps)), &Limits::default(), want);
        }
    });
}

#[test]
fn malformed_ids_are_rejected() {
    let id = "a1000000-0000-4000-8000-000000000000";
    on_both_stores(SCHEMA, |app| {
        for reference in [
            "5",
            "0.5",
            "null",
            "true",
            "''",
            "'abc'",
            "[]",
            "['slug']",
            "['slug','a','b']",
            "[5,'a']",
            "{}",
            "{'slug':1,'title':2}",
            &format!("' {id}'"),
            &format!("'{{{id}}}'"),
            &format!("'{id}0'"),
            &format!("'g{}'", &id[1..]),
            "'1-1-1-1-1'",
            &format!("'{}'", &id[..35]),
            "'a1000000000040008000000000000000'",
            "'lookup__'",
            "'lookup__slug__{'",
            "['id','x']",
            "['id',5]",
            "['title','x']",
            "['a.b',1]",
            "['.id',1]",
            "['parent.id',1]",
            "'---------------------------------'",
        ] {
            for step in [
                format!("[['update','goals',{reference},{{'rank':1}}]]"),
                format!("[['link','goals',{reference},{{'parent':'#a1'}}]]"),
                format!("[['merge','goals',{reference},{{}}]]"),
            ] {
                let steps = json(&expand(&step));
                let rejected = perform(app, &steps, &Limits::default()).expect_err(&step);
                assert_eq!(rejected.status, 400, "{step}: {rejected}");
            }
            let target = format!("[['link','goals','#a1',{{'parent':[{reference}]}}]]");
            let rejected = perform(app, &json(&expand(&target)), &Limits::default()).expect_err(&target);
            assert_eq!(rejected.status, 400, "{target}: {rejected}");
        }
        assert_eq!(rows(app, "goals"), "[]");
    });
}

#[test]
fn limits_reject_large_transactions() {
    on_both_stores(SCHEMA, |app| {
        let steps = |count: u32| {
            Value::from_iter((0..count).map(|number| {
                let values = Object::from_iter([("title".to_owned(), "t".into())]);
                let id = instant_core::Uuid::from_u128(number.into());
                Value::from_iter(["create".into(), "goals".into(), Value::from(id), values.into()])
            }))
        };
        let limits = Limits { parameters: 100, text: 10, ..Limits::default() };
        check_rejected(app, &steps(11), &limits, "There are too many parameters");
        let long = json(
            "[['update','goals','a1000000-0000-4000-8000-000000000000',{'title':['12345678901']}]]"
                .replace('\'', "\"")
                .as_str(),
        );
        check_rejected(app, &long, &limits, "A text in the transaction has more than 10 characters");
        perform(app, &steps(10), &limits).unwrap();
        assert_eq!(Limits::default().parameters, 65_535);
    });
}

#[test]
fn deep_values_are_stored_or_rejected() {
    let value = |json: String| {
        Value::parse(&format!("[[\"update\",\"goals\",\"a1000000-0000-4000-8000-000000000000\",{json}]]"))
    };
    on_both_stores(SCHEMA, |app| {
        let deep =
            |levels: usize| format!("{{\"meta\":{}{}}}", "{\"a\":".repeat(levels) + "1", "}".repeat(levels));
        perform(app, &value(deep(996)).unwrap(), &Limits::default()).unwrap();
        let merge = value(deep(996)).unwrap().to_string().replace("update", "merge").replace(":1}", ":2}");
        perform(app, &json(&merge), &Limits::default()).unwrap();
        assert!(rows(app, "goals").contains(":2}"));
        assert!(value(deep(1001)).is_err());
    });
}

#[test]
fn long_chains_and_cycles_of_cascades_end() {
    on_both_stores(SCHEMA, |app| {
        let id = |number: u32| instant_core::Uuid::from_u128(u128::from(number) + 1).to_string();
        let many = 800;
        let steps = Vec::from_iter((0..many).map(|number| {
            let next = id((number + 1) % many);
            format!("['update','goals','{}',{{'parent':'{next}','next':'{next}'}}]", id(number))
        }));
        transact(app, &format!("[{}]", steps.join(","))).unwrap();
        assert_eq!(findings(app), Vec::<String>::new());
        transact(app, &format!("[['delete','goals','{}']]", id(7))).unwrap();
        assert_eq!(rows(app, "goals"), "[]");
        assert_eq!(findings(app), Vec::<String>::new());
    });
}

#[test]
fn texts_of_twenty_megabytes_are_stored_or_rejected() {
    let app = app(Store::in_memory(), SCHEMA);
    let most = Limits::default().text;
    let update = |label: &str, length: usize| {
        let values = Object::from_iter([(label.to_owned(), "x".repeat(length).into())]);
        let id = "a1000000-0000-4000-8000-000000000000";
        Value::from_iter([Value::from_iter([
            "update".into(),
            "goals".into(),
            id.into(),
            Value::from(values),
        ])])
    };
    check_rejected(&app, &update("title", most + 1), &Limits::default(), "A text in the transaction");
    check_rejected(&app, &update("slug", most), &Limits::default(), "Value is too large for a unique");
    perform(&app, &update("title", most), &Limits::default()).unwrap();
    assert!(rows(&app, "goals").len() > most);
}
