#![allow(dead_code, unused_macros)]

mod names {
    pub struct Result;
    pub struct Option;
    pub struct Vec;
    pub struct Box;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub trait Clone {}
    pub trait Copy {}
    pub trait Default {}
    pub trait Iterator {}
    pub trait Drop {}
    pub trait Sized {}
}
#[allow(unused_imports)]
use names::*;

mod core {}
mod std {}
mod firmnet {}
macro_rules! compile_error {
    () => {};
}
macro_rules! panic {
    () => {};
}
#[allow(unused_imports)]
use {compile_error, panic};

::firmnet::network! {
    struct Net: [1, 8, 8] -> [2] {
        conv: ::firmnet::layers::Conv2d(4, 3),
        ::firmnet::layers::Flatten,
        fc: ::firmnet::layers::Linear(2),
    }
}

::firmnet::network! {
    struct Graph { fc: ::firmnet::layers::Linear(2) }
    fn forward(x: [2], y: [1, 2]) -> ([2], [2]) {
        let z = ::firmnet::layers::Flatten(y);
        (fc(x) + z, fc(z) * x)
    }
}

fn main() {}
