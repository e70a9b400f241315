//! Checks at compile time that the futures of all calls, and their results, are `Send`. The calls
//! do not run.
#![cfg(feature = "local")]

use instant_client::{
    As, AuthClient, BatchOptions, Client, Download, Error, Page, Peer, RefreshToken, RoomsClient,
    RulesClient, SchemaClient, Scoped, SignInOptions, StorageClient, Upload, UserSelector, prelude::*,
    schema::Schema,
};

#[derive(InstantEntity, Debug, Clone)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
}

/// The future of a call.
fn call<T: Send, F: Future<Output = Result<T, E>> + Send, E: Send + Sync + std::error::Error + 'static>(
    _: F,
) {
}

fn shared<T: Send + Sync + 'static>() {}

fn of_clients(db: &Client, scoped: &Scoped) {
    call(Client::open("goals.db"));
    call(db.query(Goal::query()));
    call(db.query((Goal::query(), Goal::query())));
    call(db.query_one(Goal::query()));
    call(db.get(Id::<Goal>::new()));
    call(db.query_raw(json!({})));
    call(db.query_page(Goal::query()));
    call(db.count(Goal::query()));
    call(db.transact(Goal::create(NewGoal { title: "a".into() })));
    call(db.transact_raw(json!([])));
    call(db.transact_batched(
        Vec::<Goal>::new().into_iter().map(|goal| Goal::delete(goal.id)),
        BatchOptions::new(),
    ));
    call(db.debug_query(As::guest(), Goal::query()));
    call(db.debug_transact(As::guest(), Goal::delete(Id::<Goal>::new())));
    call(scoped.query(Goal::query()));
    call(scoped.query_one(Goal::query()));
    call(scoped.get(Id::<Goal>::new()));
    call(scoped.query_raw(json!({})));
    call(scoped.query_page(Goal::query()));
    call(scoped.count(Goal::query()));
    call(scoped.transact(Goal::delete(Id::<Goal>::new())));
    call(scoped.transact_raw(json!([])));
    call(async { db.pages(Goal::query()).next().await.transpose() });
    call(async { scoped.pages(Goal::query()).next().await.transpose() });
}

fn of_their_parts(
    auth: &AuthClient,
    files: &StorageClient,
    rooms: &RoomsClient,
    rules: &RulesClient,
    schema: &SchemaClient,
) {
    call(auth.user(UserSelector::email("ada@x.com")));
    call(auth.delete_user(UserSelector::email("ada@x.com")));
    call(auth.verify_token("token"));
    call(auth.sign_out(UserSelector::email("ada@x.com")));
    call(auth.create_token(UserSelector::email("ada@x.com")));
    call(auth.create_token_with(UserSelector::email("ada@x.com"), SignInOptions::new()));
    call(auth.sign_in_guest());
    call(auth.sign_in_guest_with(SignInOptions::new()));
    call(auth.create_magic_code("ada@x.com"));
    call(auth.send_magic_code("ada@x.com"));
    call(auth.verify_magic_code("ada@x.com", "123456"));
    call(auth.verify_magic_code_with("ada@x.com", "123456", SignInOptions::new()));
    call(files.upload("a", Upload::path("a")));
    call(files.delete("a"));
    call(files.delete_many(["a"]));
    call(files.list());
    call(files.download("a"));
    call(files.download_url("a"));
    call(async { files.download_url("a").await?.bytes().await });
    call(rooms.presence::<serde_json::Value>("chat", "1"));
    call(rules.pull());
    call(rules.push(json!({})));
    call(schema.pull());
    call(schema.attributes());
    call(schema.system_attributes());
    call(schema.deleted());
    call(schema.plan(&Schema::default()));
    call(schema.push(&Schema::default()).into_future());
    call(schema.verify(&Schema::default()));
}

#[test]
fn calls_and_results_are_send() {
    let _: fn(&Client, &Scoped) = of_clients;
    let _: fn(&AuthClient, &StorageClient, &RoomsClient, &RulesClient, &SchemaClient) = of_their_parts;
    shared::<Client>();
    shared::<Scoped>();
    shared::<Error>();
    shared::<RefreshToken>();
    shared::<Page<GoalRow>>();
    shared::<Peer<u32>>();
    shared::<Download>();
}
