//! The report of `status` for people and for plug-ins.

use super::nagios::{Performance, Plugin, Range};
use super::timeline::Timeline;
use super::{severity_word, sign, text, wrap};
use crate::cli::printer::Palette;
use crate::i18n::{Catalog, Message};
use crate::report::{Finding, Report, Severity};
use crate::rules::registry::STATUS_REACHABLE;
use crate::rules::status::{IncidentData, StatusData};
use crate::sanitize::terminal;

/// For a person: verdict, findings, and the time line when a time was asked about.
pub fn page(report: &Report, catalog: &Catalog, palette: Palette, width: usize) -> String {
    let mut out = text::verdict(report, catalog, palette, width);
    out.push('\n');
    out.push_str(&text::findings(report, catalog, palette, width));
    if let Some(line) = Timeline::of(report) {
        out.push('\n');
        out.push_str(&line.text(catalog, width));
    }
    out
}

/// For Nagios and Icinga.
pub fn plugin(report: &Report, data: &StatusData, catalog: &Catalog) -> Plugin {
    let healthy = Message::new("status-plugin-ok").arg("count", relevant_components(data).count());
    let performance = performance(data);
    Plugin::new(
        "WEBEX-STATUS",
        report,
        catalog.text(&healthy),
        performance,
        catalog,
    )
}

/// What graphs are drawn from; nothing when the page was not read, because 0 would look like a good day.
pub fn performance(data: &StatusData) -> Vec<Performance> {
    if data.format.is_none() {
        return Vec::new();
    }
    let components = relevant_components(data).count();
    let troubled = relevant_components(data).filter(|(_, state)| *state != 0).count();
    let any = Some(Range::Above(0));
    let incidents = open(&data.incidents, "open");
    let maintenances = open(&data.maintenances, "in-progress");
    vec![
        Performance::count("components_troubled", troubled, Some(components)).alert(any, None),
        Performance::count("incidents_open", incidents, None).alert(any, None),
        Performance::count("maintenances_running", maintenances, None).alert(any, None),
    ]
}

/// The components that matter and how bad each is: 0 operational to 4 major outage, -1 not known.
pub(super) fn relevant_components(data: &StatusData) -> impl Iterator<Item = (&str, i8)> {
    use crate::probe::status::model::ComponentState as State;
    data.components
        .iter()
        .filter(|component| component.relevant)
        .map(|component| {
            let state = match State::from_word(&component.status) {
                State::Operational => 0,
                State::UnderMaintenance => 1,
                State::DegradedPerformance => 2,
                State::PartialOutage => 3,
                State::MajorOutage => 4,
                State::Unknown => -1,
            };
            (component.name.as_str(), state)
        })
}

pub(super) fn open(list: &[IncidentData], phase: &str) -> usize {
    list.iter()
        .filter(|incident| incident.relevant && incident.phase == phase)
        .count()
}

/// What changed between two reports: one line for every finding that is new or reads otherwise, and one for every
/// finding that is over. Checks that pass are not news, except where they took the place of trouble.
pub fn changes(before: &Report, after: &Report, catalog: &Catalog, width: usize) -> String {
    let same = |one: &Finding, other: &Finding| one.check == other.check && one.subject == other.subject;
    let mut out = String::new();
    let mut line = |severity: Severity, title: &str| {
        let head = format!(
            "{}  {} {}  ",
            after.as_of,
            sign(severity),
            severity_word(severity, catalog)
        );
        wrap::hanging(&mut out, &head, &terminal(title, false), width);
    };
    for finding in &after.findings {
        let earlier = before.findings.iter().find(|earlier| same(earlier, finding));
        let is_news = match earlier {
            // Said once while it lasts: the words of a failure differ from one attempt to the next.
            Some(earlier) if finding.check == STATUS_REACHABLE.id => earlier.severity != finding.severity,
            Some(earlier) => {
                (earlier.severity, &earlier.title, &earlier.detail)
                    != (finding.severity, &finding.title, &finding.detail)
            }
            None => finding.severity > Severity::Ok,
        };
        // The time of a passed check changes each time.
        if is_news
            && (finding.severity > Severity::Ok
                || earlier.is_some_and(|earlier| earlier.severity > Severity::Ok))
        {
            line(finding.severity, &finding.title);
            if finding.severity > Severity::Ok {
                line(finding.severity, &finding.detail);
            }
        }
    }
    for finding in before
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Ok)
    {
        if !after.findings.iter().any(|later| same(later, finding)) {
            let message = Message::new("status-watch-gone").arg("title", finding.title.as_str());
            line(Severity::Ok, &catalog.text(&message));
        }
    }
    out
}
