//! `--notify` and `--notify-test` of the commands that judge.

use super::{Context, Failure};
use crate::cli::args::Format;
use crate::cli::args::notify::NotifyArgs;
use crate::cli::exit::Exit;
use crate::deadline::Deadline;
use crate::i18n::Message;
use crate::notify::{self, Outcome, Work, destination, state};
use crate::report::{Report, Verdict};

/// Sends a test message everywhere, if that is what was asked for.
///
/// # Errors
/// When no destination is configured, or one of them cannot be used.
pub fn test(args: &NotifyArgs, context: &mut Context) -> Result<Option<Exit>, Failure> {
    if !args.notify_test {
        return Ok(None);
    }
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is not general enough over its lifetimes"
    )]
    let outcome = work(args, context, |work| work.test())?;
    context.interrupt.check()?;
    let sent = Message::new("notify-sent").arg("count", outcome.sent);
    context.printer.note(&context.catalog, &sent);
    say(&outcome, context);
    Ok(Some(if outcome.troubles.is_empty() {
        Exit::DONE
    } else {
        Exit::NOT_DONE
    }))
}

/// Tells whom it concerns, if that is what was asked for. What went wrong is for the caller to say, beside its result.
///
/// # Errors
/// When no destination is configured, or one of them cannot be used.
pub fn tell(args: &NotifyArgs, report: &Report, context: &mut Context) -> Result<Outcome, Failure> {
    if !args.notify {
        return Ok(Outcome::default());
    }
    work(args, context, |work| work.run(report))
}

fn work(
    args: &NotifyArgs,
    context: &Context,
    act: impl FnOnce(&Work<'_>) -> Outcome,
) -> Result<Outcome, Failure> {
    let destinations = destination::resolve(&context.config.notify)?;
    let path = match &args.state {
        Some(path) => path.clone(),
        None => state::default_path()?,
    };
    let deadline = Deadline::after(notify::DEADLINE);
    let work = Work {
        destinations: &destinations,
        proxy: context.config.status.proxy.clone(),
        path: &path,
        now: context.as_of(),
        deadline: match context.global.finish_by {
            Some(end) => deadline.at_most(end.remaining()),
            None => deadline,
        },
        catalog: &context.catalog,
        interrupt: &context.interrupt,
    };
    Ok(act(&work))
}

/// Says what could not be said to others.
pub fn say(outcome: &Outcome, context: &mut Context) {
    // A plug-in has said it on standard output, the only place where its scheduler looks.
    if context.global.format == Format::Nagios {
        return;
    }
    for trouble in &outcome.troubles {
        context.printer.error(&context.catalog, trouble);
    }
}

/// The exit code: what was found counts more than who could not be told; but where nothing was found, what was asked for
/// was not done.
pub fn exit(verdict: Verdict, outcome: &Outcome) -> Exit {
    match verdict {
        Verdict::Ok if !outcome.troubles.is_empty() => Exit::NOT_DONE,
        verdict => Exit::from(verdict),
    }
}
