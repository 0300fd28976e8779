//! Pictures as SVG, which needs no fonts and opens in every browser.

use std::path::Path;

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const BLUE: RGBColor = RGBColor(33, 102, 172);
const RED: RGBColor = RGBColor(214, 96, 77);
const INK: RGBColor = RGBColor(40, 44, 52);
const FAINT: RGBColor = RGBColor(225, 228, 232);

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
    let backend = SVGBackend::new(path, (480 * panels.len() as u32, 400));
    let root = page(backend, title)?;
    for (area, panel) in root.split_evenly((1, panels.len())).iter().zip(panels) {
        draw_panel(area, panel)?;
    }
    root.present()?;
    Ok(())
}

fn draw_panel(area: &Area, panel: &Panel) -> Result<()> {
    let values = || panel.curves.iter().flat_map(|curve| curve.values.iter().copied());
    let (low, high) =
        values().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let margin = ((high - low) * 0.1).max(1e-4);
    let epochs = panel.curves.iter().map(|curve| curve.values.len()).max().unwrap_or(1);
    let mut chart = ChartBuilder::on(area)
        .margin(16)
        .caption(panel.title, ("sans-serif", 16).into_font().color(&INK))
        .x_label_area_size(36)
        .y_label_area_size(60)
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
        let points = || curve.values.iter().enumerate().map(|(i, &value)| (i as f64 + 1.0, value));
        let series = chart.draw_series(LineSeries::new(points(), colour.stroke_width(2)))?;
        series
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(points().map(|point| Circle::new(point, 3, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.85))
        .border_style(FAINT)
        .label_font(("sans-serif", 13).into_font().color(&INK))
        .draw()?;
    Ok(())
}

/// Draws how often each class (row) was taken for each (column).
pub fn confusion(
    path: &Path,
    title: &str,
    classes: &[&str],
    count: impl Fn(usize, usize) -> u64,
) -> Result<()> {
    let (n, cell) = (classes.len() as i32, 48);
    let side = (n * cell + 110) as u32;
    let root = page(SVGBackend::new(path, (side, side + 24)), title)?;
    let text = |size: i32, colour: RGBColor| ("sans-serif", size).into_font().color(&colour);
    let middle = |style: TextStyle<'static>| {
        style.pos(plotters::style::text_anchor::Pos::new(
            plotters::style::text_anchor::HPos::Center,
            plotters::style::text_anchor::VPos::Center,
        ))
    };
    let (left, top) = (72, 56);
    root.draw(&Text::new("said", (left + n * cell / 2, 14), middle(text(15, INK))))?;
    root.draw(&Text::new("is", (22, top + n * cell / 2), middle(text(15, INK))))?;
    for (i, class) in classes.iter().enumerate() {
        let at = i as i32 * cell + cell / 2;
        root.draw(&Text::new(class.to_string(), (left + at, top - 14), middle(text(15, INK))))?;
        root.draw(&Text::new(class.to_string(), (left - 16, top + at), middle(text(15, INK))))?;
        let row: u64 = (0..classes.len()).map(|j| count(i, j)).sum();
        for j in 0..classes.len() {
            let (found, x, y) = (count(i, j), left + j as i32 * cell, top + i as i32 * cell);
            let share = found as f64 / row.max(1) as f64;
            // Few mistakes among many are to be seen: the fifth root lifts them.
            let colour =
                shade(if i == j { BLUE } else { RED }, share.powf(if i == j { 1.0 } else { 0.4 }));
            root.draw(&Rectangle::new([(x, y), (x + cell - 2, y + cell - 2)], colour.filled()))?;
            let dark = if i == j { share > 0.5 } else { share > 0.3 };
            let style = middle(text(13, if dark { WHITE } else { INK }));
            if found > 0 {
                root.draw(&Text::new(found.to_string(), (x + cell / 2 - 1, y + cell / 2), style))?;
            }
        }
    }
    root.present()?;
    Ok(())
}

