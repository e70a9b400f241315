//! Pushes that would weaken the schema of an app.

use expect_test::{Expect, expect};
use instant_client::prelude::*;

use crate::{check, parse};

/// Checks the response to a push of `schema` to an app with `setup` and two goals, and what the
/// app has afterwards.
#[track_caller]
fn narrow(setup: &str, schema: &str, allowed: &[&str], want: &Expect) {
    let id = |n| format!("00000000-0000-4000-8000-00000000000{n}");
    let run = |db: Client| async move {
        db.schema().push(&parse(setup)).await.unwrap();
        let steps = json!([
            ["create", "goals", id(1), {"title": "fit", "slug": "a"}],
            ["create", "goals", id(2), {"title": "fit", "slug": "b"}],
        ]);
        db.transact_raw(steps).await.unwrap();
        let push = allowed.iter().fold(db.schema().push(&parse(schema)), |push, name| push.allow(*name));
        let pushed = match push.await {
            Ok(pushed) => pushed.to_string(),
            Err(error) => format!("{:?}: {error}\n", error.kind()),
        };
        format!("{pushed}{}", db.schema().verify(&parse(setup)).await.unwrap())
    };
    check(run, want);
}

#[test]
fn push_weakens_only_what_is_allowed_by_name() {
    let links = "| goals.owner one $users.goals many required cascade";
    let setup = "goals title:string:ir slug:string:u";
    // A narrow struct for a report.
    narrow(
        setup,
        "goals title:string slug:json",
        &[],
        &expect![[r#"
        nothing to change
        keep goals.title: is declared optional, and is required in the app
        keep goals.title: is declared not indexed, and is indexed in the app
        keep goals.slug: is declared as json, and is string in the app
        keep goals.slug: is declared not unique, and is unique in the app
        the app has everything that is declared
    "#]],
    );
    // A weaker property together with a change that the data does not allow.
    narrow(
        setup,
        "goals title:number slug:string",
        &[],
        &expect![[r#"
        SchemaRejected: the push changed nothing: goals.title is declared as number, and is string in the app; to change it, push with `.allow("goals.title")`
        the app has everything that is declared
    "#]],
    );
    narrow(
        setup,
        "goals title:string:u slug:string",
        &[],
        &expect![[r#"
        SchemaRejected: the data does not allow part of the schema: goals.title cannot be unique, "fit" occurs more than once (in 00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000002); nothing was changed
        the app has everything that is declared
    "#]],
    );
    narrow(
        setup,
        "goals title:number slug:string",
        &["goals.title"],
        &expect![[r#"
        SchemaRejected: the data does not allow part of the schema: goals.title cannot be number, found "fit" in 00000000-0000-4000-8000-000000000001, "fit" in 00000000-0000-4000-8000-000000000002; performed: remove-index goals.title, remove-required goals.title
        goals.title is declared required, and is optional in the app
        goals.title is declared indexed, and is not indexed in the app
    "#]],
    );
    narrow(
        setup,
        "goals title:string:u slug:string done:json",
        &["goals.slug"],
        &expect![[r#"
        SchemaRejected: the data does not allow part of the schema: goals.title cannot be unique, "fit" occurs more than once (in 00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000002); performed: remove-unique goals.slug, add goals.done
        goals.slug is declared unique, and is not unique in the app
    "#]],
    );
    narrow(
        setup,
        "goals title:string slug:json",
        &["goals.title", "goals.slug"],
        &expect![[r#"
        remove-index goals.title
        remove-required goals.title
        remove-unique goals.slug
        remove-data-type goals.slug
        goals.title is declared required, and is optional in the app
        goals.title is declared indexed, and is not indexed in the app
        goals.slug is declared as string, and has no type in the app
        goals.slug is declared unique, and is not unique in the app
    "#]],
    );
    narrow(
        setup,
        "goals title:string",
        &["goals.tilte"],
        &expect![[r#"
        Build: `allow("goals.tilte")`: the schema does not declare that attribute; it declares goals.title
        the app has everything that is declared
    "#]],
    );
    let linked = format!("{setup} {}", links.replace(" required", ""));
    narrow(
        &linked,
        "goals title:string:ir | goals.owner many $users.goals many",
        &[],
        &expect![[r#"
        nothing to change
        keep goals.owner: is declared a link to many, and is a link to one in the app
        keep goals.owner: is declared kept without it, and is deleted with its target in the app
        the app has everything that is declared
    "#]],
    );
    let ends = "goals title:string:ir | goals.owner many $users.goals many";
    narrow(
        &linked,
        ends,
        &["goals.owner"],
        &expect![[r#"
        change goals.owner (many $users, back as $users.goals)
        goals.owner is declared a link to one, and is a link to many in the app
        goals.owner is declared deleted with its target, and is kept without it in the app
    "#]],
    );
    narrow(
        &format!("{setup} | goals.next one goals.previous one"),
        "goals title:string:ir | goals.next one goals.previous many",
        &[],
        &expect![[r#"
            nothing to change
            keep goals.previous: is declared a link to many, and is a link to one in the app
            the app has everything that is declared
        "#]],
    );
}
