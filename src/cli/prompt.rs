//! Questions to a person on a terminal: on standard error, so that results on standard output stay results.

use std::io::{self, BufRead as _, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use super::printer::Palette;
use crate::i18n::{Catalog, Localize, Message};
use crate::interrupt::{Interrupt, Interrupted};
use crate::sanitize::terminal;

/// How often waiting for an answer looks at the interrupt flag.
const POLL: Duration = Duration::from_millis(100);

/// Pasted texts are read up to here, in bytes.
const MAX_PASTE: usize = 1 << 20;

/// Someone who can be asked.
pub trait Prompter {
    /// Shows something.
    fn say(&mut self, text: &str);

    /// One line of answer without its end; `None` when there is nobody any more (end of input).
    ///
    /// # Errors
    /// When the user interrupts.
    fn line(&mut self, question: &str) -> Result<Option<String>, Interrupted>;
}

/// A person at the terminal.
#[derive(Debug)]
pub struct Terminal {
    interrupt: Interrupt,
    palette: Palette,
}

impl Terminal {
    /// Asks on standard error and reads standard input.
    pub fn new(interrupt: Interrupt, palette: Palette) -> Self {
        Self { interrupt, palette }
    }
}

impl Prompter for Terminal {
    fn say(&mut self, text: &str) {
        // A terminal that is gone cannot be told so.
        let _ = writeln!(io::stderr().lock(), "{}", terminal(text, true));
    }

    fn line(&mut self, question: &str) -> Result<Option<String>, Interrupted> {
        let strong = self.palette.strong();
        let mut error = io::stderr().lock();
        let _ =
            write!(error, "{strong}{}{strong:#} ", terminal(question, false)).and_then(|()| error.flush());
        drop(error);
        // Reading blocks and cannot be interrupted; waiting for who reads can.
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            let read = io::stdin().lock().read_until(b'\n', &mut line);
            let answer = match read {
                Ok(bytes) if bytes > 0 => Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
                _ => None,
            };
            let _ = sender.send(answer);
        });
        loop {
            self.interrupt.check()?;
            match receiver.recv_timeout(POLL) {
                Ok(answer) => return Ok(answer),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

/// Asks until the answer can be used. Nothing but Enter takes the default, or leaves the question open without one.
///
/// # Errors
/// When the user interrupts.
pub fn ask<T, E: Localize>(
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
    question: &Message,
    default: Option<&str>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Interrupted> {
    let question = catalog.text(question);
    let shown = match default {
        Some(default) => Message::new("prompt-default")
            .arg("question", question)
            .arg("default", default),
        None => Message::new("prompt-open").arg("question", question),
    };
    let shown = catalog.text(&shown);
    loop {
        let Some(answer) = prompter.line(&shown)? else {
            return Ok(None);
        };
        let answer = match (answer.trim(), default) {
            ("", None) => return Ok(None),
            ("", Some(default)) => default,
            (typed, _) => typed,
        };
        match parse(answer) {
            Ok(value) => return Ok(Some(value)),
            Err(error) => complain(prompter, catalog, &error.message()),
        }
    }
}

/// Says what is wrong with an answer, and the hint.
fn complain(prompter: &mut dyn Prompter, catalog: &Catalog, message: &Message) {
    prompter.say(&format!("  ✗ {}", catalog.text(message)));
    if let Some(hint) = catalog.attribute(message, "hint") {
        prompter.say(&format!("    {hint}"));
    }
}

/// An answer that is none of those that were offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{answer}' is none of {offered}")]
pub struct NotOffered {
    answer: String,
    offered: String,
}

impl Localize for NotOffered {
    fn message(&self) -> Message {
        Message::new("prompt-error-offered")
            .arg("answer", &self.answer)
            .arg("offered", &self.offered)
    }
}

/// Yes or no, in any of the languages.
///
/// # Errors
/// When the user interrupts.
pub fn yes_or_no(
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
    question: &Message,
) -> Result<Option<bool>, Interrupted> {
    let offered = catalog.plain("prompt-yes-no");
    let question = Message::new("prompt-choices")
        .arg("question", question.clone())
        .arg("choices", offered.as_str());
    ask(prompter, catalog, &question, None, |answer| {
        crate::cli::values::yes_or_no(answer).map_err(|answer| NotOffered {
            answer,
            offered: offered.clone(),
        })
    })
}

/// One of several things, by its number or by what is shown.
///
/// # Errors
/// When the user interrupts.
pub fn choose<T: Clone>(
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
    question: &Message,
    choices: &[(T, String)],
) -> Result<Option<T>, Interrupted> {
    prompter.say(&catalog.text(question));
    for (number, (_, shown)) in choices.iter().enumerate() {
        prompter.say(&format!("  {} {shown}", number + 1));
    }
    let offered = format!("1–{}", choices.len());
    let question = Message::new("prompt-number").arg("choices", offered.as_str());
    ask(prompter, catalog, &question, None, |answer| {
        let by_number = answer
            .parse::<usize>()
            .ok()
            .and_then(|number| choices.get(number.checked_sub(1)?));
        let by_text = || {
            choices
                .iter()
                .find(|(_, shown)| shown.eq_ignore_ascii_case(answer))
        };
        by_number
            .or_else(by_text)
            .map(|(value, _)| value.clone())
            .ok_or_else(|| NotOffered {
                answer: answer.to_owned(),
                offered: offered.clone(),
            })
    })
}

/// A pasted text: every line until an empty one.
///
/// # Errors
/// When the user interrupts.
pub fn paste(
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
    question: &Message,
) -> Result<Option<String>, Interrupted> {
    prompter.say(&catalog.text(question));
    let mut text = String::new();
    while let Some(line) = prompter.line(">")? {
        if line.is_empty() || text.len() + line.len() > MAX_PASTE {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Answers from a list: tests.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Scripted {
    /// What is left to answer.
    pub answers: std::collections::VecDeque<String>,
    /// What was shown.
    pub shown: String,
}

#[cfg(test)]
impl Scripted {
    /// Answers these in order, then nobody is there.
    pub fn new(answers: &[&str]) -> Self {
        Self {
            answers: answers.iter().map(|&answer| answer.to_owned()).collect(),
            shown: String::new(),
        }
    }
}

#[cfg(test)]
impl Prompter for Scripted {
    fn say(&mut self, text: &str) {
        self.shown.push_str(text);
        self.shown.push('\n');
    }

    fn line(&mut self, question: &str) -> Result<Option<String>, Interrupted> {
        let answer = self.answers.pop_front();
        self.say(&format!("{question} {}", answer.as_deref().unwrap_or("^D")));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::{Scripted, ask, choose, paste, yes_or_no};
    use crate::cli::values;
    use crate::commands::case::input::InputError;
    use crate::i18n::{Catalog, Lang, Message};

    #[test]
    fn a_wrong_answer_is_asked_again_and_enter_takes_the_default() {
        let catalog = Catalog::new(Lang::En);
        let question = Message::new("case-fact--time-frame");
        let parse =
            |text: &str| values::instant(text).map_err(|value| InputError::Time { key: "since", value });
        let mut person = Scripted::new(&["yesterday", "2026-11-20T10:00:00Z"]);
        let answer = ask(&mut person, &catalog, &question, None, parse).unwrap();
        assert!(answer.is_some());
        assert!(person.shown.contains("yesterday"), "{}", person.shown);
        let mut person = Scripted::new(&[""]);
        let answer = ask(
            &mut person,
            &catalog,
            &question,
            Some("2026-11-20T10:00:00Z"),
            parse,
        )
        .unwrap();
        assert!(answer.is_some());
        assert_eq!(
            ask(&mut Scripted::new(&[""]), &catalog, &question, None, parse).unwrap(),
            None
        );
        assert_eq!(
            ask(&mut Scripted::new(&[]), &catalog, &question, None, parse).unwrap(),
            None
        );
    }

    #[test]
    fn yes_in_every_language_and_choices_by_number_or_word() {
        let question = Message::new("case-fact--time-frame");
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            let offered = catalog.plain("prompt-yes-no");
            let (yes, no) = offered.split_once('/').expect("two words");
            for (word, meant) in [(yes, true), (no, false)] {
                let mut person = Scripted::new(&["perhaps", word]);
                assert_eq!(
                    yes_or_no(&mut person, &catalog, &question).unwrap(),
                    Some(meant),
                    "{lang} {word}"
                );
            }
        }
        let catalog = Catalog::new(Lang::En);
        let choices = [(1, "one".to_owned()), (2, "Two".to_owned())];
        for answer in ["2", "two"] {
            let mut person = Scripted::new(&["3", "0", answer]);
            assert_eq!(
                choose(&mut person, &catalog, &question, &choices).unwrap(),
                Some(2)
            );
        }
    }

    #[test]
    fn a_pasted_text_ends_with_an_empty_line() {
        let catalog = Catalog::new(Lang::En);
        let mut person = Scripted::new(&["[Error 4202]", "TrackingID: x", "", "more"]);
        let text = paste(&mut person, &catalog, &Message::new("case-fact--time-frame")).unwrap();
        assert_eq!(text.as_deref(), Some("[Error 4202]\nTrackingID: x\n"));
    }
}