/// Draws digits, each with a line below it. A pixel is between 0 (paper) and 1 (ink).
pub fn digits(path: &Path, title: &str, digits: &[([[f32; 28]; 28], String)]) -> Result<()> {
    let (columns, pixel, width, height) = (10, 3, 28 * 3 + 16, 28 * 3 + 34);
    let rows = digits.len().div_ceil(columns).max(1);
    let root = page(
        SVGBackend::new(path, ((columns * width + 16) as u32, (rows * height + 56) as u32)),
        title,
    )?;
    for (i, (image, caption)) in digits.iter().enumerate() {
        let (left, top) = ((i % columns * width + 16) as i32, (i / columns * height + 8) as i32);
        let side = 28 * pixel;
        root.draw(&Rectangle::new([(left - 1, top - 1), (left + side, top + side)], FAINT))?;
        for (y, line) in image.iter().enumerate() {
            // Neighbours of one shade are drawn as one.
            let mut x = 0;
            while x < 28 {
                let level = |x: usize| (line[x].clamp(0.0, 1.0) * 12.0).round() as u8;
                let end = (x..28).find(|&end| level(end) != level(x)).unwrap_or(28);
                if level(x) > 0 {
                    let (x0, y0) = (left + x as i32 * pixel, top + y as i32 * pixel);
                    let area = [(x0, y0), (left + end as i32 * pixel, y0 + pixel)];
                    root.draw(&Rectangle::new(
                        area,
                        shade(INK, f64::from(level(x)) / 12.0).filled(),
                    ))?;
                }
                x = end;
            }
        }
        let style = ("sans-serif", 14).into_font().color(&INK);
        root.draw(&Text::new(caption.clone(), (left + 2, top + side + 6), style))?;
    }
    root.present()?;
    Ok(())
}

/// Draws the probability that a point of the plane is of the second class, and the points of both classes.
pub fn boundary(
    path: &Path,
    title: &str,
    [x, y]: [std::ops::Range<f32>; 2],
    probability: impl Fn([f32; 2]) -> f32,
    points: &[([f32; 2], bool)],
) -> Result<()> {
    const CELLS: usize = 96;
    let root = page(SVGBackend::new(path, (640, 560)), title)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(28)
        .y_label_area_size(40)
        .build_cartesian_2d(x.clone(), y.clone())?;
    let (step_x, step_y) = ((x.end - x.start) / CELLS as f32, (y.end - y.start) / CELLS as f32);
    let cells = (0..CELLS * CELLS).map(|i| {
        let (x, y) = (x.start + (i % CELLS) as f32 * step_x, y.start + (i / CELLS) as f32 * step_y);
        let p = f64::from(probability([x + step_x / 2.0, y + step_y / 2.0]));
        let colour =
            if p > 0.5 { shade(RED, (p - 0.5) * 1.1) } else { shade(BLUE, (0.5 - p) * 1.1) };
        Rectangle::new([(x, y), (x + step_x * 1.02, y + step_y * 1.02)], colour.filled())
    });
    chart.draw_series(cells)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(INK)
        .label_style(("sans-serif", 13).into_font().color(&INK))
        .draw()?;
    for (class, colour) in [(false, BLUE), (true, RED)] {
        let points =
            points.iter().filter(|point| point.1 == class).map(|point| (point.0[0], point.0[1]));
        chart.draw_series(points.clone().map(|at| Circle::new(at, 4, WHITE.filled())))?;
        chart.draw_series(points.map(|at| Circle::new(at, 3, colour.filled())))?;
    }
    root.present()?;
    Ok(())
}

/// A white page with a title.
fn page<'a>(backend: SVGBackend<'a>, title: &str) -> Result<Area<'a>> {
    let root = backend.into_drawing_area();
    root.fill(&WHITE)?;
    Ok(root.titled(title, ("sans-serif", 20).into_font().color(&INK))?)
}

/// `colour`, thinned with white.
fn shade(colour: RGBColor, share: f64) -> RGBColor {
    let mix = |c: u8| (255.0 - (255.0 - f64::from(c)) * share.clamp(0.0, 1.0)) as u8;
    RGBColor(mix(colour.0), mix(colour.1), mix(colour.2))
}
