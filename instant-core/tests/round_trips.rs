//! Property tests: what a client can build, the backend parses to the same value.

use instant_core::{
    Number, Object, Uuid, Value, WireError,
    query::{
        Aggregate, Condition, Cursor, Direction, Form, FormOptions, Limit, NamedForm, Order, PageOptions,
        Path, Predicate, Query, Where,
    },
    schema::{Attr, AttrDef, Cardinality, CheckedType, EntityDef, Identity, LinkDef, LinkEnd, Schema},
    steps::{self, EntityRef, LinkTargets, Lookup, Step, StepTarget, UpdateMode},
};
use proptest::{collection::vec, option, prelude::*};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn values_round_trip(value in value()) {
        prop_assert_eq!(Value::parse(&value.to_string()), Ok(value.clone()));
        let through_serde: Value = serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap();
        prop_assert_eq!(through_serde, value);
    }

    #[test]
    fn queries_round_trip(query in query()) {
        let json = Value::parse(&query.to_json().to_string()).unwrap();
        prop_assert_eq!(Query::parse(&json), Ok(query));
    }

    #[test]
    fn steps_round_trip(steps in vec(step(), 0..6)) {
        let json = Value::parse(&steps::to_json(&steps).to_string()).unwrap();
        prop_assert_eq!(steps::parse(&json), Ok(steps));
    }

    #[test]
    fn schemas_round_trip(schema in schema()) {
        let json = Value::parse(&schema.to_json().to_string()).unwrap();
        prop_assert_eq!(Schema::parse(&json), Ok(schema));
    }

    #[test]
    fn wire_errors_round_trip(kind in option::of(label()), message in text(), hint in option::of(object()), trace_id in option::of(text())) {
        let mut error = WireError::default();
        error.kind = kind;
        error.message = message;
        error.hint = hint;
        error.trace_id = trace_id;
        prop_assert_eq!(WireError::parse(&error.to_json()), Some(error));
    }

    /// Any text and any JSON either parses or returns an error with an issue; nothing panics.
    #[test]
    fn arbitrary_input_never_panics(value in value(), noise in ".{0,40}") {
        if let Err(error) = Query::parse(&value) {
            prop_assert!(!error.issues.is_empty());
        }
        if let Err(error) = steps::parse(&value) {
            prop_assert!(!error.issues.is_empty());
        }
        let _ = Schema::parse(&value);
        if let Err(error) = Value::parse(&noise) {
            prop_assert!(error.offset() <= noise.len());
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,12}", Just("a \"quote\" \\ \n é 😀".to_owned()), Just(String::new())]
}

