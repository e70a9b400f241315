//! Schema pushes to apps in memory and in files, and the resulting schemas.

#![cfg(feature = "local")]

#[path = "../common/mod.rs"]
mod common;
mod weakening;

use common::Served;
use expect_test::{Expect, expect};
use instant_client::{
    ErrorKind, File, User,
    prelude::*,
    schema::{Cardinality, CheckedType, Schema},
};
use instant_core::schema::{AttrDef, EntityDef, LinkDef, LinkEnd};

#[derive(InstantEntity, Debug, PartialEq)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
    #[instant(unique)]
    slug: Option<String>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
}

#[derive(InstantEntity, Debug, PartialEq)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    done: bool,
    #[instant(link(reverse = todos, on_delete = cascade))]
    goal: One<Goal>,
}

/// Runs a future on its own runtime.
fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Runs the same test on an app in memory, in a file, and over HTTP, and compares the results.
#[track_caller]
fn check<F: Future<Output = String>>(run: impl Fn(Client) -> F, want: &Expect) {
    let [memory, file, served] = block(async {
        let directory = tempfile::tempdir().unwrap();
        let file = Client::open(directory.path().join("app.db")).await.unwrap();
        let served = Served::new(&Schema::default()).await;
        let told = [run(Client::in_memory()).await, run(file).await, run(served.db.clone()).await];
        served.stop().await;
        told
    });
    assert_eq!(memory, file);
    assert_eq!(memory, served);
    want.assert_eq(&memory);
}

