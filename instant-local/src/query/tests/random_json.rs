//! Random JSON of the words that occur in queries: it is evaluated or rejected, without a panic.

use instant_core::Value;
use proptest::{collection::vec, prelude::*, sample::select};

use super::fixture::{Fixture, run};
use crate::query::QueryOptions;

const WORDS: [&str; 44] = [
    "people",
    "pets",
    "$users",
    "$files",
    "ghosts",
    "$",
    "where",
    "order",
    "limit",
    "first",
    "last",
    "offset",
    "after",
    "before",
    "afterInclusive",
    "beforeInclusive",
    "fields",
    "aggregate",
    "and",
    "or",
    "$in",
    "$not",
    "$ne",
    "$isNull",
    "$gt",
    "$lte",
    "$like",
    "$ilike",
    "$entityIdStartsWith",
    "$entityId",
    "name",
    "age",
    "born",
    "data",
    "pets.name",
    "owner",
    "owner.pets.age",
    "id",
    "pets.id",
    "url",
    "serverCreatedAt",
    "asc",
    "desc",
    "count",
];

fn json() -> impl Strategy<Value = Value> {
    let word = || select(&WORDS[..]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        select(&["0", "1", "-1", "1.5", "1e400", "99999999999999999999", "9223372036854775807"][..])
            .prop_map(|text| Value::parse(text).unwrap()),
        word().prop_map(Value::String),
        select(&["", "x", "%", "a\\", "\0", "2025-01-02", "now", "50310000-0000-0000-0000-000000000000"][..])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 32, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((word(), inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Generates queries with options and conditions in their places, to get past the first check.
fn query() -> impl Strategy<Value = Value> {
    let word = || select(&WORDS[..]).prop_map(str::to_owned);
    let object = |key: Value, value: Value| {
        let key = key.as_str().unwrap_or_default().to_owned();
        Value::Object([(key, value)].into_iter().collect())
    };
    let condition =
        vec((word(), json()), 1..3).prop_map(|members| Value::Object(members.into_iter().collect()));
    let options = (condition, vec((word(), json()), 0..2)).prop_map(|(condition, more)| {
        Value::Object(std::iter::once(("where".to_owned(), condition)).chain(more).collect())
    });
    let form = (options, vec((word(), json()), 0..2)).prop_map(|(options, more)| {
        Value::Object(std::iter::once(("$".to_owned(), options)).chain(more).collect())
    });
    prop_oneof![
        json(),
        (select(&["people", "pets", "$users"][..]), form)
            .prop_map(move |(name, form)| object(name.into(), form)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn no_query_panics(queries in vec(query(), 200)) {
        let schema = r#"{"entities": {
            "people": {"attrs": {"name": {"valueType": "string", "config": {"indexed": true}},
                "age": {"valueType": "number", "config": {"indexed": true}},
                "born": {"valueType": "date", "config": {"indexed": true}},
                "data": {"valueType": "json", "config": {}}}},
            "pets": {"attrs": {"name": {"valueType": "string", "config": {"unique": true}},
                "age": {"valueType": "number", "config": {}}}}},
            "links": {"peoplePets": {"forward": {"on": "people", "has": "many", "label": "pets"},
                                     "reverse": {"on": "pets", "has": "one", "label": "owner"}}}}"#;
        let rows = [
            ("pets", "A1", r#"{"name": "rex", "age": 3}"#),
            ("people", "P1", r#"{"name": "x", "age": 1.5, "born": "2025-01-02", "data": [1, {"a": null}], "pets": ["A1"]}"#),
            ("people", "P2", r#"{"name": "", "born": 0, "data": "x"}"#),
        ];
        let fixture = Fixture::new(schema, &rows);
        for query in queries {
            let set = |options: &mut QueryOptions<'_>| (options.inference, options.page_info) = (true, true);
            let answers = fixture.apps.each_ref().map(|app| run(app, &query, set)?.into_response());
            for response in answers {
                match response {
                    Ok(response) => {
                        let body = std::str::from_utf8(&response.body).unwrap();
                        prop_assert!(Value::parse(body).is_ok(), "{query} is answered by {body}");
                    }
                    Err(failure) => prop_assert!((400..500).contains(&failure.status), "{query}: {failure}"),
                }
            }
        }
    }
}
