//! Mistakes found in a declaration, all of them together.

use proc_macro2::{Ident, Span, TokenStream};

/// A list of mistakes, each at the word to edit.
#[derive(Default)]
pub struct Errors {
    all: Vec<syn::Error>,
}

impl Errors {
    /// Adds a mistake.
    pub fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Adds a mistake that is an error already.
    pub fn push(&mut self, error: syn::Error) {
        self.all.push(error);
    }

    /// Whether no mistake has been found so far.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A `compile_error!` for each.
    pub fn to_tokens(&self) -> TokenStream {
        self.all.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// ``; did you mean `conv1`?`` when one of `names` is close to `wrong`, and nothing otherwise.
pub fn did_you_mean<'a>(wrong: &Ident, names: impl IntoIterator<Item = &'a Ident>) -> String {
    let wrong = wrong.to_string();
    let close = names
        .into_iter()
        .map(|name| (distance(&wrong, &name.to_string()), name))
        .filter(|(distance, _)| *distance <= wrong.chars().count().div_ceil(3))
        .min_by_key(|(distance, _)| *distance);
    close.map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

/// Letters to insert, delete or replace to make `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
