//! The plot of the page: requests per hour against the number of agents.

use std::fmt::Write as _;
use std::time::Duration;

use crate::axis::Axis;
use crate::cases::{DAY, LIVES, SHARINGS};
use crate::simulated::{Figures, Sharing};
use crate::table::{life, sharing};

const X: Axis = Axis { exponents: (1, 5), from: 90.0, to: 500.0 };
const Y: Axis = Axis { exponents: (-2, 6), from: 370.0, to: 60.0 };
const LEGEND_X: f64 = 525.0;

/// Has a background of its own, so that it can be read on any page.
const BEGIN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 440" font-family="sans-serif" font-size="13" role="img" aria-labelledby="title">
<title id="title">Requests to the login server per hour, against the number of agents</title>
<style>
.paper { fill: #fff } text { fill: #24292f } .grid { stroke: #d0d7de } .axis { stroke: #57606a }
.curve { fill: none; stroke-width: 2.5 } .short { stroke-dasharray: 7 5 } .sample { stroke: #57606a }
.nothing { stroke: #c2410c } .build { stroke: #0969da } .cache { stroke: #15803d }
circle.nothing { fill: #c2410c } circle.build { fill: #0969da } circle.cache { fill: #15803d }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .axis, .sample { stroke: #9198a1 }
.nothing { stroke: #fb923c } .build { stroke: #58a6ff } .cache { stroke: #4ade80 }
circle.nothing { fill: #fb923c } circle.build { fill: #58a6ff } circle.cache { fill: #4ade80 }
}
</style>
<rect class="paper" width="720" height="440" rx="6"/>
<text x="90" y="32" font-size="16" font-weight="bold">Requests to the login server per hour</text>
"#;

pub(crate) fn draw(all: &[Figures]) -> String {
    let mut svg = BEGIN.to_owned();
    draw_axes(&mut svg);
    for way in SHARINGS {
        for lives in LIVES {
            let points = all.iter().filter(|it| it.case.sharing == way && it.case.lives == lives);
            let points = points.map(|it| (X.at(f64::from(it.case.agents)), Y.at(it.per_hour(it.requests))));
            draw_curve(&mut svg, way, lives, &points.collect::<Vec<_>>());
        }
    }
    draw_legend(&mut svg);
    svg + "</svg>\n"
}

fn draw_axes(svg: &mut String) {
    let (left, right, bottom, top) = (X.from, X.to, Y.from, Y.to);
    for (y, name) in Y.ticks() {
        line(svg, "grid", (left, y), (right, y));
        text(svg, (left - 8.0, y + 4.0), "end", &name);
    }
    for (x, name) in X.ticks() {
        line(svg, "axis", (x, bottom), (x, bottom + 5.0));
        text(svg, (x, bottom + 21.0), "middle", &name);
    }
    line(svg, "axis", (left, bottom), (right, bottom));
    line(svg, "axis", (left, top), (left, bottom));
    text(svg, (f64::midpoint(left, right), bottom + 46.0), "middle", "agents at work");
}

fn draw_curve(svg: &mut String, way: Sharing, lives: Duration, points: &[(f64, f64)]) {
    let (class, dash) = (class(way), dash(lives));
    let joined: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(svg, r#"<polyline class="curve {class}{dash}" points="{}"/>"#, joined.join(" "));
    for (x, y) in points {
        let _ = writeln!(svg, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#);
    }
}

fn draw_legend(svg: &mut String) {
    let mut y = Y.to + 10.0;
    for way in SHARINGS {
        draw_sample(svg, &mut y, class(way), sharing(way));
    }
    y += 14.0;
    for lives in LIVES {
        let style = format!("sample{}", dash(lives));
        draw_sample(svg, &mut y, &style, &format!("tokens live {}", life(lives)));
    }
}

fn draw_sample(svg: &mut String, y: &mut f64, style: &str, name: &str) {
    line(svg, &format!("curve {style}"), (LEGEND_X, *y), (LEGEND_X + 40.0, *y));
    text(svg, (LEGEND_X + 50.0, *y + 4.0), "start", name);
    *y += 24.0;
}

fn class(way: Sharing) -> &'static str {
    match way {
        Sharing::Nothing => "nothing",
        Sharing::Build => "build",
        Sharing::SharedCache => "cache",
    }
}

fn dash(lives: Duration) -> &'static str {
    if lives == DAY { "" } else { " short" }
}

fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        svg,
        r#"<line class="{class}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, at: (f64, f64), anchor: &str, text: &str) {
    let _ = writeln!(svg, r#"<text x="{:.1}" y="{:.1}" text-anchor="{anchor}">{text}</text>"#, at.0, at.1);
}
