//! What the book shows is included from files that are compiled and run, and what it points to is there.

use std::fs;
use std::path::{Path, PathBuf};

/// Where Rust may be included from: all of it is compiled and run by `cargo test`, and by the benches.
const TESTED: [&str; 5] = ["examples", "tests", "runtime/src", "src", "benches/work"];

#[test]
fn every_block_of_rust_is_included_from_a_tested_file() {
    for chapter in chapters() {
        for (line, language, block) in blocks(&chapter.text) {
            if language.starts_with("rust") {
                let one = block.len() == 1 && block[0].starts_with("{{#include ");
                assert!(
                    one,
                    "{chapter}:{line}: Rust is included from a tested file",
                    chapter = chapter.name
                );
            }
        }
    }
}

#[test]
fn every_error_is_one_that_the_compiler_gave() {
    let messages: String =
        files(&root().join("tests/ui"), "stderr").map(|(_, text)| text).collect();
    let pages = chapters().into_iter().chain([Page::read(&root().join("README.md"))]);
    for page in pages {
        for (line, _, block) in blocks(&page.text) {
            let Some(error) = block.first().filter(|first| first.starts_with("error")) else {
                continue;
            };
            assert!(
                messages.contains(error),
                "{}:{line}: no case of tests/ui has this error",
                page.name
            );
        }
    }
}

#[test]
fn every_include_finds_its_anchor() {
    for chapter in chapters() {
        for include in between(&chapter.text, "{{#include ", "}}") {
            let (path, anchor) = include.split_once(':').unwrap_or((include, ""));
            let file = chapter.folder.join(path).canonicalize();
            let file = file.unwrap_or_else(|_| panic!("{}: {path} is not there", chapter.name));
            let text = fs::read_to_string(&file).expect("a text file");
            let inside = file.strip_prefix(root()).expect("a file of this project");
            let rust = inside.extension().is_some_and(|extension| extension == "rs");
            let tested = !rust || TESTED.iter().any(|room| inside.starts_with(room));
            assert!(tested, "{}: {path} is not tested", chapter.name);
            for mark in ["ANCHOR: ", "ANCHOR_END: "] {
                let found = text.lines().any(|line| {
                    line.split_once(mark).is_some_and(|(_, name)| name.trim() == anchor)
                });
                // Instead of an anchor there may be the numbers of lines.
                let lines = anchor.chars().all(|c| c.is_ascii_digit() || c == ':');
                assert!(lines || found, "{}: {path} has no {mark}{anchor}", chapter.name);
            }
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let others =
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|name| Page::read(&root().join(name)));
    for page in chapters().into_iter().chain(others) {
        for link in between(&page.text, "](", ")") {
            if link.contains("://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.path.clone() } else { page.folder.join(path) };
            assert!(target.exists(), "{}: {link} leads nowhere", page.name);
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).expect("a page");
                assert!(
                    headings(&text).any(|found| found == heading),
                    "{}: no heading {link}",
                    page.name
                );
            }
        }
    }
}

/// A page of the book, or beside it.
struct Page {
    name: String,
    path: PathBuf,
    folder: PathBuf,
    text: String,
}

impl Page {
    fn read(path: &Path) -> Page {
        let text =
            fs::read_to_string(path).unwrap_or_else(|_| panic!("{} is there", path.display()));
        let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
        let folder = path.parent().expect("a file is in a folder").to_path_buf();
        Page { name, path: path.to_path_buf(), folder, text }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn chapters() -> Vec<Page> {
    let chapters: Vec<_> =
        files(&root().join("book/src"), "md").map(|(path, _)| Page::read(&path)).collect();
    assert!(chapters.len() > 1, "the book has chapters");
    chapters
}

/// The files of `folder` that end in `extension`, and what is in them.
fn files(folder: &Path, extension: &str) -> impl Iterator<Item = (PathBuf, String)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("{} is there", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let paths = paths.filter(move |path| path.extension().is_some_and(|found| found == extension));
    paths.map(|path| {
        let text = fs::read_to_string(&path).expect("a text file");
        (path, text)
    })
}

/// The fenced blocks of a page: the line of the fence, its language, and what is inside.
fn blocks(text: &str) -> Vec<(usize, &str, Vec<&str>)> {
    let (mut blocks, mut open) = (vec![], None::<(usize, &str, Vec<&str>)>);
    for (i, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((i + 1, language, vec![])),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.2.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is left open");
    blocks
}

fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| Some(rest.split_once(close)?.0))
}

/// The headings of a page, as links spell them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect::<String>()
            .replace(' ', "-")
    })
}
