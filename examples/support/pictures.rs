//! Pictures as SVG, which needs no fonts and opens in every browser.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use firmnet::io::atomic;
use firmnet::train::{Epoch, History};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const BLUE: RGBColor = RGBColor(33, 102, 172);
const RED: RGBColor = RGBColor(214, 96, 77);
const INK: RGBColor = RGBColor(40, 44, 52);
const FAINT: RGBColor = RGBColor(225, 228, 232);
const PALE: RGBColor = RGBColor(246, 247, 249);

/// A line of a learning curve: a value for each epoch.
pub struct Curve<'a> {
    pub name: &'a str,
    pub values: Vec<f64>,
}

/// Two curves over the epochs, such as those of training and test, in one frame.
pub struct Panel<'a> {
    pub title: &'a str,
    pub curves: Vec<Curve<'a>>,
    /// How a value is written at the axis.
    pub digits: usize,
}

/// Draws the panels side by side.
pub fn learning_curve(path: &Path, title: &str, panels: &[Panel]) -> Result<()> {
    page(path, title, (480 * panels.len() as u32, 380), |page| {
        let areas = page.split_evenly((1, panels.len()));
        areas.iter().zip(panels).try_for_each(|(area, panel)| draw_panel(area, panel))
    })
}

/// Draws how loss and accuracy went in a training that was judged on `held_back` samples.
pub fn training(path: &Path, title: &str, history: &History, held_back: &str) -> Result<()> {
    let of = |value: &dyn Fn(&Epoch) -> Option<f32>| {
        history.epochs.iter().filter_map(value).map(f64::from).collect()
    };
    let panel = |title, train: &dyn Fn(&Epoch) -> Option<f32>, validation| Panel {
        title,
        curves: vec![
            Curve { name: "training", values: of(train) },
            Curve { name: held_back, values: of(validation) },
        ],
        digits: 3,
    };
    let panels = [
        panel("loss", &|epoch| Some(epoch.train.loss), &|epoch| Some(epoch.validation?.loss)),
        panel("accuracy", &|epoch| epoch.train.metric, &|epoch| epoch.validation?.metric),
    ];
    learning_curve(path, title, &panels)
}

fn draw_panel(area: &Area, panel: &Panel) -> Result<()> {
    let (head, area) = area.split_vertically(32);
    head.draw(&Text::new(panel.title, (76, 16), text(16, INK, HPos::Left)))?;
    let mut right = 456;
    for (curve, colour) in panel.curves.iter().zip([BLUE, RED]).rev() {
        head.draw(&Text::new(curve.name, (right, 16), text(13, INK, HPos::Right)))?;
        right -= 5 * curve.name.chars().count() as i32 + 12;
        head.draw(&PathElement::new([(right - 20, 16), (right, 16)], colour.stroke_width(2)))?;
        head.draw(&Circle::new((right - 10, 16), 3, colour.filled()))?;
        right -= 36;
    }

    // What is infinite or not a number has no place on an axis.
    let points = |curve: &Curve| {
        let points = curve.values.iter().enumerate().map(|(i, &value)| (i as f64 + 1.0, value));
        points.filter(|point| point.1.is_finite()).collect::<Vec<_>>()
    };
    let values = || panel.curves.iter().flat_map(points).map(|point| point.1);
    let (low, high) =
        values().reduce(f64::min).zip(values().reduce(f64::max)).unwrap_or((0.0, 1.0));
    let margin = ((high - low) * 0.1).max(1e-4);
    let epochs = panel.curves.iter().map(|curve| curve.values.len()).max().unwrap_or(1);
    let mut chart = ChartBuilder::on(&area)
        .margin_right(24)
        .margin_bottom(16)
        .x_label_area_size(36)
        .y_label_area_size(76)
        .build_cartesian_2d(0.5..epochs as f64 + 0.5, low - margin..high + margin)?;
    let digits = panel.digits;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .x_desc("epoch")
        .x_labels(epochs.min(12))
        .x_label_formatter(&|x| if x.fract() == 0.0 { format!("{x:.0}") } else { String::new() })
        .y_label_formatter(&|y| format!("{y:.digits$}"))
        .label_style(("sans-serif", 13).into_font().color(&INK))
        .draw()?;
    for (curve, colour) in panel.curves.iter().zip([BLUE, RED]) {
        chart.draw_series(LineSeries::new(points(curve), colour.stroke_width(2)))?;
        if epochs <= 40 {
            let dots = points(curve).into_iter().map(|at| Circle::new(at, 3, colour.filled()));
            chart.draw_series(dots)?;
        }
    }
    Ok(())
}

