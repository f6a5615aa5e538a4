//! `self-test`: the redactor's adversarial cases, run on this machine.

use serde_json::{Map, Value};

use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::self_test::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::{Localize, Message};
use crate::redact::self_test::{self, Group, SelfTestError};
use crate::render;
use crate::report::{Report, Severity};
use crate::rules::{Finding, registry};

impl Localize for SelfTestError {
    fn message(&self) -> Message {
        match self {
            Self::Key(error) => error.message(),
            Self::Cases(reason) => Message::new("redact-self-test-cases").arg("reason", reason),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When there is no randomness for a key.
pub fn run(_args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let interrupt = context.interrupt.clone();
    let outcome = self_test::run(&mut || !interrupt.is_set())?;
    context.interrupt.check()?;
    let findings = judge(&outcome);
    let data = match serde_json::to_value(&outcome) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let report = Report::new(
        "self-test",
        context.clock.now(),
        context.as_of(),
        &findings,
        data,
        &context.catalog,
    );
    let exit = Exit::from(report.verdict);
    if format == Format::Json {
        let out = context.printer.out();
        serde_json::to_writer_pretty(&mut *out, &report).map_err(|error| Failure::output(error.into()))?;
        writeln!(out)?;
        return Ok(exit);
    }
    let (palette, width) = (context.printer.palette(), context.printer.width());
    let text = render::text::findings(&report, &context.catalog, palette, width);
    let verdict = render::text::verdict(&report, &context.catalog, palette, width);
    context.printer.out().write_all(text.as_bytes())?;
    context.printer.out().write_all(verdict.as_bytes())?;
    Ok(exit)
}

/// One finding a group that passed, one a case that failed.
fn judge(outcome: &self_test::Outcome) -> Vec<Finding> {
    let mut findings = Vec::new();
    for group in Group::ALL {
        let passed = outcome.passed.get(&group).copied().unwrap_or(0);
        let whole = !outcome.failed.iter().any(|failed| failed.group == group);
        if whole && passed > 0 {
            findings.push(
                Finding::ok(&registry::BUNDLE_REDACTED, "self-test")
                    .variant("self-test-ok")
                    .arg("group", group.as_str())
                    .arg("count", passed)
                    .data("group", group.as_str())
                    .data("passed", passed),
            );
        }
    }
    for failed in &outcome.failed {
        let finding = if failed.leaked {
            Finding::new(&registry::BUNDLE_SECRET_LEFT, failed.id.as_str()).variant("self-test")
        } else {
            Finding::new(&registry::BUNDLE_REDACTED, failed.id.as_str())
                .severity(Severity::Warning)
                .variant("self-test-failed")
        };
        findings.push(
            finding
                .arg("group", failed.group.as_str())
                .arg("form", failed.form.as_str())
                .data("group", failed.group.as_str())
                .data("form", failed.form.as_str()),
        );
    }
    findings
}