#[test]
fn pushed_schema_is_effective_immediately() {
    let run = |db: Client| async move {
        let pushed = db.schema().push(&schema![Goal, Todo]).await.unwrap();
        let goal = Goal::create(NewGoal { title: "Get fit".into() });
        let id = goal.id();
        let todo = Todo::create(NewTodo { done: false }).link(|t| t.goal, id);
        db.transact((goal, todo)).await.unwrap();
        let rows = db.query(Goal::query().order(|g| g.title.asc()).include(|g| g.todos)).await.unwrap();
        assert_eq!((rows.len(), rows[0].todos.len()), (1, 1));
        let error = db.transact(Goal::update(Id::<Goal>::new()).set(|g| g.slug, "fit")).await.unwrap_err();
        assert!(error.is_validation(), "{error}");
        db.transact(Goal::delete(id)).await.unwrap();
        assert!(db.query(Todo::query()).await.unwrap().is_empty());
        pushed.to_string()
    };
    check(
        run,
        &expect![[r#"
        add goals.id
        add todos.id
        add goals.title (string, required, indexed)
        add goals.slug (string, unique)
        add todos.done (boolean, required)
        add todos.goal (one goals, back as goals.todos, deleted with its target)
    "#]],
    );
}

/// Checks the differences between the app in `setup` and the declared schema, before and after a
/// push.
#[track_caller]
fn differ(setup: &str, schema: &Schema, want: &Expect) {
    let run = |db: Client| async move {
        if !setup.is_empty() {
            db.schema().push(&parse(setup)).await.unwrap();
        }
        let report = db.schema().verify(schema).await.unwrap();
        assert_eq!(report.matches(), report.differences.is_empty());
        let kept = match db.schema().plan(schema).await {
            Ok(plan) => plan.kept,
            Err(error) => return format!("{report}{error}\n"),
        };
        let push = kept.iter().fold(db.schema().push(schema), |push, kept| {
            push.allow(format!("{}.{}", kept.namespace, kept.label))
        });
        let plan = push.plan().await.unwrap();
        assert_eq!(plan.kept, []);
        let pushed = push.await.unwrap();
        assert_eq!(plan.changes, pushed.changes);
        assert_eq!(db.schema().push(schema).await.unwrap().to_string(), "nothing to change\n");
        format!("{report}{plan}{}", db.schema().verify(schema).await.unwrap())
    };
    check(run, want);
}

/// Checks that the app in `setup` has everything declared, so that a push changes nothing.
#[track_caller]
fn agree(setup: &str, schema: &Schema) {
    differ(
        setup,
        schema,
        &expect![[r#"
            the app has everything that is declared
            nothing to change
            the app has everything that is declared
        "#]],
    );
}

/// Parses `goals title:string:iur, todos done:json` and, after `|`, links: `todos.goal one
/// goals.todos many cascade required`.
fn parse(text: &str) -> Schema {
    let mut schema = Schema::default();
    let (entities, links) = text.split_once('|').unwrap_or((text, ""));
    for entity in entities.split(',') {
        let mut words = entity.split_whitespace();
        let namespace = words.next().unwrap().to_owned();
        let attrs = words.map(|attr| {
            let parts = Vec::from_iter(attr.split(':'));
            let has = |flag| parts.get(2).is_some_and(|flags| flags.contains(flag));
            AttrDef {
                label: parts[0].to_owned(),
                checked_type: CheckedType::parse(parts[1]),
                required: has('r'),
                indexed: has('i'),
                unique: has('u'),
            }
        });
        schema.entities.push(EntityDef { namespace, attrs: attrs.collect() });
    }
    for link in links.split(',').filter(|link| !link.trim().is_empty()) {
        let words = Vec::from_iter(link.split_whitespace());
        let end = |at: usize| {
            let (on, label) = words[at].split_once('.').unwrap();
            let has = if words[at + 1] == "one" { Cardinality::One } else { Cardinality::Many };
            let flag = |word| at == 0 && words[4..].contains(&word);
            LinkEnd {
                on: on.to_owned(),
                label: label.to_owned(),
                has,
                required: flag("required"),
                on_delete_cascade: flag("cascade"),
            }
        };
        schema.links.push(LinkDef { name: String::new(), forward: end(0), reverse: end(2) });
    }
    schema
}

#[test]
fn push_removes_each_difference() {
    differ(
        "",
        &schema![Goal, Todo],
        &expect![[r#"
        goals is missing in the app: it has no such namespace
        todos is missing in the app: it has no such namespace
        todos.goal is missing in the app: it has no link with these ends
        add goals.id
        add todos.id
        add goals.title (string, required, indexed)
        add goals.slug (string, unique)
        add todos.done (boolean, required)
        add todos.goal (one goals, back as goals.todos, deleted with its target)
        the app has everything that is declared
    "#]],
    );
    differ(
        "goals title:string:ir slug:string:u",
        &schema![Goal, Todo],
        &expect![[r#"
        todos is missing in the app: it has no such namespace
        todos.goal is missing in the app: it has no link with these ends
        add todos.id
        add todos.done (boolean, required)
        add todos.goal (one goals, back as goals.todos, deleted with its target)
        the app has everything that is declared
    "#]],
    );
    differ(
        "goals title:number:u slug:json:r, todos done:boolean:r | todos.goal many goals.todos one",
        &schema![Goal, Todo],
        &expect![[r#"
            goals.title is declared as string, and is number in the app
            goals.title is declared required, and is optional in the app
            goals.title is declared indexed, and is not indexed in the app
            goals.title is declared not unique, and is unique in the app
            goals.slug is declared as string, and has no type in the app
            goals.slug is declared optional, and is required in the app
            goals.slug is declared unique, and is not unique in the app
            todos.goal is declared a link to one, and is a link to many in the app
            todos.goal is declared deleted with its target, and is kept without it in the app
            goals.todos is declared a link to many, and is a link to one in the app
            index goals.title
            remove-unique goals.title
            required goals.title
            check-data-type goals.title (string)
            unique goals.slug
            remove-required goals.slug
            check-data-type goals.slug (string)
            change todos.goal (one goals, back as goals.todos, deleted with its target)
            the app has everything that is declared
        "#]],
    );
    differ(
        "goals title:string:ir, todos id:json | goals.todo one todos.goal one",
        &schema![Goal, Todo],
        &expect![[r#"
        goals.slug is missing in the app
        todos.done is missing in the app
        todos.goal is missing in the app: it has no link with these ends
        the server rejected the request: Validation failed for schema: todos->goal: the name is in use; rename this end, or the attribute or link that has it (validation-failed)
    "#]],
    );
    agree("goals extra:json, others a:json", &parse("goals extra:json"));
    agree("", &schema![User, File]);
    differ(
        "",
        &parse("$users email:number nick:string, $files path:string"),
        &expect![[r#"
        $users.email is declared as number, and is string in the app
        $users.nick is missing in the app
        add $users.nick (string)
        $users.email is declared as number, and is string in the app
    "#]],
    );
}

#[test]
fn data_that_prevents_a_change_is_reported() {
    let id = |n| format!("00000000-0000-4000-8000-00000000000{n}");
    let run = |db: Client| async move {
        let steps = json!([
            ["create", "goals", id(1), {"title": "fit", "slug": 7, "text": "x".repeat(3000)}],
            ["create", "goals", id(2), {"title": "fit", "slug": "seven"}],
            ["create", "goals", id(3), {}],
        ]);
        db.transact_raw(steps).await.unwrap();
        db.schema().push(&parse("goals title:string slug:json text:json done:json")).await.unwrap();
        let mut out = String::new();
        for schema in [
            "goals title:string:u",
            "goals title:string:r",
            "goals slug:number:i",
            "goals text:json:u",
            "goals text:json:i title:string:ur",
        ] {
            let error = db.schema().push(&parse(schema)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SchemaRejected);
            out.push_str(&format!("{error}\n"));
        }
        let before = parse("goals title:string slug:json text:json done:json");
        format!("{out}{}", db.schema().verify(&before).await.unwrap())
    };
    check(
        run,
        &expect![[r#"
            the data does not allow part of the schema: goals.title cannot be unique, "fit" occurs more than once (in 00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000002); nothing was changed
            the data does not allow part of the schema: goals.title cannot be required, 1 without a value (such as 00000000-0000-4000-8000-000000000003); nothing was changed
            the data does not allow part of the schema: goals.slug cannot be number, found "seven" in 00000000-0000-4000-8000-000000000002; performed: index goals.slug
            the data does not allow part of the schema: goals.text cannot be unique, values are too large (in 00000000-0000-4000-8000-000000000001); nothing was changed
            the data does not allow part of the schema: goals.text cannot be indexed, values are too large (in 00000000-0000-4000-8000-000000000001); goals.title cannot be required, 1 without a value (such as 00000000-0000-4000-8000-000000000003); goals.title cannot be unique, "fit" occurs more than once (in 00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000002); nothing was changed
            goals.slug is declared not indexed, and is indexed in the app
        "#]],
    );
}

#[test]
fn pulled_schema_can_be_pushed_to_another_app() {
    let run = |db: Client| async move {
        db.schema().push(&schema![Goal, Todo]).await.unwrap();
        let more = "$users nick:string:i, goals id:json, lone id:json | goals.owner one $users.goals many";
        db.schema().push(&parse(more)).await.unwrap();
        let mut odd = parse("goals x:string");
        odd.entities[0].attrs[0].label = String::new();
        db.schema().push(&odd).await.unwrap();
        let pulled = db.schema().pull().await.unwrap();
        let other = Client::in_memory_with(pulled.clone()).build().unwrap();
        let again = other.schema().pull().await.unwrap();
        assert_eq!(again.links, pulled.links);
        assert_eq!(other.schema().push(&pulled).await.unwrap().to_string(), "nothing to change\n");
        pulled.to_json().to_string().replace("},", "},\n")
    };
    check(
        run,
        &expect![[r#"
        {"entities":{"$users":{"attrs":{"nick":{"valueType":"string","required":false,"config":{"indexed":true,"unique":false}}}},
        "goals":{"attrs":{"":{"valueType":"string","required":false,"config":{"indexed":false,"unique":false}},
        "slug":{"valueType":"string","required":false,"config":{"indexed":false,"unique":true}},
        "title":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}}}},
        "lone":{"attrs":{}},
        "todos":{"attrs":{"done":{"valueType":"boolean","required":true,"config":{"indexed":false,"unique":false}}}}},
        "links":{"goalsOwner":{"forward":{"on":"goals","has":"one","label":"owner"},
        "reverse":{"on":"$users","has":"many","label":"goals"}},
        "todosGoal":{"forward":{"on":"todos","has":"one","label":"goal","onDelete":"cascade"},
        "reverse":{"on":"goals","has":"many","label":"todos"}}}}"#]],
    );
}

mod apart {
    use instant_client::prelude::*;

    /// The namespace of `super::Goal`, as declared in another program.
    #[derive(InstantEntity, Debug, PartialEq)]
    #[instant(namespace = "goals")]
    pub(crate) struct Titled {
        id: Id<Titled>,
        #[instant(unique)]
        title: String,
    }

    #[derive(InstantEntity, Debug, PartialEq)]
    #[instant(namespace = "goals")]
    pub(crate) struct Numbered {
        id: Id<Numbered>,
        title: f64,
    }
}

#[test]
fn incomplete_schemas_are_rejected() {
    #[track_caller]
    fn check(schema: Schema, want: &str) {
        block(async {
            let db = Client::in_memory();
            let refused = [
                db.schema().push(&schema).await.unwrap_err(),
                db.schema().plan(&schema).await.unwrap_err(),
                db.schema().verify(&schema).await.unwrap_err(),
            ];
            for error in refused {
                assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::Build, want));
            }
            let error = Client::in_memory_with(schema).build().unwrap_err();
            assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::Config, want));
        });
    }
    check(
        schema![Goal],
        "invalid schema: `goals.todos` leads to `todos`, which is not listed: add the struct for `todos` to `schema![..]`",
    );
    check(
        schema![Todo],
        "invalid schema: `todos.goal` leads to `goals`, which is not listed: add the struct for `goals` to `schema![..]`",
    );
    check(
        schema![Goal, Todo, apart::Numbered],
        "invalid schema: `goals.title` is declared twice: string by one struct, number by another",
    );
}

#[test]
fn structs_of_one_namespace_are_merged() {
    let title = |schema: Schema| schema.entities[0].attrs[0].clone();
    let both = title(schema![Goal, Todo, apart::Titled]);
    assert!(both.indexed && both.unique && both.required);
    assert_eq!(both, title(schema![apart::Titled, Goal, Todo]));
}
