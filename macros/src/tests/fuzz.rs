//! Whatever the tokens are, the macro answers with Rust.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use super::declarations;

/// A generator of numbers, xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as usize % end.max(1)
    }

    fn one_of<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Words and signs that mean something to the macro, or to Rust.
const WORDS: [&str; 40] = [
    "struct", "fn", "forward", "let", "pub", "mut", "self", "Self", "super", "crate", "if", "else",
    "match", "for", "return", "as", "dyn", "impl", "where", "unsafe", "async", "const", "static",
    "_", "x", "y", "h", "fc1", "conv1", "r#type", "Linear", "ReLU", "Concat", "bias", "padding",
    "budget", "flash", "ram", "true", "ß",
];
const SIGNS: [char; 24] = [
    ',', ';', ':', '=', '-', '>', '<', '+', '*', '/', '.', '#', '!', '&', '|', '?', '@', '$', '%',
    '^', '~', '\'', '=', ':',
];
const DELIMITERS: [Delimiter; 4] =
    [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];

fn token(random: &mut Random) -> Vec<TokenTree> {
    let sign = |random: &mut Random| match SIGNS[random.below(SIGNS.len())] {
        // A quote alone is no token.
        '\'' => {
            vec![Punct::new('\'', Spacing::Joint).into(), Ident::new("a", Span::call_site()).into()]
        }
        sign => {
            let spacing = if random.below(2) == 0 { Spacing::Joint } else { Spacing::Alone };
            vec![Punct::new(sign, spacing).into()]
        }
    };
    match random.below(10) {
        0..4 => random.one_of(&WORDS).parse::<TokenStream>().unwrap().into_iter().collect(),
        4..7 => sign(random),
        7 => vec![Literal::usize_unsuffixed(random.below(100)).into()],
        8 => vec![match random.below(4) {
            0 => Literal::string("64 KiB").into(),
            1 => Literal::f32_unsuffixed(0.5).into(),
            2 => Literal::character('c').into(),
            _ => Literal::i64_suffixed(-3).into(),
        }],
        _ => {
            let inner = (0..random.below(4)).flat_map(|_| token(random)).collect();
            vec![Group::new(DELIMITERS[random.below(4)], inner).into()]
        }
    }
}

/// `tokens` with one change at a random place, at any depth.
fn spoil(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let groups: Vec<usize> =
        (0..tokens.len()).filter(|&i| matches!(tokens[i], TokenTree::Group(_))).collect();
    if !groups.is_empty() && random.below(10) < 7 {
        let at = groups[random.below(groups.len())];
        if let TokenTree::Group(group) = &tokens[at] {
            let inner = spoil(group.stream(), random);
            tokens[at] = Group::new(group.delimiter(), inner).into();
        }
        return tokens.into_iter().collect();
    }
    let at = random.below(tokens.len());
    if tokens.is_empty() {
        return token(random).into_iter().collect();
    }
    match random.below(8) {
        0 | 1 => drop(tokens.remove(at)),
        2 => tokens.insert(at, tokens[at].clone()),
        3 => drop(tokens.splice(at..at, token(random))),
        4 | 5 => drop(tokens.splice(at..=at, token(random))),
        6 => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        // The contents of a group without its brackets, or brackets around a token.
        _ => match tokens[at].clone() {
            TokenTree::Group(group) => drop(tokens.splice(at..=at, group.stream())),
            token => tokens[at] = Group::new(DELIMITERS[random.below(4)], token.into()).into(),
        },
    }
    tokens.into_iter().collect()
}

/// The macro does not panic, and what it writes can be read.
fn check(tokens: TokenStream) {
    answers(crate::expand, tokens);
}

fn answers(of: fn(TokenStream) -> TokenStream, tokens: TokenStream) {
    let text = tokens.to_string();
    let expansion = std::panic::catch_unwind(|| of(tokens));
    let expansion = expansion.unwrap_or_else(|_| panic!("the macro panics at: {text}"));
    let written = expansion.to_string();
    if let Err(error) = syn::parse2::<syn::File>(expansion) {
        panic!("{error}: of {text}\ncame {written}");
    }
}

#[test]
fn spoilt_declarations() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..1500 {
        let mut tokens: TokenStream =
            declarations::ALL[round % declarations::ALL.len()].parse().unwrap();
        for _ in 0..=random.below(4) {
            tokens = spoil(tokens, &mut random);
            check(tokens.clone());
        }
    }
}

#[test]
fn spoilt_structs() {
    const STRUCTS: [&str; 3] = [
        "#[repr(C)] pub struct Scale<'a, T: Copy, const N: usize = 0> where T: Send { weight: &'a [T; N], }",
        "#[repr(transparent)] struct Half(#[doc(hidden)] pub [f32; 2], u32);",
        "#[derive(Debug)] #[repr(C, align(4))] struct None;",
    ];
    let mut random = Random(2);
    for round in 0..1500 {
        let mut tokens: TokenStream = STRUCTS[round % STRUCTS.len()].parse().unwrap();
        for _ in 0..=random.below(4) {
            tokens = spoil(tokens, &mut random);
            answers(crate::from_bytes::derive, tokens.clone());
        }
    }
}

#[test]
fn any_tokens() {
    let mut random = Random(1);
    for _ in 0..3000 {
        check((0..random.below(12)).flat_map(|_| token(&mut random)).collect());
    }
}

/// Every beginning of a declaration, as while it is being typed.
#[test]
fn unfinished_declarations() {
    fn beginnings(tokens: TokenStream) -> Vec<TokenStream> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut all = vec![];
        for end in 0..=tokens.len() {
            let before: TokenStream = tokens[..end].iter().cloned().collect();
            if let Some(TokenTree::Group(group)) = tokens.get(end) {
                all.extend(beginnings(group.stream()).into_iter().map(|inner| {
                    let last = Group::new(group.delimiter(), inner);
                    before.clone().into_iter().chain([TokenTree::from(last)]).collect()
                }));
            }
            all.push(before);
        }
        all
    }
    for declaration in declarations::ALL {
        beginnings(declaration.parse().unwrap()).into_iter().for_each(check);
    }
}
