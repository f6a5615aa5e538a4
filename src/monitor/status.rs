//! The status page, asked now and then.

use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::i18n::Catalog;
use crate::interrupt::Interrupt;
use crate::probe::http::{Client, ClientError, ClientOptions, Offline, Transport};
use crate::probe::status::{self, Options, Source};
use crate::render::prometheus::{self, Exposition};
use crate::report::Report;
use crate::rules::status::{Question, data, judge};

/// The page is nobody's to hammer: it is asked no more often.
const SHORTEST_INTERVAL: Duration = Duration::from_mins(1);

/// Where the page is, and what is asked of it.
#[derive(Debug)]
pub struct Page {
    /// Where.
    pub source: Source,
    /// How.
    pub client: ClientOptions,
    /// What matters; its instant is replaced by the time of the question.
    pub question: Question,
    /// For everything that is asked.
    pub timeout: Duration,
}

/// What it said last.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When, by the monotonic clock.
    pub at: Instant,
    /// As metrics.
    pub metrics: std::sync::Arc<Exposition>,
}

impl Page {
    /// How long to wait between two questions.
    pub fn interval(&self, scrape: Duration) -> Duration {
        match self.source {
            Source::File(_) => scrape,
            Source::Url(_) => scrape.max(SHORTEST_INTERVAL),
        }
    }

    /// Asks. Blocks: for a thread of its own.
    ///
    /// # Errors
    /// When the proxy or the CA file cannot be used; a page that does not answer is an observation.
    pub fn ask(&self, clock: &dyn Clock, interrupt: &Interrupt) -> Result<Seen, ClientError> {
        let transport: Box<dyn Transport> = match self.source {
            Source::File(_) => Box::new(Offline),
            Source::Url(_) => Box::new(Client::new(&self.client)?),
        };
        let options = Options {
            history: false,
            ..Options::default()
        };
        let deadline = Deadline::after(self.timeout);
        let observation = status::observe(
            &self.source,
            &options,
            transport.as_ref(),
            clock,
            deadline,
            interrupt,
        );
        let question = Question {
            as_of: clock.now(),
            ..self.question.clone()
        };
        let findings = judge(&observation, &question);
        let data = data(&observation, &question);
        // Metrics say nothing in words.
        let words = Catalog::new(crate::i18n::Lang::En);
        let now = question.as_of;
        let report = Report::new("status", now, now, &findings, serde_json::Map::new(), &words);
        Ok(Seen {
            at: Instant::now(),
            metrics: std::sync::Arc::new(prometheus::status(&data, &report)),
        })
    }
}
