//! The validity of certificates as a time line: the earliest end first, thresholds marked.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, TimeDelta, TimeZone as _, Utc};
use serde_json::{Map, Value};

use super::chart::{Scale, Shape};
use super::markup::Markup;
use crate::i18n::{Catalog, Message};
use crate::report::{Report, Severity};

/// Certificates drawn; more are listed in report.json.
const MAX_BARS: usize = 40;
/// What is drawn before and after the day of the report: half a year and two years.
const BEFORE: TimeDelta = TimeDelta::days(180);
const AFTER: TimeDelta = TimeDelta::days(730);
/// The thresholds in days where no finding says which ones were used; the defaults of the configuration.
const THRESHOLDS: (i64, i64) = (30, 7);

/// One certificate.
#[derive(Debug, Clone, PartialEq)]
struct Bar {
    name: String,
    owner: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Days before the end when a warning begins, and when it is critical.
    thresholds: (i64, i64),
}

impl Bar {
    fn severity(&self, now: DateTime<Utc>) -> Severity {
        let left = self.until - now;
        match self.thresholds {
            _ if left <= TimeDelta::zero() => Severity::Critical,
            (_, critical) if left.num_days() <= critical => Severity::Critical,
            (warn, _) if left.num_days() <= warn => Severity::Warning,
            _ => Severity::Ok,
        }
    }
}

/// The time line of the report's certificates, if there are any.
pub(super) fn draw(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let bars = bars(report);
    let now = DateTime::parse_from_rfc3339(&report.as_of).map(|now| now.to_utc());
    let (false, Ok(now)) = (bars.is_empty(), now) else {
        return;
    };
    let (Some(from), Some(to)) = (now.checked_sub_signed(BEFORE), now.checked_add_signed(AFTER)) else {
        return;
    };
    let scale = Scale { from, to };
    let ticks = ticks(scale);
    out.raw("<figure class=\"card\" aria-labelledby=\"certificates\"><figcaption><h3 id=\"certificates\">")
        .text(&catalog.plain("html-certificates"))
        .raw("</h3><span class=\"soft\">");
    let marks = Message::new("html-chart").arg("date", day(now));
    out.prose(&catalog.text(&marks)).raw("</span></figcaption>");
    // Years only: on a phone and on paper there is no room for more.
    let words: Vec<(DateTime<Utc>, String)> = ticks
        .iter()
        .filter(|tick| tick.month() == 1)
        .map(|tick| (*tick, tick.format("%Y-%m").to_string()))
        .collect();
    scale.axis(out, "", &words);
    out.raw("<ul class=\"rows\">");
    for bar in &bars {
        row(out, bar, scale, &ticks, now, catalog);
    }
    out.raw("</ul></figure>");
}

fn row(
    out: &mut Markup,
    bar: &Bar,
    scale: Scale,
    ticks: &[DateTime<Utc>],
    now: DateTime<Utc>,
    catalog: &Catalog,
) {
    let severity = bar.severity(now);
    out.raw("<li class=\"row ").raw(severity.as_str());
    out.raw("\"><span class=\"name\">").text(&bar.name);
    if !bar.owner.is_empty() {
        out.raw(" <small>").text(&bar.owner).raw("</small>");
    }
    out.raw("</span>");
    Scale::open(out);
    for tick in ticks {
        scale.stroke(out, "tick", *tick);
    }
    let is_over = bar.until <= now;
    scale.shape(
        out,
        if is_over { Shape::Over } else { Shape::Bar },
        bar.from,
        bar.until,
    );
    if !is_over {
        for days in [bar.thresholds.0, bar.thresholds.1] {
            if let Some(mark) = TimeDelta::try_days(days).and_then(|days| bar.until.checked_sub_signed(days))
            {
                scale.stroke(out, "mark", mark);
            }
        }
    }
    scale.stroke(out, "now", now);
    let state = match severity {
        _ if is_over => "expired",
        Severity::Ok => "valid",
        _ => "soon",
    };
    let until = Message::new("html-until")
        .arg("state", state)
        .arg("date", day(bar.until));
    out.raw("</svg><span class=\"when\"><b>")
        .prose(&catalog.text(&until))
        .raw("</b>");
    if !is_over {
        let left = Message::new("html-days").arg("days", (bar.until - now).num_days());
        out.raw(" <small>").text(&catalog.text(&left)).raw("</small>");
    }
    out.raw("</span></li>");
}

/// The certificates of the report's data: `targets`, `files` and `trust`, at the top or below `certs`.
fn bars(report: &Report) -> Vec<Bar> {
    let thresholds = thresholds(report);
    let below = report.data.get("certs").and_then(Value::as_object);
    let mut bars: Vec<Bar> = Vec::new();
    for part in [Some(&report.data), below].into_iter().flatten() {
        for (list, name) in [("targets", "target"), ("files", "path"), ("trust", "path")] {
            for entry in part.get(list).and_then(Value::as_array).into_iter().flatten() {
                let owner = entry.get(name).and_then(Value::as_str).unwrap_or_default();
                let chain = entry.get("chain").and_then(Value::as_array);
                for cert in chain.into_iter().flatten().filter_map(Value::as_object) {
                    bars.extend(bar(owner, cert, &thresholds).filter(|bar| !bars.contains(bar)));
                }
            }
        }
    }
    bars.sort_by(|a, b| a.until.cmp(&b.until).then_with(|| a.name.cmp(&b.name)));
    bars.truncate(MAX_BARS);
    bars
}

fn bar(owner: &str, certificate: &Map<String, Value>, thresholds: &HashMap<&str, (i64, i64)>) -> Option<Bar> {
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
    let found = text("sha256").and_then(|sha256| thresholds.get(sha256));
    Some(Bar {
        name: name.to_owned(),
        owner: if name == owner { "" } else { owner }.to_owned(),
        from: time("not_before")?,
        until: time("not_after")?,
        thresholds: found.copied().unwrap_or(THRESHOLDS),
    })
}

/// The thresholds that were used, by the certificate's SHA-256: a share of the lifetime differs from one to the next.
fn thresholds(report: &Report) -> HashMap<&str, (i64, i64)> {
    let findings = report.findings.iter().map(|finding| &finding.data);
    findings
        .filter_map(|data| {
            let days = |key: &str| data.get(key).and_then(Value::as_i64);
            let sha256 = data.get("sha256").and_then(Value::as_str)?;
            Some((sha256, (days("warn_days")?, days("critical_days")?)))
        })
        .collect()
}

/// The first days of the half-years of the frame.
fn ticks(scale: Scale) -> Vec<DateTime<Utc>> {
    (scale.from.year()..=scale.to.year())
        .flat_map(|year| [1, 7].map(|month| Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).single()))
        .flatten()
        .filter(|tick| *tick > scale.from && *tick < scale.to)
        .collect()
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}
