//! A small time line: the time of the fault above the incidents and maintenances near it.
//!
//! ```text
//!             11-20 07:15                        11-20 09:30
//! fault       ················├────────┤·················
//! PUB0000000  ◀━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━▶
//! ```

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr as _;

use crate::i18n::Catalog;
use crate::report::Report;
use crate::rules::registry::STATUS_INCIDENT_AT_TIME;
use crate::sanitize::terminal;

/// At least this much is shown before and after the fault, so that near misses are seen as such.
const MARGIN: TimeDelta = TimeDelta::minutes(90);
/// At most this many rows.
const MAX_ROWS: usize = 12;
/// Columns of the longest label.
const LABEL: usize = 16;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The left edge.
    pub from: DateTime<Utc>,
    /// The right edge.
    pub to: DateTime<Utc>,
    /// The first instant of the fault.
    pub first: DateTime<Utc>,
    /// The last instant of the fault.
    pub last: DateTime<Utc>,
    /// The zone that the fault's time was given in.
    pub zone: Option<FixedOffset>,
    /// Incidents and maintenances, oldest first.
    pub rows: Vec<Row>,
}

/// One incident or maintenance.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number, else its title.
    pub label: String,
    /// Its title.
    pub title: String,
    /// When it began.
    pub start: DateTime<Utc>,
    /// When it ended; `None`: it has not.
    pub end: Option<DateTime<Utc>>,
}

impl Timeline {
    /// The time line of a report: its time frame is in the findings about the time of the fault, its rows are the
    /// relevant incidents and maintenances of `data` (of `status`, or of the part `status` of `check`). `None`:
    /// no time was asked about, or there is nothing near it.
    pub fn of(report: &Report) -> Option<Self> {
        let finding = report
            .findings
            .iter()
            .find(|finding| finding.check == STATUS_INCIDENT_AT_TIME.id)?;
        let first = instant(&finding.data, "window_first")?;
        let last = instant(&finding.data, "window_last")?;
        let margin = MARGIN.max((last - first) / 2).min(TimeDelta::days(3650));
        let (from, to) = (
            first.checked_sub_signed(margin)?,
            last.checked_add_signed(margin)?,
        );
        let status = report.data.get("status").and_then(Value::as_object);
        let data = status.unwrap_or(&report.data);
        let mut rows: Vec<Row> = ["incidents", "maintenances"]
            .iter()
            .filter_map(|list| data.get(*list)?.as_array())
            .flatten()
            .filter_map(Value::as_object)
            .filter_map(Row::of)
            .filter(|row| row.start <= to && row.end.is_none_or(|end| end >= from))
            .collect();
        rows.sort_by_key(|row| row.start);
        rows.truncate(MAX_ROWS);
        (!rows.is_empty()).then_some(Self {
            from,
            to,
            first,
            last,
            zone: zone(&finding.data),
            rows,
        })
    }

    /// As text, at most `width` columns wide.
    pub fn text(&self, catalog: &Catalog, width: usize) -> String {
        let fault = catalog.plain("timeline-fault");
        let labels = self.rows.iter().map(|row| row.label.as_str());
        let label = labels
            .chain([fault.as_str(), "+00:00"])
            .map(|label| label.width().min(LABEL))
            .max()
            .unwrap_or(LABEL);
        let cells = width.saturating_sub(label + 4).clamp(20, 72);
        let mut out = String::new();
        let _ = writeln!(out, "{}", catalog.plain("timeline-title"));
        let edge = |at: DateTime<Utc>| at.format("%m-%d %H:%M").to_string();
        let (left, right) = (edge(self.from), edge(self.to));
        let gap = cells.saturating_sub(left.len() + right.len());
        let _ = writeln!(out, "  {}  {left}{:gap$}{right}", pad("UTC", label), "");
        if let Some(zone) = self.zone {
            let edge = |at: DateTime<Utc>| at.with_timezone(&zone).format("%m-%d %H:%M").to_string();
            let (left, right) = (edge(self.from), edge(self.to));
            let _ = writeln!(
                out,
                "  {}  {left}{:gap$}{right}",
                pad(&zone.to_string(), label),
                ""
            );
        }
        let _ = writeln!(out, "  {}  {}", pad(&fault, label), self.fault_cells(cells));
        for row in &self.rows {
            let name = terminal(&row.label, false);
            let _ = writeln!(out, "  {}  {}", pad(&name, label), self.row_cells(row, cells));
        }
        out
    }

