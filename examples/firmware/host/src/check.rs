//! What the boards say, held against what the networks say here; and what it costs there.

use anyhow::{Context, Result, ensure};
use firmnet::prelude::*;
use networks::mirror::{self, Learner, Sample};
use networks::{digits, digits_int8, exercise, flower, largest, stacks};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

use crate::board::{Board, INSTRUCTIONS, Run, STACK};
use crate::image::Image;
use crate::train;

/// The most instructions of an inference of `digits`, on processors with a floating point unit: 25,408 multiplications.
const DIGITS_INSTRUCTIONS: u64 = 33_000;
/// The most instructions of convolutions, on processors with a floating point unit: 41,472 multiplications, 73,728, 18,432, 12,288 and 4,608. For those
/// that see all channels it is less than 1.95 for each multiplication.
const CONVOLUTIONS: [(&str, u64); 5] = [
    ("convolution", 72_500),
    ("convolution with padding", 134_000),
    ("convolution with strides", 35_500),
    ("pointwise convolution", 23_960),
    ("depthwise convolution", 10_500),
];
/// The most instructions of kernels for networks in bytes, on processors with DSP instructions: 25,600 multiplications, 36,864, 10,368, 9,216,
/// 2,880 and 2,048.
const IN_BYTES: [(&str, u64); 6] = [
    ("pointwise convolution", 42_000),
    ("convolution", 67_000),
    ("convolution of one channel", 73_000),
    ("depthwise convolution", 40_000),
    ("depthwise convolution with strides", 29_500),
    ("dense layer", 3_150),
];
/// The most instructions of a step of `exercise`, on processors with a floating point unit: 1,168 multiplications, 48 functions.
const EXERCISE_INSTRUCTIONS: u64 = 9_500;
/// The same of `exercise_int8`, on processors with DSP instructions.
const EXERCISE_INT8_INSTRUCTIONS: u64 = 8_000;
/// The most flash of the whole program `flower`, the parameters of its network not counted.
const FLOWER_FLASH: u64 = 6 * 1024;

/// Runs the programs on the board of each target. An answer that differs, or a cost that is over its limit, is an error.
pub fn check(targets: &[String]) -> Result<()> {
    let right = train::read_rightly(&digits_int8::NET)?;
    ensure!(right >= 9_700, "{right} of 10,000 digits are read rightly in bytes");
    let mut rows = vec![];
    for target in targets {
        let board = Board::of(target);
        floats(&board.run("kernels")?).with_context(|| format!("kernels for {target}"))?;
        bytes(&board.run("bytes")?).with_context(|| format!("bytes for {target}"))?;
        stacks(&board.run("stacks")?).with_context(|| format!("stacks for {target}"))?;
        for (program, check) in [
            ("flower", flower as fn(&Run) -> _),
            ("digits", digits),
            ("digits_int8", digits_int8),
            ("exercise", exercise),
            ("exercise_int8", exercise_int8),
        ] {
            let run = board.run(program)?;
            check(&run).with_context(|| format!("{program} for {target}"))?;
            rows.push((target, program, run));
        }
        if board.has_room_for_samples() {
            let run = board.run("mirror")?;
            mirror(&run).with_context(|| format!("mirror for {target}"))?;
            rows.push((target, "mirror", run));
        }
    }
    for target in targets.iter().filter(|target| Board::of(target).has_light()) {
        let lit = Board::of(target).run("blink")?.said.matches(LIGHT).count();
        // Before the program begins, the light is on.
        ensure!(lit == 1 + 1 + 2 + 3, "{target}: the light goes on {lit} times");
    }
    println!("| target | program | instructions | bytes of flash | of `static` RAM | of stack |");
    println!("|---|---|---:|---:|---:|---:|");
    for (target, program, run) in rows {
        let recursive = run.image.recursive.as_deref();
        ensure!(recursive.is_none(), "{program} for {target}: {recursive:?} may call itself");
        let said = |before: &str| run.line(before).unwrap_or("–").to_owned();
        let (instructions, stack) = (said(INSTRUCTIONS), said(STACK));
        let Image { flash, ram, .. } = run.image;
        println!("| `{target}` | `{program}` | {instructions} | {flash} | {ram} | {stack} |");
    }
    Ok(())
}

