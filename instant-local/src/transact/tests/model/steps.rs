//! Generates random steps on few entities, so that they affect each other.

use std::collections::HashSet;

use instant_core::{Object, Uuid, Value};
use proptest::{collection::vec, prelude::*};

/// One step, as the model sees it.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) kind: &'static str,
    pub(super) namespace: &'static str,
    pub(super) entity: EntityKey,
    pub(super) values: Vec<(&'static str, Value)>,
    pub(super) edges: Vec<(&'static str, Vec<EntityKey>)>,
    pub(super) strict: bool,
}

/// An entity, by its id or by its code.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum EntityKey {
    Id(Uuid),
    Code(String),
}

impl Action {
    pub(super) fn values(
        kind: &'static str,
        namespace: &'static str,
        id: Uuid,
        values: &[(&'static str, String)],
    ) -> Self {
        let values = values.iter().map(|(label, json)| (*label, Value::parse(json).unwrap())).collect();
        Self { kind, namespace, entity: EntityKey::Id(id), values, edges: Vec::new(), strict: false }
    }

    pub(super) fn to_json(&self) -> Value {
        let entity = match &self.entity {
            EntityKey::Id(id) => Value::from(*id),
            EntityKey::Code(code) => ["code", code.as_str()].into(),
        };
        let mut out = vec![self.kind.into(), self.namespace.into(), entity];
        let target = |who: &EntityKey| match who {
            EntityKey::Id(id) => Value::from(*id),
            EntityKey::Code(code) => format!("lookup__code__\"{code}\"").into(),
        };
        match self.kind {
            "delete" => {}
            "link" | "unlink" => out.push(Value::Object(
                self.edges
                    .iter()
                    .map(|(label, to)| ((*label).to_owned(), Value::from_iter(to.iter().map(target))))
                    .collect(),
            )),
            _ => out.push(Value::Object(
                self.values.iter().map(|(label, value)| ((*label).to_owned(), value.clone())).collect(),
            )),
        }
        if self.strict {
            out.push(Object::from_iter([("upsert".to_owned(), false.into())]).into());
        }
        Value::Array(out)
    }
}

/// Returns one of a few ids.
pub(super) fn id(number: u8) -> Uuid {
    Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0000 | u128::from(number))
}

pub(super) fn transactions() -> impl Strategy<Value = Vec<Vec<Action>>> {
    let transaction = prop_oneof![4 => vec(action(), 1..6), 1 => twins(), 1 => deletion()];
    vec(transaction, 1..8)
}

/// Generates a link whose reverse side cascades, alone in its transaction so that it is rarely
/// rejected.
fn twins() -> impl Strategy<Value = Vec<Action>> {
    (1u8..5, 1u8..5).prop_map(|(from, to)| {
        vec![Action {
            edges: vec![("twin", vec![EntityKey::Id(id(to))])],
            ..Action::values("link", "goals", id(from), &[])
        }]
    })
}

/// Generates the deletion of one goal.
fn deletion() -> impl Strategy<Value = Vec<Action>> {
    (1u8..5).prop_map(|number| vec![Action::values("delete", "goals", id(number), &[])])
}

fn action() -> impl Strategy<Value = Action> {
    let kind = prop_oneof![
        2 => Just("create"),
        6 => Just("update"),
        2 => Just("merge"),
        4 => Just("link"),
        2 => Just("unlink"),
        2 => Just("delete"),
    ];
    let parts = (kind, prop_oneof![2 => Just("goals"), 1 => Just("people")], who(), vec(value(), 0..4));
    (parts, vec(edge(), 1..3), prop::bool::weighted(0.1)).prop_map(|(parts, edges, strict)| {
        let (kind, namespace, entity, values) = parts;
        let labels: &[&str] = if namespace == "goals" {
            &["owner", "tags", "twin", "twinOf", "fanOf"]
        } else {
            &["goals", "tagged", "fans"]
        };
        let mut edges = Vec::from_iter(edges.into_iter().map(|(at, to)| (labels[at % labels.len()], to)));
        let mut seen = HashSet::new();
        edges.retain(|(label, _)| seen.insert(*label));
        let mut values = values;
        if kind == "create" && namespace == "people" {
            values.insert(0, ("title", "Ada".into()));
        }
        let mut seen = HashSet::new();
        values.retain(|(label, _)| (namespace == "goals" || *label != "rank") && seen.insert(*label));
        if kind == "merge" && matches!(entity, EntityKey::Code(_)) {
            // The test finds a new entity by its code, which a later step must not change.
            values.retain(|(label, _)| *label != "code");
        }
        let strict = strict && (kind == "update" || kind == "merge");
        Action { kind, namespace, entity, values, edges, strict }
    })
}

fn who() -> impl Strategy<Value = EntityKey> {
    prop_oneof![6 => (1u8..5).prop_map(|number| EntityKey::Id(id(number))), 1 => code().prop_map(EntityKey::Code)]
}

fn code() -> impl Strategy<Value = String> {
    (0u8..4).prop_map(|number| format!("c{number}"))
}

fn edge() -> impl Strategy<Value = (usize, Vec<EntityKey>)> {
    (0usize..60, vec(who(), 1..3))
}

fn value() -> impl Strategy<Value = (&'static str, Value)> {
    let json = |text: &'static str| Value::parse(text).unwrap();
    prop_oneof![
        4 => (0u8..3).prop_map(|n| ("title", format!("t{n}").into())),
        3 => (0i64..4).prop_map(|n| ("rank", n.into())),
        1 => Just(("rank", Value::Null)),
        1 => Just(("rank", 1.5.into())),
        1 => Just(("rank", "no number".into())),
        1 => Just(("title", Value::Null)),
        4 => code().prop_map(|code| ("code", code.into())),
        1 => Just(("code", Value::Null)),
        2 => prop::sample::select(vec!["{}", "{\"a\":1}", "{\"a\":null,\"b\":{\"c\":2}}", "{\"b\":{\"c\":null}}", "[1]", "null", "5"])
            .prop_map(move |text| ("meta", json(text))),
    ]
}
