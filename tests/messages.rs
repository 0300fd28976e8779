//! What the compiler says of mistakes: `tests/ui/*.rs`, each with the message beside it; and what it must accept.

#[test]
fn mistakes_are_answered() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}