/// The kernels in `f32` give what plain loops give, and on a Cortex-M4F take no more instructions than they should.
fn floats(run: &Run) -> Result<()> {
    ensure!(run.line("products that differ: ")? == "0", "products differ");
    ensure!(run.line("convolutions that differ: ")? == "0", "convolutions differ");
    within(&CONVOLUTIONS, run)
}

/// The same of the kernels for networks in bytes.
fn bytes(run: &Run) -> Result<()> {
    ensure!(run.line("kernels that differ: ")? == "0", "kernels differ");
    within(&IN_BYTES, run)
}

/// No kernel takes more instructions than its limit, on processors with a floating point unit.
fn within(limits: &[(&str, u64)], run: &Run) -> Result<()> {
    for &(kernel, limit) in limits {
        let instructions = run.number(&format!("instructions of a {kernel}: "))?;
        ensure!(!run.has_fpu || instructions <= limit, "{kernel}: {instructions} instructions");
    }
    Ok(())
}

/// What the emulator says when the light goes on.
const LIGHT: &str = "'USERLED0' color:green intensity 0% -> 100%";

/// Ten digits are read, each rightly and as here; nothing can panic; the parameters are in flash, and the workspace is as large as said.
fn digits(run: &Run) -> Result<()> {
    let mut memory = digits::Digits::workspace();
    for (shown, pixels) in digits::IMAGES.iter().enumerate() {
        let mut image: digits::Image = [[[0.0; 28]; 28]];
        for (x, &pixel) in image.as_flattened_mut().as_flattened_mut().iter_mut().zip(pixels) {
            *x = f32::from(pixel) / 255.0;
        }
        let line = run.line(&format!("an image of {shown} is read as {shown}, from "))?;
        run.same(line, digits::NET.forward(&image, &mut memory))?;
    }
    ensure!(!run.image.can_panic(), "there is code that panics");
    let (size, in_ram) = run.image.of_static("networks::digits::NET")?;
    ensure!(
        !in_ram && size == size_of::<digits::Digits>() as u64,
        "the parameters are not in flash alone"
    );
    // Beside the workspace there is a word that says whether it is lent.
    let (workspace, _) = run.image.of_static("digits::MEMORY")?;
    ensure!(
        workspace == run.number("bytes of workspace: ")? + 4,
        "the workspace takes {workspace} bytes"
    );
    let instructions = run.number(INSTRUCTIONS)?;
    ensure!(!run.has_fpu || instructions <= DIGITS_INSTRUCTIONS, "{instructions} instructions");
    Ok(())
}

/// A hundred digits are read, to the byte as here; nothing can panic, and the parameters are in flash.
fn digits_int8(run: &Run) -> Result<()> {
    let (net, mut memory) = (&digits_int8::NET, digits_int8::SmallCnnInt8::workspace());
    for (i, pixels) in digits_int8::IMAGES.iter().enumerate() {
        let y = net.forward(&digits_int8::input(pixels), &mut memory);
        let here = format!("{}, from {}", largest(y), spoken(y));
        let there = run.line(&format!("image {i} is read as "))?;
        ensure!(there == here, "image {i}: {there} there, {here} here");
    }
    ensure!(!run.image.can_panic(), "there is code that panics");
    let (size, in_ram) = run.image.of_static("networks::digits_int8::NET")?;
    ensure!(!in_ram && size <= 20 * 1024, "the parameters take {size} bytes");
    Ok(())
}

/// Bytes as a board says them.
fn spoken(bytes: &[i8]) -> String {
    let numbers: Vec<_> = bytes.iter().map(|byte| byte.cast_unsigned().to_string()).collect();
    numbers.join(" ")
}

// ANCHOR: flower
/// Three irises are told apart, by a program that is as small as it should be and cannot panic.
fn flower(run: &Run) -> Result<()> {
    for species in flower::SPECIES {
        run.line(&format!("an iris {species}"))?;
    }
    ensure!(!run.image.can_panic(), "there is code that panics");
    let flash = run.image.flash - size_of::<flower::Flower>() as u64;
    ensure!(flash <= FLOWER_FLASH, "{flash} bytes of flash");
    Ok(())
}
// ANCHOR_END: flower