    /// The cells that a stretch of time touches, first and last, inside the picture.
    fn stretch(&self, start: DateTime<Utc>, end: DateTime<Utc>, cells: usize) -> (usize, usize) {
        let whole = (self.to - self.from).num_seconds().max(1);
        let cell = |at: DateTime<Utc>| {
            let seconds = (at - self.from).num_seconds().clamp(0, whole);
            let cell = seconds.saturating_mul(i64::try_from(cells).unwrap_or(1)) / whole;
            usize::try_from(cell).unwrap_or(0).min(cells.saturating_sub(1))
        };
        (cell(start), cell(end))
    }

    fn fault_cells(&self, cells: usize) -> String {
        let (start, end) = self.stretch(self.first, self.last, cells);
        (0..cells)
            .map(|cell| match cell {
                cell if cell == start && start == end => '┃',
                cell if cell == start => '├',
                cell if cell == end => '┤',
                cell if cell > start && cell < end => '─',
                _ => '·',
            })
            .collect()
    }

    fn row_cells(&self, row: &Row, cells: usize) -> String {
        let (start, end) = self.stretch(row.start, row.end.unwrap_or(self.to), cells);
        let goes_on = row.end.is_none_or(|end| end > self.to);
        (0..cells)
            .map(|cell| match cell {
                0 if row.start < self.from => '◀',
                cell if cell + 1 == cells && goes_on => '▶',
                cell if (start..=end).contains(&cell) => '━',
                _ => '·',
            })
            .collect()
    }
}

impl Row {
    fn of(fields: &Map<String, Value>) -> Option<Self> {
        let is_relevant = fields.get("relevant").and_then(Value::as_bool).unwrap_or(false);
        let text = |key: &str| fields.get(key).and_then(Value::as_str);
        let label = text("publication_id")
            .or_else(|| text("incident_number"))
            .or_else(|| text("name"))?;
        is_relevant.then_some(())?;
        // What has not ended has no end, whatever was planned.
        let is_closed = text("phase") == Some("closed") || text("phase") == Some("scheduled");
        Some(Self {
            label: label.to_owned(),
            title: text("name").unwrap_or(label).to_owned(),
            start: instant(fields, "started_at")?,
            end: instant(fields, "ended_at").filter(|_| is_closed),
        })
    }
}

/// The zone beside UTC, if there is another.
fn zone(fields: &Map<String, Value>) -> Option<FixedOffset> {
    let zone: FixedOffset = fields.get("window_zone")?.as_str()?.parse().ok()?;
    (zone.local_minus_utc() != 0).then_some(zone)
}

fn instant(fields: &Map<String, Value>, key: &str) -> Option<DateTime<Utc>> {
    let text = fields.get(key)?.as_str()?;
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// Filled up, or cut, to `width` columns.
fn pad(text: &str, width: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let wider = out.width() + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if wider > width {
            out.pop();
            out.push('…');
            break;
        }
        out.push(c);
    }
    let missing = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{Row, Timeline};
    use crate::i18n::{Catalog, Lang};

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[test]
    fn near_misses_do_not_touch_the_fault() {
        let line = Timeline {
            from: at("2026-11-20T06:30:00Z"),
            to: at("2026-11-20T10:15:00Z"),
            first: at("2026-11-20T08:00:00Z"),
            last: at("2026-11-20T08:45:00Z"),
            zone: None,
            rows: vec![
                Row {
                    label: "PUB0000001".to_owned(),
                    title: "Messages arrive late".to_owned(),
                    start: at("2026-11-20T05:00:00Z"),
                    end: Some(at("2026-11-20T07:00:00Z")),
                },
                Row {
                    label: "An incident without any number".to_owned(),
                    title: "An incident without any number".to_owned(),
                    start: at("2026-11-20T08:44:00Z"),
                    end: None,
                },
            ],
        };
        insta::assert_snapshot!(line.text(&Catalog::new(Lang::En), 60));
    }
}
