//! Runs the asynchronous examples of the documentation.

/// Runs the body of a documentation example, and panics with its error.
#[doc(hidden)]
#[macro_export]
macro_rules! __doctest {
    ($($body:tt)*) => {
        ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            $($body)*
            ::core::result::Result::<(), ::std::boxed::Box<dyn ::std::error::Error>>::Ok(())
        }).unwrap()
    };
}
