//! What the macro writes, kept as files: the book shows one, and a change of the macro shows as a change of them.

use std::path::Path;

#[test]
fn mnist() {
    is_kept("mnist.rs", super::declarations::MNIST);
}

#[test]
fn quantised() {
    is_kept("quantised.rs", super::declarations::DIGITS);
}

/// `EXPANSION=overwrite cargo test -p firmnet-macros` writes the file anew.
fn is_kept(file: &str, declaration: &str) {
    let expansion = crate::expand(declaration.parse().unwrap());
    let written = prettyplease::unparse(&syn::parse2(expansion).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expansion").join(file);
    if std::env::var_os("EXPANSION").is_some_and(|value| value == "overwrite") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &written).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, written, "run with EXPANSION=overwrite, and look at the difference");
}
