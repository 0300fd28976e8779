#![allow(dead_code)]

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

firmnet::network! {
    struct Net: [1, 8, 8] -> [2] {
        conv: firmnet::layers::Conv2d(4, 3),
        firmnet::layers::Flatten,
        fc: firmnet::layers::Linear(2),
    }
}

fn main() {}
