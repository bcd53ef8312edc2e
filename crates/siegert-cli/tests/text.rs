//! Texts and exit status, word for word: the examples of `tests/cmd`.

#[test]
fn texts_are_as_in_the_examples() {
    trycmd::TestCases::new().case("tests/cmd/*.md");
}
