//! `status` as samples.

use super::certs::findings;
use super::families as f;
use super::{Exposition, count_of};
use crate::report::Report;
use crate::rules::status::StatusData;

/// What is not known has no sample, rather than a good one; but whether the page answered is always said.
pub fn status(data: &StatusData, report: &Report) -> Exposition {
    let mut out = Exposition::default();
    let source = [("source", data.fetched_from.as_str())];
    let is_up = data.format.is_some();
    out.add(f::STATUS_UP, &source, u8::from(is_up));
    out.instant(f::STATUS_FETCHED, &source, &data.fetched_at);
    if let Some(offset) = data
        .clock_offset_seconds
        .and_then(|offset| i32::try_from(offset).ok())
    {
        out.add(f::STATUS_CLOCK_OFFSET, &source, offset);
    }
    findings(&mut out, "status", report);
    if !is_up {
        return out;
    }
    for (component, state) in crate::render::status::relevant_components(data) {
        out.add(f::COMPONENT_STATUS, &[source[0], ("component", component)], state);
    }
    let relevant = |list: &[crate::rules::status::IncidentData], phase| {
        count_of(crate::render::status::open(list, phase))
    };
    out.add(f::INCIDENTS_OPEN, &source, relevant(&data.incidents, "open"));
    let running = relevant(&data.maintenances, "in-progress");
    out.add(f::MAINTENANCES_RUNNING, &source, running);
    out
}
