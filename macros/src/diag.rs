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

    /// How many mistakes have been found so far.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// A `compile_error!` for each.
    pub fn to_tokens(&self) -> TokenStream {
        self.all.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// The one of `names` that is closest to `wrong`, if any is close: one letter in three may differ, of a short name less.
pub fn closest<'a>(wrong: &Ident, names: &'a [Ident]) -> Option<&'a Ident> {
    let wrong = wrong.to_string();
    let distances = names.iter().map(|name| (distance(&wrong, &name.to_string()), name));
    let letters = wrong.chars().count();
    let close = distances.filter(|(d, _)| *d <= letters.div_ceil(3) && 2 * d < letters);
    close.min_by_key(|(d, _)| *d).map(|(_, name)| name)
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
