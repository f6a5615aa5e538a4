//! The fault against the incidents and maintenances near it, as a time line.

use chrono::{DateTime, FixedOffset, Utc};

use super::chart::{Scale, Shape};
use super::markup::Markup;
use crate::i18n::{Catalog, Message};
use crate::render::timeline::{Row, Timeline};
use crate::rules::status::shown_in;

pub(super) fn draw(out: &mut Markup, line: &Timeline, catalog: &Catalog) {
    let scale = Scale {
        from: line.from,
        to: line.to,
    };
    out.raw("<figure class=\"card\" aria-labelledby=\"incidents\"><figcaption><h3 id=\"incidents\">")
        .text(&catalog.plain("html-incidents"))
        .raw("</h3><span class=\"soft\">")
        .text(&catalog.plain("html-incidents-caption"))
        .raw("</span></figcaption>");
    axis(out, line, scale, None);
    if line.zone.is_some() {
        axis(out, line, scale, line.zone);
    }
    out.raw("<ul class=\"rows\"><li class=\"row\"><span class=\"name\">")
        .text(&catalog.plain("timeline-fault"))
        .raw("</span>");
    Scale::open(out);
    scale.shape(out, Shape::Fault, line.first, line.last);
    let (first, last) = (shown_in(line.first, line.zone), shown_in(line.last, line.zone));
    out.raw("</svg><span class=\"when\"><b>")
        .prose(&first)
        .raw("</b>");
    if first != last {
        out.raw(" <small>– ").prose(&last).raw("</small>");
    }
    out.raw("</span></li>");
    for row in &line.rows {
        incident(out, row, line, scale, catalog);
    }
    out.raw("</ul></figure>");
}

fn axis(out: &mut Markup, line: &Timeline, scale: Scale, zone: Option<FixedOffset>) {
    let word = |at: DateTime<Utc>| match zone {
        Some(zone) => at.with_timezone(&zone).format("%m-%d %H:%M").to_string(),
        None => at.format("%m-%d %H:%M").to_string(),
    };
    let name = zone.map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
    scale.axis(
        out,
        &name,
        &[(line.from, word(line.from)), (line.to, word(line.to))],
    );
}

fn incident(out: &mut Markup, row: &Row, line: &Timeline, scale: Scale, catalog: &Catalog) {
    let relation = Relation::of(row, line);
    out.raw(match relation {
        Relation::Overlap(_) => "<li class=\"row warning\"><span class=\"name\">",
        _ => "<li class=\"row info\"><span class=\"name\">",
    });
    out.text(&row.label);
    if row.title != row.label {
        out.raw(" <small>").text(&row.title).raw("</small>");
    }
    out.raw("</span>");
    Scale::open(out);
    scale.shape(out, Shape::Band, line.first, line.last);
    let shape = match relation {
        Relation::Overlap(_) => Shape::Bar,
        _ => Shape::Over,
    };
    // Without an end it goes on beyond the picture.
    let end = row.end.unwrap_or(line.to + (line.to - line.from));
    scale.shape(out, shape, row.start, end);
    let (kind, minutes) = relation.words();
    let words = Message::new("html-relation")
        .arg("relation", kind)
        .arg("minutes", minutes);
    let span = Message::new("html-span")
        .arg("from", shown_in(row.start, None))
        .arg(
            "until",
            row.end
                .map_or_else(|| "none".to_owned(), |end| shown_in(end, None)),
        );
    out.raw("</svg><span class=\"when\"><b>")
        .text(&catalog.text(&words))
        .raw("</b> <small>")
        .prose(&catalog.text(&span))
        .raw("</small></span></li>");
}

/// How an incident lies to the fault, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Overlap(i64),
    Before(i64),
    After(i64),
}

impl Relation {
    fn of(row: &Row, line: &Timeline) -> Self {
        let seconds = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_seconds();
        match row.end {
            Some(end) if end < line.first => Self::Before(seconds(end, line.first)),
            _ if row.start > line.last => Self::After(seconds(line.last, row.start)),
            end => Self::Overlap(seconds(
                row.start.max(line.first),
                end.map_or(line.last, |end| end.min(line.last)),
            )),
        }
    }

    /// The word that the sentence selects by, and begun minutes.
    fn words(self) -> (&'static str, i64) {
        let minutes = |seconds: i64| (seconds + 59) / 60;
        match self {
            Self::Overlap(0) => ("during", 0),
            Self::Overlap(seconds) => ("overlap", minutes(seconds)),
            Self::Before(seconds) => ("before", minutes(seconds)),
            Self::After(seconds) => ("after", minutes(seconds)),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::Relation;
    use crate::render::timeline::{Row, Timeline};

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[test]
    fn before_during_and_after_are_told_apart_to_the_minute() {
        let line = Timeline {
            from: at("2026-11-20T06:30:00Z"),
            to: at("2026-11-20T10:15:00Z"),
            first: at("2026-11-20T08:00:00Z"),
            last: at("2026-11-20T08:45:00Z"),
            zone: None,
            rows: Vec::new(),
        };
        let words = |start: &str, end: Option<&str>| {
            let row = Row {
                label: String::new(),
                title: String::new(),
                start: at(start),
                end: end.map(at),
            };
            Relation::of(&row, &line).words()
        };
        assert_eq!(
            words("2026-11-20T05:00:00Z", Some("2026-11-20T07:00:00Z")),
            ("before", 60)
        );
        assert_eq!(
            words("2026-11-20T05:00:00Z", Some("2026-11-20T08:00:30Z")),
            ("overlap", 1)
        );
        assert_eq!(words("2026-11-20T08:30:00Z", None), ("overlap", 15));
        assert_eq!(words("2026-11-20T08:50:00Z", None), ("after", 5));
    }
}
