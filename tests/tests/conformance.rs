//! The recorded answers of a real Instant server, on both stores of the embedded one.

use instant_local::Local;
use instant_tests::conformance::replay;

macro_rules! recorded {
    ($($test:ident: $file:literal;)*) => {$(
        #[test]
        fn $test() {
            check($file);
        }
    )*};
}
recorded! {
    instaql_cursors: "instaql-cursors";
    instaql_examples: "instaql-examples";
    instaql_malformed: "instaql-malformed";
    instaql_order: "instaql-order";
    instaql_page_info: "instaql-page-info";
    instaql_paging: "instaql-paging";
    instaql_shape: "instaql-shape";
    instaql_values: "instaql-values";
    instaql_where_errors: "instaql-where-errors";
    instaql_where_operators: "instaql-where-operators";
    instaql_where_paths: "instaql-where-paths";
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

/// Cases that we mean to answer otherwise; `docs/differences.md` says why.
const DIFFERENT: [&str; 1] =
    ["an or, $not or $isNull true written before an and shares linked entities with it, member by member"];

/// Every case of a file answers as recorded, in memory and in files.
fn check(file: &str) {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for (store, server) in
        [("memory", Local::in_memory()), ("file", Local::open_dir(directory.path()).unwrap())]
    {
        let mut outcome = runtime.block_on(replay(&server, file));
        outcome.failed.retain(|case| !DIFFERENT.contains(&case.as_str()));
        assert!(outcome.passed + outcome.failed.len() > 10, "{file} has no cases");
        assert!(
            outcome.failed.is_empty(),
            "{store}: {} passed, {} failed\n{}",
            outcome.passed,
            outcome.failed.len(),
            outcome.differences.join("\n")
        );
    }
}
