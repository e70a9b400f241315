//! Concurrent writers and readers, and random steps of every shape.

use std::thread;

use instant_core::{Object, Value};
use proptest::{collection::vec, prelude::*, test_runner::Config};

use super::{app, expand, findings, json, on_both_stores, perform, rows, transact};
use crate::{limits::Limits, store::Store};

const SCHEMA: &str = r#"{"entities": {"people": {"attrs": {"email": {"valueType": "string", "config": {"unique": true}},
    "visits": {"valueType": "json"}}}}, "links": {}}"#;

#[test]
fn concurrent_upserts_by_lookup_create_one_entity() {
    on_both_stores(SCHEMA, |app| {
        thread::scope(|scope| {
            for writer in 0..12 {
                scope.spawn(move || {
                    // Each creates one attribute of its own and one that all create.
                    let steps = format!(
                        "[['merge','people',['email','a@x'],{{'visits':{{'{writer}':1}},'own{writer}':1,'common':2}}]]"
                    );
                    transact(app, &steps).unwrap();
                });
            }
        });
        let all = json(&rows(app, "people").replace('\'', "\""));
        let [row] = all.as_array().unwrap() else { panic!("{all}") };
        assert_eq!(row.get("visits").unwrap().as_object().unwrap().len(), 12);
        assert_eq!(row.as_object().unwrap().len(), 4 + 12);
        assert_eq!(findings(app), Vec::<String>::new());
    });
}

#[test]
fn readers_see_whole_transactions() {
    on_both_stores(SCHEMA, |app| {
        thread::scope(|scope| {
            let writers = Vec::from_iter((0..4).map(|writer| {
                scope.spawn(move || {
                    for turn in 0..25 {
                        let (a, b) = (format!("#{writer}a"), format!("#{writer}b"));
                        let steps = if turn % 2 == 0 {
                            format!("[['update','people','{a}',{{'visits':{turn}}}],['update','people','{b}',{{}}]]")
                        } else {
                            format!("[['delete','people','{b}'],['delete','people','{a}']]")
                        };
                        transact(app, &steps).unwrap();
                    }
                })
            }));
            while writers.iter().any(|writer| !writer.is_finished()) {
                let rows = json(&rows(app, "people").replace('\'', "\""));
                assert_eq!(rows.as_array().unwrap().len() % 2, 0, "{rows}");
            }
        });
        assert_eq!(findings(app), Vec::<String>::new());
    });
}

proptest! {
    #![proptest_config(Config { cases: 400, ..Config::default() })]

    /// Random steps succeed or are rejected, and the integrity check finds nothing.
    #[test]
    fn random_steps_leave_a_consistent_store(transactions in vec(vec(step(), 1..4), 1..4)) {
        let app = app(Store::in_memory(), SCHEMA);
        for steps in transactions {
            let steps = Value::Array(steps);
            if let Err(failure) = perform(&app, &steps, &Limits::default()) {
                prop_assert!((400..500).contains(&failure.status), "{steps}: {failure}");
            }
            prop_assert_eq!(findings(&app), Vec::<String>::new(), "{}", steps);
        }
    }
}

fn step() -> impl Strategy<Value = Value> {
    let action = prop::sample::select(vec![
        "create",
        "update",
        "merge",
        "link",
        "unlink",
        "delete",
        "ruleParams",
        "add-attr",
        "delete-attr",
        "update-attr",
        "no",
    ]);
    let namespace = prop_oneof![
        5 => prop::sample::select(vec!["people", "goals", "$users", "$files", "", "id"]).prop_map(Value::from),
        1 => any_value(),
    ];
    let action = action.prop_map(Value::from);
    let parts = vec![reference().boxed(), values().boxed(), any_value().boxed()];
    prop_oneof![
        12 => (action, namespace, parts, 2usize..5).prop_map(|(action, namespace, parts, length)| {
            let mut step = vec![action, namespace];
            step.extend(parts);
            step.truncate(length.max(4));
            Value::Array(step)
        }),
        1 => any_value(),
    ]
}

fn reference() -> impl Strategy<Value = Value> {
    let known = vec![
        "'#a1'",
        "'#a2'",
        "'#A3'",
        "['email','x']",
        "{'email':'y'}",
        "'lookup__email__null'",
        "['id','#a1']",
        "['owner.id','#a1']",
        "['boss','#a2']",
        "['a.b',1]",
        "'1-1-1-1-1'",
        "[['email','x'],'#a1']",
        "['#a1','#a2']",
        "{'email':'x','id':'#a1'}",
        "null",
    ];
    prop_oneof![
        8 => prop::sample::select(known).prop_map(|text| json(&expand(text))),
        1 => any_value(),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let label = prop::sample::select(vec![
        "email", "visits", "owner", "boss", "people", "goals", "id", "$users", " ", "path", "a\u{0}b",
    ]);
    let value = prop_oneof![2 => reference(), 1 => any_value()];
    vec((label, value), 0..4).prop_map(|members| {
        Value::Object(members.into_iter().map(|(label, value)| (label.to_owned(), value)).collect::<Object>())
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        "null",
        "true",
        "0",
        "-1.5",
        "1e400",
        "12345678901234567890",
        "''",
        "'a'",
        "'a\\u0000'",
        "'#a1'",
        "'now'",
        "[]",
        "{}",
    ]);
    leaf.prop_map(|text| json(&expand(text))).prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::Array),
            vec(("[a-c]{0,2}", inner), 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
