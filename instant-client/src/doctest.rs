//! The helper that async examples in the documentation run in, so that they show only what a user
//! writes.

use std::error::Error;

/// Runs the body of a documentation example on a single-threaded runtime. The body may use `?` and
/// `.await`.
///
/// Without the feature `local` examples have no backend to run against, and the body is discarded.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "local")]
macro_rules! __doctest {
    ($($body:tt)*) => {
        $crate::__private::doctest(async {
            $($body)*
            ::core::result::Result::Ok(())
        })
    };
}

/// Discards the body of a documentation example, which needs the feature `local`.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "local"))]
macro_rules! __doctest {
    ($($body:tt)*) => {};
}

/// Runs `example` and panics with its error, if it returns one.
pub fn run(example: impl Future<Output = Result<(), Box<dyn Error>>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(example));
    if let Err(error) = result {
        panic!("the example failed: {error}");
    }
}
