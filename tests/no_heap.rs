//! Training without a heap, in a program of its own: here every test has `std`.

use std::process::Command;

#[test]
fn training_allocates_nothing() {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "firmnet-no-alloc"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(", 0 allocations"), "{said}{complaint}");
}
