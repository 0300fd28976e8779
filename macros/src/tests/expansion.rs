//! What the macro writes for one network, kept as a file: the book shows it, and a change of the macro shows as a change of the file.

use std::path::Path;

/// `EXPANSION=overwrite cargo test -p firmnet-macros` writes the file anew.
#[test]
fn mnist() {
    let expansion = crate::expand(super::declarations::MNIST.parse().unwrap());
    let written = prettyplease::unparse(&syn::parse2(expansion).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expansion/mnist.rs");
    if std::env::var_os("EXPANSION").is_some_and(|value| value == "overwrite") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &written).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, written, "run with EXPANSION=overwrite, and look at the difference");
}