/// Draws values over 1, 2, 3, …, with names for both axes.
pub fn curve(path: &Path, title: &str, [x, y]: [&str; 2], values: &[f64]) -> Result<()> {
    page(path, title, (640, 380), |page| {
        let (low, high) = values
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), &value| (low.min(value), high.max(value)));
        let margin = ((high - low) * 0.1).max(1e-4);
        let mut chart = ChartBuilder::on(page)
            .margin_right(24)
            .margin_bottom(16)
            .x_label_area_size(36)
            .y_label_area_size(76)
            .build_cartesian_2d(0.0..values.len() as f64 + 0.5, low - margin..high + margin)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(FAINT)
            .axis_style(INK)
            .x_desc(x)
            .y_desc(y)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        let points = values.iter().enumerate().map(|(i, &value)| (i as f64 + 1.0, value));
        chart.draw_series(LineSeries::new(points, BLUE.stroke_width(2)))?;
        Ok(())
    })
}

/// Draws how often each class (row) was taken for each (column).
pub fn confusion(
    path: &Path,
    title: &str,
    classes: &[&str],
    count: impl Fn(usize, usize) -> u64,
) -> Result<()> {
    let letters = classes.iter().map(|class| class.chars().count()).max().unwrap_or(0) as i32;
    let (n, cell) = (classes.len() as i32, (9 * letters + 12).max(48));
    let (left, top) = (9 * letters + 64, 56);
    let size = (left + n * cell + 24, top + n * cell + 24);
    page(path, title, (size.0 as u32, size.1 as u32), |page| {
        let middle = HPos::Center;
        let row_title = text(14, INK, middle).transform(FontTransform::Rotate270);
        page.draw(&Text::new("predicted", (left + n * cell / 2, 12), text(14, INK, middle)))?;
        page.draw(&Text::new("true", (28, top + n * cell / 2), row_title))?;
        for (i, class) in classes.iter().enumerate() {
            let at = i as i32 * cell + cell / 2;
            page.draw(&Text::new(*class, (left + at, top - 16), text(15, INK, middle)))?;
            page.draw(&Text::new(*class, (left - 12, top + at), text(15, INK, HPos::Right)))?;
            let row: u64 = (0..classes.len()).map(|j| count(i, j)).sum();
            for j in 0..classes.len() {
                let (found, x, y) = (count(i, j), left + j as i32 * cell, top + i as i32 * cell);
                let share = found as f64 / row.max(1) as f64;
                // Few mistakes among many are to be seen, so they are lifted by a root.
                let (colour, depth) = if i == j { (BLUE, share) } else { (RED, share.powf(0.4)) };
                let fill = if found == 0 { PALE } else { shade(colour, depth) };
                let square = [(x, y), (x + cell - 2, y + cell - 2)];
                page.draw(&Rectangle::new(square, fill.filled()))?;
                let ink = if depth > 0.5 { WHITE } else { INK };
                if found > 0 {
                    let at = (x + cell / 2 - 1, y + cell / 2 - 1);
                    page.draw(&Text::new(found.to_string(), at, text(13, ink, middle)))?;
                }
            }
        }
        Ok(())
    })
}

/// Draws digits, each with a line below it. A pixel is between 0 (paper) and 1 (ink).
pub fn digits(path: &Path, title: &str, digits: &[([[f32; 28]; 28], String)]) -> Result<()> {
    let (columns, pixel) = (digits.len().clamp(4, 10), 3);
    let (side, width, height) = (28 * pixel, 28 * pixel + 16, 28 * pixel + 34);
    let rows = digits.len().div_ceil(columns) as i32;
    let size = (columns as i32 * width + 32, rows * height + 16);
    page(path, title, (size.0 as u32, size.1 as u32), |page| {
        for (i, (image, caption)) in digits.iter().enumerate() {
            let (column, row) = ((i % columns) as i32, (i / columns) as i32);
            let (left, top) = (24 + column * width, 8 + row * height);
            page.draw(&Rectangle::new([(left - 1, top - 1), (left + side, top + side)], FAINT))?;
            for (y, line) in image.iter().enumerate() {
                let level = |x: usize| (line[x].clamp(0.0, 1.0) * 16.0).round() as u8;
                for x in runs(28, level).filter(|x| level(x.start) > 0) {
                    let (x0, x1) = (left + x.start as i32 * pixel, left + x.end as i32 * pixel);
                    let y = top + y as i32 * pixel;
                    let colour = shade(INK, f64::from(level(x.start)) / 16.0);
                    page.draw(&Rectangle::new([(x0, y), (x1, y + pixel)], colour.filled()))?;
                }
            }
            let at = (left + side / 2, top + side + 12);
            page.draw(&Text::new(&caption[..], at, text(14, INK, HPos::Center)))?;
        }
        Ok(())
    })
}

