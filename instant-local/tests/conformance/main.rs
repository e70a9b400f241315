//! Replays the recorded responses of a real Instant server in memory, in a file and over HTTP.
//!
//! The recordings are in `tests/conformance/` at the top of the repository, one case per line;
//! `compact.py` there writes them.

mod compare;
mod recording;
mod replay;
mod server;
mod stream;

use std::future::pending;

use instant_local::Local;
use tokio::net::TcpListener;

use crate::{replay::replay, server::Server};

macro_rules! recorded {
    ($($test:ident: $file:literal;)*) => {$(
        #[test]
        fn $test() {
            check($file);
        }
    )*};
}
recorded! {
    http_conventions: "http-conventions";
    http_credentials: "http-credentials";
    http_guests_runtime: "http-guests-runtime";
    http_magic_codes: "http-magic-codes";
    http_presence: "http-presence";
    http_schema: "http-schema";
    http_status: "http-status";
    http_storage: "http-storage";
    http_storage_files: "http-storage-files";
    http_users: "http-users";
    instaql_cursors: "instaql-cursors";
    instaql_examples: "instaql-examples";
    instaql_malformed: "instaql-malformed";
    instaql_order: "instaql-order";
    instaql_page_info: "instaql-page-info";
    instaql_paging: "instaql-paging";
    instaql_shape: "instaql-shape";
    instaql_system: "instaql-system";
    instaql_values: "instaql-values";
    instaql_where_errors: "instaql-where-errors";
    instaql_where_operators: "instaql-where-operators";
    instaql_where_paths: "instaql-where-paths";
    perms_auth_storage: "perms-auth-storage";
    perms_cel: "perms-cel";
    perms_debug: "perms-debug";
    perms_ratelimit: "perms-ratelimit";
    perms_read: "perms-read";
    perms_read_hidden: "perms-read-hidden";
    perms_validate: "perms-validate";
    perms_write: "perms-write";
    perms_write_links: "perms-write-links";
    schema_pull: "schema-pull";
    schema_push: "schema-push";
    schema_rules: "schema-rules";
    schema_steps: "schema-steps";
    transact_attrs: "transact-attrs";
    transact_constraints: "transact-constraints";
    transact_errors: "transact-errors";
    transact_examples: "transact-examples";
    transact_lookups: "transact-lookups";
    transact_merge_values: "transact-merge-values";
    transact_order: "transact-order";
    transact_steps: "transact-steps";
    transact_system: "transact-system";
    transact_types: "transact-types";
}

/// Cases whose response differs on purpose; `docs/differences.md` lists the reasons.
const DIFFERENT: &[&str] = &[
    "an or, $not or $isNull true written before an and shares linked entities with it, member by member",
    // Messages of our own, because those of the real server explain its dashboard.
    "a required link from $users passes the plan and fails in apply",
    "add-attr: a required field on $users is refused",
    "plan: a cascade on a reverse has many is refused",
    "plan: a cascade on has many is refused",
    "plan: a link whose forward label is taken by a link is refused",
    "plan: a link whose reverse label is taken by a link is refused",
    "plan: a link with forward and reverse swapped is refused",
    "plan: an attribute whose name is taken by a reverse label is refused",
    "plan: several errors are all listed",
    // Mistakes in a schema or a step that are rejected immediately.
    "add-attr: a field with a reverse-identity",
    "add-attr: an unknown value-type is stored, and the attribute is neither in blobs nor in refs",
    "plan: entities as a list find nothing",
    "plan: onDelete restrict passes the plan",
    // The other differences about schemas.
    "a deleted attribute is in the soft-deleted list; its two names are prefixed with its id and _deleted$",
    "add-attr: an id that another app uses is refused",
    "add-attr: the whole answer with a job",
    "apply: the whole answer",
    "delete-attr: the whole answer",
    "update-attr: after a rename with the attr id as ident id the old name stays reserved",
];

/// Cases that need what is not served yet: sessions (`/admin/sse`), and streams that continue after
/// the first response.
const MISSING: &[&str] = &[
    // Attributes are restored by steps in a session.
    "restore-attr is refused when the name is taken",
    "restore-attr of a required attribute: it comes back optional",
    "restore-attr of an attribute that is not deleted does nothing",
    "restore-attr through an admin session brings the attribute and its values back, not indexed",
    // Only sessions enter rooms.
    "a guest user's session shows the guest",
    "a guest's session has no user",
    "a room id that is missing or blank",
    "a session that joined is there, without a user for an admin session",
    "a user deleted meanwhile is null",
    "a user's session shows the full user",
    "closing the stream takes the session out",
    "data given when joining",
    "data may be any JSON value",
    "leaving takes the session out",
    "one session in two rooms",
    "presence without joining is refused",
    "push: an unknown session, a wrong token, an unknown machine",
    "two sessions in one room see each other",
    // Sessions and open streams that report an app's status.
    "disabled: a new session and what it may do",
    "disabled: an open subscription is told of the status",
    "read-only: a new session and what it may do",
];

/// Asserts that all cases of a recording respond as recorded: in memory, in a file and over HTTP.
fn check(file: &str) {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { Local::in_memory().serve(listener, pending()).await });
    for (transport, server) in [
        ("memory", Server::in_process(&Local::in_memory())),
        ("file", Server::in_process(&Local::open_dir(directory.path()).unwrap())),
        ("HTTP", Server::http(address)),
    ] {
        let listed = |case: &str| DIFFERENT.contains(&case) || MISSING.contains(&case);
        let outcome = runtime.block_on(replay(&server, file, listed));
        let (passed, failed) = (outcome.passed.len(), outcome.failed.len());
        assert!(passed + failed > 10, "{file} has no cases");
        assert!(
            outcome.failed.iter().all(|case| listed(case)),
            "{transport}: {passed} passed, {failed} failed\n{}",
            outcome.differences.join("\n")
        );
        let stale = Vec::from_iter(outcome.passed.iter().filter(|case| listed(case)));
        assert!(
            stale.is_empty(),
            "{transport}: listed as different or missing, but responds as recorded: {stale:#?}"
        );
    }
}