fn label() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,8}".prop_filter("words with a meaning of their own", |label| {
        !["or", "and", "id"].contains(&label.as_str())
    })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::Int),
        (-1000i64..1000).prop_map(Number::Int),
        // Integral doubles from ten million on are written without a fraction and parse as
        // integers.
        any::<f64>()
            .prop_filter("has a fraction", |n| n.is_finite() && n.fract() != 0.0)
            .prop_map(Number::Float),
        (-1000i32..1000).prop_map(|n| Number::Float(f64::from(n) + 0.0)),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::String),
        number().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Bool)
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![scalar(), Just(Value::Null)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((text(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Object> {
    vec((label(), value()), 0..4).prop_map(Object::from_iter)
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn test() -> impl Strategy<Value = Predicate> {
    prop_oneof![
        scalar().prop_map(Predicate::Equals),
        vec(prop_oneof![scalar(), Just(Value::Null)], 0..4).prop_map(Predicate::In),
        scalar().prop_map(Predicate::Not),
        any::<bool>().prop_map(Predicate::IsNull),
        scalar().prop_map(Predicate::Gt),
        scalar().prop_map(Predicate::Gte),
        scalar().prop_map(Predicate::Lt),
        scalar().prop_map(Predicate::Lte),
        scalar().prop_map(Predicate::Like),
        scalar().prop_map(Predicate::ILike),
    ]
}

fn path() -> impl Strategy<Value = Path> {
    vec(label(), 1..4).prop_map(|labels| Path::from(labels.join(".").as_str()))
}

/// Conditions on different paths, then at most one `or` and one `and`: what one JSON object can
/// hold.
fn filter() -> impl Strategy<Value = Where> {
    let plain = vec((path(), test()), 0..4).prop_map(|conditions| {
        let mut seen = Vec::new();
        let fresh = |(path, _): &(Path, Predicate)| {
            !seen.contains(path) && {
                seen.push(path.clone());
                true
            }
        };
        Where(conditions.into_iter().filter(fresh).map(|(path, test)| Condition::new(path, test)).collect())
    });
    plain.boxed().prop_recursive(3, 16, 3, |inner| {
        // The parser rejects or skips empty members.
        let member = inner.clone().prop_filter("is not empty", |member| !member.is_empty());
        (inner, option::of(vec(member.clone(), 1..3)), option::of(vec(member, 1..3))).prop_map(
            |(plain, any, all)| {
                let mut conditions = plain
                    .0
                    .into_iter()
                    .filter(|one| matches!(one, Condition::Path { .. }))
                    .collect::<Vec<_>>();
                conditions.extend(any.map(Condition::Any));
                conditions.extend(all.map(Condition::All));
                Where(conditions)
            },
        )
    })
}

fn cursor() -> impl Strategy<Value = Cursor> {
    (uuid(), uuid(), value(), any::<i64>()).prop_map(|(entity, attr, value, created)| Cursor {
        entity,
        attr,
        value,
        created,
    })
}

fn page() -> impl Strategy<Value = PageOptions> {
    let rows = 1..i64::MAX as u64;
    let limit = prop_oneof![
        rows.clone().prop_map(Limit::Limit),
        rows.clone().prop_map(Limit::First),
        rows.clone().prop_map(Limit::Last),
    ];
    (
        option::of(limit),
        option::of(rows),
        option::of(cursor()),
        option::of(cursor()),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(limit, offset, after, before, after_inclusive, before_inclusive)| PageOptions {
            limit,
            offset,
            after,
            before,
            after_inclusive,
            before_inclusive,
        })
}

fn options(paged: bool) -> impl Strategy<Value = FormOptions> {
    let order = (label(), any::<bool>()).prop_map(|(label, up)| Order {
        label,
        direction: if up { Direction::Asc } else { Direction::Desc },
    });
    let page = if paged { page().boxed() } else { Just(PageOptions::default()).boxed() };
    (filter(), option::of(order), page, option::of(vec(text(), 0..3))).prop_map(
        |(filter, order, page, fields)| FormOptions { filter, order, page, fields, aggregate: None },
    )
}

fn named(form: impl Strategy<Value = Form>) -> impl Strategy<Value = Vec<NamedForm>> {
    vec((label(), form), 0..3).prop_map(|forms| {
        let mut out: Vec<NamedForm> = Vec::new();
        for (name, form) in forms {
            if out.iter().all(|known| known.name != name) {
                out.push(NamedForm { name, form });
            }
        }
        out
    })
}

fn query() -> impl Strategy<Value = Query> {
    let leaf = options(false).prop_map(|options| Form { options, links: Vec::new() });
    let nested = leaf.prop_recursive(2, 6, 2, |inner| {
        (options(false), named(inner)).prop_map(|(options, links)| Form { options, links })
    });
    let counted = FormOptions { aggregate: Some(Aggregate::Count), ..FormOptions::default() };
    let top = prop_oneof![
        4 => (options(true), named(nested)).prop_map(|(options, links)| Form { options, links }),
        1 => Just(Form { options: counted, links: Vec::new() }),
    ];
    (named(top), option::of(object().prop_map(Value::from)))
        .prop_map(|(forms, rule_params)| Query { forms, rule_params })
}

fn entity() -> impl Strategy<Value = EntityRef> {
    prop_oneof![
        uuid().prop_map(EntityRef::Id),
        (label(), value()).prop_map(|(attr, value)| EntityRef::Lookup(Lookup { attr, value })),
    ]
}

fn edges() -> impl Strategy<Value = Vec<LinkTargets>> {
    vec((label(), vec(entity(), 0..3)), 0..3).prop_map(|edges| {
        let mut out: Vec<LinkTargets> = Vec::new();
        for (label, to) in edges {
            if out.iter().all(|known| known.label != label) {
                out.push(LinkTargets { label, targets: to });
            }
        }
        out
    })
}

fn step() -> impl Strategy<Value = Step> {
    let target = || (label(), entity()).prop_map(|(namespace, entity)| StepTarget { namespace, entity });
    let mode = || prop_oneof![Just(UpdateMode::Upsert), Just(UpdateMode::Strict)];
    prop_oneof![
        (target(), object()).prop_map(|(target, values)| Step::Create(target, values)),
        (target(), object(), mode()).prop_map(|(target, values, mode)| Step::Update(target, values, mode)),
        (target(), object(), mode()).prop_map(|(target, values, mode)| Step::Merge(target, values, mode)),
        (target(), edges()).prop_map(|(target, edges)| Step::Link(target, edges)),
        (target(), edges()).prop_map(|(target, edges)| Step::Unlink(target, edges)),
        target().prop_map(Step::Delete),
        (target(), object()).prop_map(|(target, params)| Step::RuleParams(target, params)),
        attr().prop_map(|attr| Step::AddAttr(Box::new(attr))),
        uuid().prop_map(Step::DeleteAttr),
    ]
}

fn checked_type() -> impl Strategy<Value = Option<CheckedType>> {
    prop_oneof![
        Just(None),
        Just(Some(CheckedType::String)),
        Just(Some(CheckedType::Number)),
        Just(Some(CheckedType::Boolean)),
        Just(Some(CheckedType::Date)),
    ]
}

fn attr() -> impl Strategy<Value = Attr> {
    let flags = (any::<[bool; 5]>(), checked_type());
    (label(), label(), option::of((label(), label())), flags).prop_map(
        |(namespace, label, reverse, flags)| {
            let ([unique, index, required, on_delete, on_delete_reverse], checked_type) = flags;
            let mut attr = match reverse {
                None => Attr::blob(namespace, label),
                Some((there, back)) => {
                    Attr::link(Identity::new(namespace, label), Identity::new(there, back))
                }
            };
            (attr.unique, attr.index, attr.required) = (unique, index, required);
            (attr.on_delete, attr.on_delete_reverse) = (on_delete, on_delete_reverse);
            attr.checked_type = checked_type;
            if attr.is_link() && required {
                attr.cardinality = Cardinality::One;
            }
            attr
        },
    )
}

fn schema() -> impl Strategy<Value = Schema> {
    let attr = (label(), checked_type(), any::<[bool; 3]>()).prop_map(|(label, checked_type, flags)| {
        let [required, indexed, unique] = flags;
        AttrDef { label, checked_type, required, indexed, unique }
    });
    let entity = (label(), vec(attr, 0..4)).prop_map(|(namespace, mut attrs)| {
        attrs.sort_by(|a, b| a.label.cmp(&b.label));
        attrs.dedup_by(|a, b| a.label == b.label);
        EntityDef { namespace, attrs }
    });
    let link = (label(), link_end(), link_end()).prop_map(|(name, forward, reverse)| LinkDef {
        name,
        forward,
        reverse,
    });
    (vec(entity, 0..4), vec(link, 0..3)).prop_map(|(mut entities, mut links)| {
        entities.sort_by(|a, b| a.namespace.cmp(&b.namespace));
        entities.dedup_by(|a, b| a.namespace == b.namespace);
        links.sort_by(|a, b| a.name.cmp(&b.name));
        links.dedup_by(|a, b| a.name == b.name);
        Schema { entities, links }
    })
}

fn link_end() -> impl Strategy<Value = LinkEnd> {
    (label(), label(), any::<[bool; 3]>()).prop_map(|(on, label, [one, required, on_delete_cascade])| {
        let has = if one { Cardinality::One } else { Cardinality::Many };
        LinkEnd { on, label, has, required, on_delete_cascade }
    })
}
