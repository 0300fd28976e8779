//! What is in a linked program: how much flash and RAM it takes, and whether anything in it can panic.

use std::path::Path;

use anyhow::{Context, Result};
use object::{
    Architecture, Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, SymbolKind, elf,
};

use crate::calls::Calls;

/// A function or a `static`.
struct Symbol {
    name: String,
    size: u64,
    /// Whether it is in RAM.
    writable: bool,
}

/// The sizes of a program, in bytes.
pub struct Image {
    /// Code, constants and first values: all that is written to the chip.
    pub flash: u64,
    /// `static`s; the stack comes beside.
    pub ram: u64,
    symbols: Vec<Symbol>,
    /// A function that may come to be called while it runs; looked for in programs for Arm.
    pub recursive: Option<String>,
}

impl Image {
    /// Of the program at `path`.
    pub fn read(path: &Path) -> Result<Image> {
        let bytes =
            std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let file = object::File::parse(&*bytes)?;
        let (mut flash, mut ram) = (0, 0);
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
            if sh_flags.0 & elf::SHF_ALLOC.0 == 0 || is_room(section.name()?) {
                continue;
            }
            let written = sh_flags.0 & elf::SHF_WRITE.0 != 0;
            let zeros = section.kind() == SectionKind::UninitializedData;
            flash += if zeros { 0 } else { section.size() };
            ram += if zeros || written { section.size() } else { 0 };
        }
        let symbols = file.symbols().filter_map(|symbol| {
            let section = file.section_by_index(symbol.section_index()?).ok()?;
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { return None };
            Some(Symbol {
                name: demangle(symbol.name().ok()?),
                size: symbol.size(),
                writable: sh_flags.0 & elf::SHF_WRITE.0 != 0,
            })
        });
        let recursive = match file.architecture() {
            Architecture::Arm => Calls::of(&file)?.recursive(),
            _ => None,
        };
        let name_of = |address| {
            let mut functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
            let symbol =
                functions.find(|symbol| symbol.size() > 0 && symbol.address() & !1 == address);
            symbol.and_then(|symbol| Some(demangle(symbol.name().ok()?)))
        };
        Ok(Image { flash, ram, symbols: symbols.collect(), recursive: recursive.and_then(name_of) })
    }

    /// Whether any function that panics is in it.
    pub fn can_panic(&self) -> bool {
        let panics = ["core::panicking", "rust_begin_unwind", "panic_fmt"];
        self.symbols.iter().any(|symbol| panics.iter().any(|name| symbol.name.contains(name)))
    }

    /// Bytes of the `static` `name`, as `networks::digits::NET`, and whether it is in RAM.
    pub fn of_static(&self, name: &str) -> Result<(u64, bool)> {
        let found = self.symbols.iter().find(|symbol| symbol.name == name);
        let symbol = found.with_context(|| format!("there is no `{name}` in it"))?;
        Ok((symbol.size, symbol.writable))
    }
}

/// A name as it stands in the source.
fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// Sections that stand for what is left of the RAM.
fn is_room(section: &str) -> bool {
    [".stack", ".heap"].contains(&section)
}
