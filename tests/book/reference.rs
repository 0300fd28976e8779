//! The reference has a section for everything that there is, which names every argument and every parameter; README names it too.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_layer_has_a_section() {
    // What stands behind `BatchNorm1d` and `BatchNorm2d`, and their like, is no keyword.
    let layers = items("layers", |name, _| !["BatchNorm", "InstanceNorm"].contains(&name));
    let sections = check("layers.md", &layers);
    for ((name, file), section) in layers.iter().zip(sections) {
        let declaration = format!("{{{{#include ../../tests/book/layers.rs:{name}}}}}");
        assert!(section.contains(&declaration), "layers.md: {name} has no declaration");
        for parameter in parameters(&read(file)) {
            assert!(section.contains(&format!("`{parameter}: [")), "{name}: no `{parameter}`");
        }
    }
}

#[test]
fn every_loss_has_a_section() {
    check("losses.md", &items("loss", |name, _| name.ends_with("Loss")));
}

#[test]
fn every_optimizer_has_a_section() {
    let implements =
        |name: &str, source: &str| source.contains(&format!("impl Optimizer for {name} "));
    check("optimizers.md", &items("optim", implements));
}

#[test]
fn every_schedule_has_a_section() {
    let schedules = items("schedule", |name, _| name.ends_with("Lr") || name.ends_with("Plateau"));
    check("schedules.md", &schedules);
}

/// Names that `runtime/src/<room>/mod.rs` makes public, each with its file. `is_one` is given a name and the text of its file.
fn items(room: &str, is_one: impl Fn(&str, &str) -> bool) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/src").join(room);
    let mut items = vec![];
    for line in read(&folder.join("mod.rs")).lines().filter(|line| !line.contains(" as ")) {
        let Some((module, names)) =
            line.strip_prefix("pub use ").and_then(|at| at.split_once("::"))
        else {
            continue;
        };
        let file = folder.join(module).with_extension("rs");
        let source = read(&file);
        let names = names.trim_matches(['{', '}', ';']).split(", ");
        items.extend(
            names.filter(|name| is_one(name, &source)).map(|name| (name.into(), file.clone())),
        );
    }
    assert!(items.len() > 4, "runtime/src/{room}/mod.rs names what there is, a line each");
    items.sort();
    items
}

/// The sections of `page` about `items`; that there are no others, that each names its arguments, and that README names it.
fn check(page: &str, items: &[(String, PathBuf)]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (text, readme) = (read(&root.join("book/src").join(page)), read(&root.join("README.md")));
    let mut sections: Vec<_> =
        text.split("\n## ").skip(1).filter_map(|at| at.split_once('\n')).collect();
    sections.sort_unstable();
    let (found, expected): (Vec<_>, Vec<_>) =
        (sections.iter().map(|at| at.0).collect(), items.iter().map(|at| &at.0).collect());
    assert_eq!(found, expected, "the sections of {page}, and what there is");
    for ((name, section), (_, file)) in sections.iter().zip(items) {
        for argument in arguments(&read(file)) {
            let named = section.contains(&format!("`{argument}`"));
            assert!(named, "{page}: the section of {name} does not name `{argument}`");
        }
        assert!(readme.contains(&format!("`{name}`")), "README.md does not name `{name}`");
    }
    sections.iter().map(|at| at.1.to_string()).collect()
}

/// What is set by name: the methods that give back what they are called on.
fn arguments(source: &str) -> impl Iterator<Item = &str> {
    let methods = source.split("pub const fn ").skip(1).filter_map(|at| at.split_once(['(', '<']));
    let setters = methods.filter(|(_, rest)| {
        let rest = rest.split_once('{').map_or("", |at| at.0);
        rest.contains("self, ") && !rest.contains("-> Inferred")
    });
    setters.map(|(name, _)| name)
}

/// The fields of a layer.
fn parameters(source: &str) -> impl Iterator<Item = &str> {
    let fields = source.lines().filter_map(|line| line.strip_prefix("    pub ")?.split_once(": ["));
    fields.map(|(name, _)| name).filter(|name| !name.contains(' '))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|_| panic!("{} is there", path.display()))
}
