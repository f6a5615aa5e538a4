//! Performance data: what a graph is drawn from.

use std::fmt::Write as _;

use crate::sanitize::terminal;

/// When a value is worth an alert. [Monitoring Plugins Development Guidelines, threshold and ranges]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Below this: `604800:`.
    Below(i64),
    /// Above this (or below zero): `10`.
    Above(i64),
}

impl Range {
    fn text(self) -> String {
        match self {
            Self::Below(limit) => format!("{limit}:"),
            Self::Above(limit) => limit.to_string(),
        }
    }
}

/// One performance value: `'label'=value[unit];[warn];[crit];[min];[max]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Performance {
    /// The name; anything but control characters may stand in it.
    pub label: String,
    /// The value; never below `min` nor above `max`.
    pub value: f64,
    /// One of the guidelines' units: `s` or nothing. Days are none of them.
    pub unit: &'static str,
    /// Where a warning begins.
    pub warn: Option<Range>,
    /// Where it becomes critical.
    pub critical: Option<Range>,
    /// The least that is possible.
    pub min: f64,
    /// The most that is possible, if there is a limit.
    pub max: Option<f64>,
}

impl Performance {
    /// A count, without a unit; with `of` as its maximum.
    pub fn count(label: &str, value: usize, of: Option<usize>) -> Self {
        Self {
            label: label.to_owned(),
            value: float(value),
            unit: "",
            warn: None,
            critical: None,
            min: 0.0,
            max: of.map(float),
        }
    }

    /// So many seconds.
    pub fn seconds(label: String, value: f64, max: Option<f64>) -> Self {
        Self {
            label,
            value,
            unit: "s",
            warn: None,
            critical: None,
            min: 0.0,
            max,
        }
    }

    /// Adds thresholds.
    #[must_use]
    pub fn alert(mut self, warn: Option<Range>, critical: Option<Range>) -> Self {
        self.warn = warn;
        self.critical = critical;
        self
    }

    /// As it stands behind the vertical bar.
    pub fn text(&self) -> String {
        let range = |range: Option<Range>| range.map_or_else(String::new, Range::text);
        let mut text = format!(
            "'{}'={}{};{};{};{};",
            quoted(&self.label),
            self.value,
            self.unit,
            range(self.warn),
            range(self.critical),
            self.min
        );
        if let Some(max) = self.max {
            let _ = write!(text, "{max}");
        }
        text
    }
}

/// A label between single quotes: a quote in it is doubled. An equals sign is not allowed at all, and several readers
/// split at the first bar whatever the quotes say.
fn quoted(label: &str) -> String {
    terminal(label, false)
        .replace('\'', "''")
        .replace(['=', '|'], "_")
}

#[expect(clippy::cast_precision_loss, reason = "counts of targets and findings")]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{Performance, Range};

    #[test]
    fn labels_are_quoted_and_numbers_are_plain() {
        let left = Performance::seconds("o'neill=a|b leaf".to_owned(), 1_036_800.0, Some(34_387_200.0))
            .alert(Some(Range::Below(2_592_000)), Some(Range::Below(604_800)));
        assert_eq!(
            left.text(),
            "'o''neill_a_b leaf'=1036800s;2592000:;604800:;0;34387200"
        );
        assert_eq!(
            Performance::seconds("x time".to_owned(), 0.045, None).text(),
            "'x time'=0.045s;;;0;"
        );
        assert_eq!(
            Performance::count("incidents_open", 2, None)
                .alert(Some(Range::Above(0)), None)
                .text(),
            "'incidents_open'=2;0;;0;"
        );
    }
}
