//! Every recorded transaction is answered as a real server answered it, by apps in memory and by apps in files.

use instant_local::Local;
use instant_tests::conformance::replay;

/// Performs a file on both stores and prints each difference.
async fn check(name: &str) {
    let directory = tempfile::tempdir().unwrap();
    for (store, server) in
        [("memory", Local::in_memory()), ("files", Local::open_dir(directory.path()).unwrap())]
    {
        let outcome = replay(&server, name).await;
        assert!(outcome.passed > 0, "{name} has no cases");
        assert!(outcome.failed.is_empty(), "in {store}:\n{}", outcome.differences.join("\n"));
    }
}

macro_rules! recorded {
    ($($test:ident $name:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            check($name).await;
        }
    )*};
}
recorded! {
    attributes "transact-attrs";
    constraints "transact-constraints";
    errors "transact-errors";
    examples "transact-examples";
    lookups "transact-lookups";
    merges_and_values "transact-merge-values";
    order "transact-order";
    steps "transact-steps";
    system "transact-system";
    types "transact-types";
}