/// Draws the probability that a point of the plane is of the second class, and the points of both classes.
pub fn boundary(
    path: &Path,
    title: &str,
    [x, y]: [Range<f32>; 2],
    probability: impl Fn([f32; 2]) -> f32,
    points: &[([f32; 2], bool)],
) -> Result<()> {
    const CELLS: usize = 160;
    page(path, title, (640, 540), |page| {
        let mut chart = ChartBuilder::on(page)
            .margin_right(24)
            .margin_bottom(16)
            .x_label_area_size(28)
            .y_label_area_size(60)
            .build_cartesian_2d(x.clone(), y.clone())?;
        let step = [(x.end - x.start) / CELLS as f32, (y.end - y.start) / CELLS as f32];
        let at = |i: f32, j: f32| [x.start + i * step[0], y.start + j * step[1]];
        for j in 0..CELLS {
            let level = |i: usize| {
                let p = probability(at(i as f32 + 0.5, j as f32 + 0.5));
                (p * 24.0).floor().clamp(0.0, 23.0) as i32 - 12
            };
            let cells = runs(CELLS, level).map(|run| {
                let depth = f64::from(level(run.start)) + 0.5;
                let colour = shade(if depth > 0.0 { RED } else { BLUE }, depth.abs() / 24.0);
                let [x0, y0] = at(run.start as f32, j as f32);
                let [x1, y1] = at(run.end as f32, j as f32 + 1.0);
                Rectangle::new([(x0, y0), (x1, y1)], colour.filled())
            });
            chart.draw_series(cells)?;
        }
        let labels = ("sans-serif", 13).into_font().color(&INK);
        chart.configure_mesh().disable_mesh().axis_style(INK).label_style(labels).draw()?;
        for (class, colour) in [(false, BLUE), (true, RED)] {
            let points = points.iter().filter(|point| point.1 == class).map(|point| point.0);
            let dots = |radius, colour: RGBColor| {
                points.clone().map(move |[x, y]| Circle::new((x, y), radius, colour.filled()))
            };
            chart.draw_series(dots(4, WHITE))?;
            chart.draw_series(dots(3, colour))?;
        }
        Ok(())
    })
}

/// The parts of `0..length` over which `level` stays the same.
fn runs<L: PartialEq>(
    length: usize,
    level: impl Fn(usize) -> L,
) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let from = start;
        start = (from..length).find(|&i| level(i) != level(from)).unwrap_or(length);
        (from < length).then_some(from..start)
    })
}

/// Writes a white page with a title, and below it an area of `size` for `draw`.
fn page(
    path: &Path,
    title: &str,
    (width, height): (u32, u32),
    draw: impl FnOnce(&Area) -> Result<()>,
) -> Result<()> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (width, height + 56)).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(title, (24, 30), text(20, INK, HPos::Left)))?;
    draw(&root.margin(56, 0, 0, 0))?;
    root.present()?;
    drop(root);
    // Rectangles that touch show no seam, at any size.
    let svg = svg.replacen('>', ">\n<style>rect { shape-rendering: crispEdges }</style>", 1);
    atomic::write(path, |to| to.write_all(svg.as_bytes()))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// Letters `size` high, centred on their line.
fn text(size: i32, colour: RGBColor, side: HPos) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&colour).pos(Pos::new(side, VPos::Center))
}

/// `colour`, thinned with white.
fn shade(colour: RGBColor, share: f64) -> RGBColor {
    let mix = |c: u8| (255.0 - (255.0 - f64::from(c)) * share.clamp(0.0, 1.0)) as u8;
    RGBColor(mix(colour.0), mix(colour.1), mix(colour.2))
}