/// Recurrent layers on one another and in both directions say what they say here, and cannot panic.
fn stacks(run: &Run) -> Result<()> {
    let (mut net, mut memory) = (stacks::Whole::ZERO, stacks::Whole::workspace());
    stacks::fill(&mut net);
    run.same(run.line("the whole: ")?, net.forward(&stacks::STEPS, &mut memory))?;
    let (mut net, mut stream) = (stacks::Live::ZERO, stacks::Live::stream());
    stacks::fill(&mut net);
    for (i, step) in stacks::STEPS.iter().enumerate() {
        run.same(run.line(&format!("step {i}: "))?, net.step(step, &mut stream))?;
    }
    ensure!(!run.image.can_panic(), "there is code that panics");
    Ok(())
}

/// A movement is followed step by step, as here; nothing can panic.
fn exercise(run: &Run) -> Result<()> {
    let mut stream = exercise::Exercise::stream();
    for i in 0..exercise::STEPS {
        let y = exercise::NET.step(&exercise::measured(i), &mut stream);
        if i % 32 == 31 {
            let said = exercise::EXERCISES[largest(y)];
            run.same(run.line(&format!("after step {} it is {said}, from ", i + 1))?, y)?;
        }
    }
    ensure!(!run.image.can_panic(), "there is code that panics");
    let instructions = run.number(INSTRUCTIONS)?;
    ensure!(!run.has_fpu || instructions <= EXERCISE_INSTRUCTIONS, "{instructions} instructions");
    Ok(())
}

/// The same in bytes: to the byte as here, with nothing that can panic.
fn exercise_int8(run: &Run) -> Result<()> {
    let mut stream = exercise::ExerciseInt8::stream();
    for i in 0..exercise::STEPS {
        let y = exercise::NET_INT8.step(&exercise::measured_int8(i), &mut stream);
        if i % 32 == 31 {
            let said = exercise::EXERCISES[largest(y)];
            let there = run.line(&format!("after step {} it is {said}, from ", i + 1))?;
            ensure!(there == spoken(y), "{there} there, {} here", spoken(y));
        }
    }
    ensure!(!run.image.can_panic(), "there is code that panics");
    let instructions = run.number(INSTRUCTIONS)?;
    let within = instructions <= EXERCISE_INT8_INSTRUCTIONS;
    ensure!(!run.has_fpu || within, "{instructions} instructions");
    Ok(())
}

/// What the device learns, it learns here too, and nothing can panic; it is kept when the power fails, and all of it takes less than 64 KiB.
fn mirror(run: &Run) -> Result<()> {
    ensure!(!run.image.can_panic(), "there is code that panics");
    let right = |before: &str| -> Result<u64> {
        let line = run.line(before)?;
        Ok(line.strip_suffix(" of 200").context("another number of samples")?.parse()?)
    };
    let (before, after) = (right("right before: ")?, right("right after: ")?);
    let (mut learner, mut rng) = (Box::new(Learner::new()), Xoshiro128PlusPlus::seed_from_u64(1));
    let judge = |learner: &mut Learner| {
        let is_right = |sample: &Sample| learner.read(sample) == usize::from(sample.label);
        mirror::samples().1.filter(is_right).count() as u64
    };
    let here = judge(&mut learner);
    for _ in 0..mirror::PASSES {
        mirror::samples().0.for_each(|sample| learner.learn(&sample, &mut rng));
    }
    // Where multiplications are fused, a sample at the edge may fall to the other side.
    let near = |here: u64, there: u64| here.abs_diff(there) <= if run.has_fpu { 2 } else { 0 };
    ensure!(near(here, before), "{before} there, {here} here");
    let here = judge(&mut learner);
    ensure!(near(here, after), "{after} there, {here} here");
    ensure!(before < 100 && after > 150, "from {before} to {after} of 200");
    ensure!(right("right after the power failed: ")? == after, "what was learnt is lost");
    ensure!(run.image.ram < 64 * 1024, "{} bytes of RAM", run.image.ram);
    Ok(())
}
