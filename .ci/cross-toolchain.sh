#!/usr/bin/env bash
# Bare-metal targets on a Debian machine on which rustup can fetch none: a toolchain of rustup's that is called `cross`.
#
#   bash .ci/cross-toolchain.sh TARGET...
#   cargo +cross check --target TARGET
#
# Debian has a recent compiler, and the source of the standard library that belongs to it. From that `core` and `alloc` are compiled
# for each target, once, and laid where the compiler looks for them. A target that is there already costs nothing.
set -euo pipefail
PACKAGES=(rustc-web cargo-web rust-web-src)
RUSTC=/usr/bin/rustc

main() {
  local target
  packages
  local sysroot commit
  sysroot=$("$RUSTC" --print sysroot)
  commit=$("$RUSTC" -vV | sed -n 's/^commit-hash: //p')
  linker "$sysroot"
  for target in "$@"; do
    # Of another compiler's `core` this one can make nothing.
    if [ "$(cat "$sysroot/lib/rustlib/$target/lib/.built-from" 2>/dev/null)" != "$commit" ]; then
      library "$sysroot" "$commit" "$target"
    fi
  done
  if [ "$(rustup run cross rustc -vV 2>/dev/null)" != "$("$RUSTC" -vV)" ]; then
    rustup toolchain link cross "$sysroot"
  fi
}

packages() {
  local missing=() package
  for package in "${PACKAGES[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends "${missing[@]}"
  fi
}

# Debian's compiler comes without the linker for machines without an operating system; rustup's has it.
linker() {
  local sysroot=$1 host bin lld
  host=$("$RUSTC" -vV | sed -n 's/^host: //p')
  bin=$sysroot/lib/rustlib/$host/bin
  lld=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
  if [ ! -e "$bin/rust-lld" ] && [ -x "$lld" ]; then
    mkdir -p "$bin"
    ln -s "$lld" "$bin/rust-lld"
  fi
}

# Compiles `core` and `alloc` for one target, by way of an empty crate: cargo then builds what that crate would need.
library() {
  local sysroot=$1 commit=$2 target=$3
  local source=$sysroot/lib/rustlib/src/rust/library place=$sysroot/lib/rustlib/$target/lib
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/src"
  echo '#![no_std]' >"$work/src/lib.rs"
  cat >"$work/Cargo.toml" <<TOML
[package]
name = "needs-core"
edition = "2024"
[profile.release]
panic = "abort"
codegen-units = 1
[workspace]
TOML
  (
    cd "$work"
    # Bitcode is for whoever links with `lto`. Building the library needs what is not stable; using it does not.
    RUSTC=$RUSTC RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C embed-bitcode=yes" CARGO_TARGET_DIR=$work/target \
      /usr/bin/cargo build -q --offline --release -Z build-std=core,alloc --target "$target" \
      --config 'source.crates-io.replace-with = "vendored"' \
      --config "source.vendored.directory = \"$source/vendor\""
  )
  # Whole or not at all.
  rm -rf "$place.new"
  mkdir -p "$place.new"
  cp "$work/target/$target"/release/deps/lib{core,alloc,compiler_builtins}-*.rlib "$place.new"
  echo "$commit" >"$place.new/.built-from"
  rm -rf "$place"
  mv "$place.new" "$place"
  rm -rf "$work"
  echo "cross: $target"
}

main "$@"
