//! The validity of certificates as a drawing that needs no script and is readable without colour.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::markup::Markup;
use crate::i18n::{Catalog, Message};

/// Certificates drawn; more are listed in report.json.
const MAX_BARS: usize = 40;
/// Units of the drawing.
const WIDTH: f64 = 900.0;
/// Where the axis begins: labels stand left of it.
const LEFT: f64 = 290.0;
/// Height of a bar with its distance.
const ROW: f64 = 26.0;
/// Longest label, in characters.
const LABEL: usize = 40;

/// One certificate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    label: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// The certificates of the report's data: `targets`, `files` and `trust`, at the top or below `certs`.
pub(super) fn bars(data: &Map<String, Value>) -> Vec<Bar> {
    let below = data.get("certs").and_then(Value::as_object);
    let mut bars: Vec<Bar> = Vec::new();
    for part in [Some(data), below].into_iter().flatten() {
        for (list, name) in [("targets", "target"), ("files", "path"), ("trust", "path")] {
            for entry in part.get(list).and_then(Value::as_array).into_iter().flatten() {
                let owner = entry.get(name).and_then(Value::as_str).unwrap_or_default();
                let chain = entry.get("chain").and_then(Value::as_array);
                for bar in chain.into_iter().flatten().filter_map(|cert| bar(owner, cert)) {
                    if !bars.contains(&bar) {
                        bars.push(bar);
                    }
                }
            }
        }
    }
    bars.sort_by(|a, b| a.until.cmp(&b.until).then_with(|| a.label.cmp(&b.label)));
    bars.truncate(MAX_BARS);
    bars
}

fn bar(owner: &str, certificate: &Value) -> Option<Bar> {
    let text = |key: &str| certificate.get(key).and_then(Value::as_str);
    let time = |key: &str| {
        DateTime::parse_from_rfc3339(text(key)?)
            .ok()
            .map(|time| time.to_utc())
    };
    let subject = text("subject")?;
    let name = subject
        .split(',')
        .find_map(|part| part.trim().strip_prefix("CN="))
        .unwrap_or(subject);
    // The file's own name is enough beside a bar.
    let owner = owner.rsplit(['/', '\\']).next().unwrap_or(owner);
    let label = if name == owner || owner.is_empty() {
        name.to_owned()
    } else {
        format!("{name} · {owner}")
    };
    Some(Bar {
        label,
        from: time("not_before")?,
        until: time("not_after")?,
    })
}

/// Draws the bars around `now`: from half a year before it to two years after it, cut there.
pub(super) fn draw(out: &mut Markup, bars: &[Bar], now: DateTime<Utc>, catalog: &Catalog) {
    let (first, last) = (
        now - chrono::Duration::days(180),
        now + chrono::Duration::days(730),
    );
    let height = ROW * small(bars.len()) + 46.0;
    out.raw("<svg role=\"img\" viewBox=\"0 0 900 ")
        .number(height)
        .raw("\" aria-label=\"");
    out.text(&catalog.plain("html-chart")).raw("\">");
    for year_part in ticks(first, last) {
        let x = place(year_part, first, last);
        line(out, "axis", x, height - 22.0);
        out.raw("<text class=\"dim\" text-anchor=\"middle\" x=\"")
            .number(x)
            .raw("\" y=\"")
            .number(height - 6.0);
        out.raw("\">")
            .text(&year_part.format("%Y-%m").to_string())
            .raw("</text>");
    }
    for (row, bar) in bars.iter().enumerate() {
        draw_bar(out, bar, ROW * small(row) + 20.0, (first, now, last), catalog);
    }
    let x = place(now, first, last);
    line(out, "now", x, height - 22.0);
    out.raw("<text text-anchor=\"middle\" y=\"11\" x=\"")
        .number(x)
        .raw("\">");
    out.text(&now.format("%Y-%m-%d").to_string()).raw("</text></svg>");
}

fn draw_bar(
    out: &mut Markup,
    bar: &Bar,
    y: f64,
    frame: (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
    catalog: &Catalog,
) {
    let (first, now, last) = frame;
    let days = (bar.until - now).num_days();
    // The same words as in the table below the drawing; the colour only repeats them.
    let (class, word) = match days {
        _ if bar.until <= now => (
            "<rect class=\"bar critical over\" rx=\"3\" height=\"14\" x=\"",
            "expired",
        ),
        ..30 => ("<rect class=\"bar warning\" rx=\"3\" height=\"14\" x=\"", "soon"),
        _ => ("<rect class=\"bar ok\" rx=\"3\" height=\"14\" x=\"", "valid"),
    };
    let (x1, x2) = (place(bar.from, first, last), place(bar.until, first, last));
    out.raw("<text text-anchor=\"end\" x=\"")
        .number(LEFT - 10.0)
        .raw("\" y=\"")
        .number(y + 12.0)
        .raw("\">");
    out.text(&shortened(&bar.label)).raw("</text>");
    out.raw(class)
        .number(x1)
        .raw("\" y=\"")
        .number(y + 1.0)
        .raw("\" width=\"")
        .number((x2 - x1).max(3.0))
        .raw("\"/>");
    let words = Message::new("html-until")
        .arg("state", word)
        .arg("date", bar.until.format("%Y-%m-%d").to_string());
    // Beside the bar where there is room, else inside its end.
    let (anchor, x) = if x2 > WIDTH - 170.0 {
        ("<text text-anchor=\"end\" x=\"", x2 - 6.0)
    } else {
        ("<text x=\"", x2.max(place(now, first, last)) + 6.0)
    };
    out.raw(anchor)
        .number(x)
        .raw("\" y=\"")
        .number(y + 12.0)
        .raw("\">");
    out.text(&catalog.text(&words)).raw("</text>");
}

fn line(out: &mut Markup, class: &'static str, x: f64, to: f64) {
    let class = if class == "now" {
        "<line class=\"now\" x1=\""
    } else {
        "<line class=\"axis\" x1=\""
    };
    out.raw(class)
        .number(x)
        .raw("\" x2=\"")
        .number(x)
        .raw("\" y1=\"16\" y2=\"")
        .number(to)
        .raw("\"/>");
}

/// The first days of the quarters of the frame.
fn ticks(first: DateTime<Utc>, last: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    use chrono::{Datelike as _, TimeZone as _};
    (first.year()..=last.year())
        .flat_map(|year| [1, 7].map(|month| Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).single()))
        .flatten()
        .filter(|tick| *tick > first && *tick < last)
        .collect()
}

/// Where an instant stands, cut to the frame.
#[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
fn place(at: DateTime<Utc>, first: DateTime<Utc>, last: DateTime<Utc>) -> f64 {
    let (span, part) = (
        (last - first).num_seconds() as f64,
        (at - first).num_seconds() as f64,
    );
    LEFT + (WIDTH - LEFT - 10.0) * (part / span).clamp(0.0, 1.0)
}

#[expect(clippy::cast_precision_loss, reason = "at most a few dozen rows")]
fn small(rows: usize) -> f64 {
    rows as f64
}

fn shortened(label: &str) -> String {
    match label.char_indices().nth(LABEL) {
        Some((end, _)) => format!("{}…", label.get(..end).unwrap_or_default()),
        None => label.to_owned(),
    }
}
