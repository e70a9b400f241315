//! The position in an error: step, namespace, entity and attribute, as reported by the embedded
//! backend.
#![cfg(feature = "local")]

use instant_client::{Client, Error, Uuid, prelude::*};

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
    #[instant(unique)]
    slug: Option<String>,
    #[instant(indexed)]
    size: Option<f64>,
    #[instant(link(reverse = "goals"))]
    owner: One<Person>,
}

#[derive(InstantEntity)]
#[instant(namespace = "people")]
struct Person {
    id: Id<Person>,
    name: String,
}

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";

/// Checks the position as `step namespace entity attribute`, with `-` for unknown parts and `A` for
/// goal A.
fn place(error: &Error) -> String {
    let or = |part: Option<String>| part.unwrap_or("-".to_owned());
    let entity =
        error.entity().map(|id| if id == Uuid::try_parse(A).unwrap() { "A".into() } else { id.to_string() });
    format!(
        "{} {} {} {}",
        or(error.step().map(|step| step.to_string())),
        or(error.namespace().map(str::to_owned)),
        or(entity),
        or(error.attribute().map(str::to_owned)),
    )
}

#[tokio::test]
async fn rejected_steps_have_a_position() {
    let db = Client::in_memory_with(schema![Goal, Person]).build().unwrap();
    let ada = Id::from_uuid(Uuid::from_u128(1));
    db.transact((
        Goal::create(NewGoal { title: "b".into() })
            .with_id(Id::from_uuid(Uuid::try_parse(B).unwrap()))
            .set(|g| g.slug, "b"),
        Person::create(NewPerson { name: "Ada".into() }).with_id(ada),
    ))
    .await
    .unwrap();
    for (steps, want) in [
        // Wrong type.
        (json!([["update", "goals", A, {"title": 7}]]), "- goals A title"),
        // Too large for an index.
        (json!([["update", "goals", A, {"title": "a", "slug": "x".repeat(2000)}]]), "- goals A slug"),
        // Missing required attribute.
        (json!([["update", "goals", A, {"size": 1}]]), "- goals A title"),
        // Not unique.
        (json!([["update", "goals", A, {"title": "a", "slug": "b"}]]), "- goals - slug"),
        // Exists already, or does not exist.
        (json!([["create", "goals", B, {"title": "b"}]]), &format!("- goals {B} -")),
        (json!([["update", "goals", A, {"title": "a"}, {"upsert": false}]]), "- goals A -"),
        // A link whose target is not an id.
        (json!([["update", "goals", A, {"title": "a", "owner": "Ada"}]]), "- goals A owner"),
        // Malformed steps.
        (json!([["update", "goals", B, {"title": "b"}], ["update", "goals", "x", {}]]), "1 - - -"),
        (json!([["update", "goals", B, {}], ["update", "goals", B, {}], ["grow", "goals", B]]), "2 - - -"),
        // An index of the server's own operations is not an index of a step.
        (json!([["update", "goals", B, {"title": "b"}], ["update", "", B, {"x": 1}]]), "- - - -"),
        // Lookups.
        (json!([["update", "goals", ["title", "b"], {"size": 1}]]), "- - - title"),
        (
            json!([["update", "goals", A, {"title": "a"}], ["link", "goals", A, {"owner": "lookup__id__\"x\""}]]),
            "- - - -",
        ),
        // A system column.
        (json!([["update", "$files", A, {"path": "a", "url": "x"}]]), "- - A -"),
    ] {
        let error = db.transact_raw(steps.clone()).await.unwrap_err();
        assert_eq!(place(&error), want, "{steps} {error:?}");
    }
    let unsaid = db.transact(
        Goal::update(ada.to_string().parse::<Uuid>().map(Id::from_uuid).unwrap()).set(|g| g.size, f64::NAN),
    );
    assert_eq!(place(&unsaid.await.unwrap_err()), "- - - -");
}

#[test]
fn invalid_queries_have_a_namespace() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Client::in_memory_with(schema![Goal, Person]).build().unwrap();
        let error =
            db.query_raw(json!({"goals": {"$": {"where": {"title": {"$gt": "a"}}}}})).await.unwrap_err();
        assert_eq!(place(&error), "- goals - -", "{error:?}");
    });
}
