//! Compile errors are part of the product: each mistake under `ui` is told as its `.stderr` says, and the odd but valid
//! code under `ui-pass` compiles without a warning.

#[test]
fn compile_errors_and_odd_code() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui-pass/*.rs");
}
