//! Flags over configuration: what a case is made of, as one typed value.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};

use super::answers::Answers;
use super::recognise::{self, Recognised};
use crate::cli::args::case::CaseArgs;
use crate::cli::values;
use crate::config::Config;
use crate::entity::{Email, OrgId, TrackingId};
use crate::i18n::{Localize, Message};

/// What a case is made of. A flag replaces the configuration's key of the same name.
#[derive(Debug, Clone, Default)]
pub struct CaseInput {
    /// Error texts; `-` is standard input.
    pub texts: Vec<PathBuf>,
    /// Logs, directories of logs, archives.
    pub logs: Vec<PathBuf>,
    /// User-status exports and bulk-user files.
    pub users: Vec<PathBuf>,
    /// Screenshots and other attachments.
    pub attachments: Vec<PathBuf>,
    /// Targets named by `--xsp`; empty: those of the configuration's `[[xsp]]`.
    pub xsps: Vec<String>,
    /// Trust-anchor files.
    pub trust: Vec<PathBuf>,
    /// Certificates recognised among the bare paths.
    pub certificates: Vec<PathBuf>,
    /// Where the status page is.
    pub status: Option<String>,
    /// Facts said by the person.
    pub said: Said,
    /// When it began.
    pub since: Option<DateTime<Utc>>,
    /// When it ended.
    pub until: Option<DateTime<Utc>>,
    /// The zone that these were given in on the command line.
    pub zone: Option<FixedOffset>,
    /// Nothing is asked over the network.
    pub no_network: bool,
    /// Answers of guided dialogues.
    pub answers: Answers,
    /// Error texts that were typed or pasted in a dialogue.
    pub pasted: Vec<String>,
}

/// Facts that a person said instead of leaving them to the scan, each with where they said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The affected user's e-mail.
    pub user_email: Option<(String, &'static str)>,
    /// The customer organisation.
    pub customer_org: Option<(OrgId, &'static str)>,
    /// The partner organisation.
    pub partner_org: Option<(OrgId, &'static str)>,
    /// Tracking IDs.
    pub tracking_ids: Vec<(String, &'static str)>,
    /// Webex App versions.
    pub client_versions: Vec<(String, &'static str)>,
    /// BroadWorks releases by server role.
    pub releases: Vec<(String, String, &'static str)>,
}

/// A value that does not mean what its flag or key needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not an organisation ID.
    #[error("{flag}: '{value}' is not an organisation ID")]
    Org {
        /// The flag or key.
        flag: &'static str,
        /// What was given.
        value: String,
    },
    /// Not `ROLE=RELEASE`.
    #[error("'{value}' is not ROLE=RELEASE")]
    Release {
        /// What was given.
        value: String,
    },
    /// Not an e-mail address.
    #[error("{flag}: '{value}' is not an e-mail address")]
    Email {
        /// The flag or key.
        flag: &'static str,
        /// What was given.
        value: String,
    },
    /// Not an RFC 3339 instant.
    #[error("[case] {key}: '{value}' is not an RFC 3339 time")]
    Time {
        /// The key.
        key: &'static str,
        /// What was given.
        value: String,
    },
    /// The frame ends before it begins.
    #[error("--until is before --since")]
    Frame,
    /// Not a tracking ID.
    #[error("{flag}: '{value}' is not a tracking ID")]
    Tracking {
        /// The flag or key.
        flag: &'static str,
        /// What was given.
        value: String,
    },
    /// A file of answers cannot be used.
    #[error("{path}: {reason}")]
    Answers {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl Localize for InputError {
    fn message(&self) -> Message {
        match self {
            Self::Org { flag, value } => Message::new("error-case-org")
                .arg("flag", *flag)
                .arg("value", value),
            Self::Release { value } => Message::new("error-case-release").arg("value", value),
            Self::Email { flag, value } => Message::new("error-case-email")
                .arg("flag", *flag)
                .arg("value", value),
            Self::Time { key, value } => Message::new("error-case-time")
                .arg("key", *key)
                .arg("value", value),
            Self::Frame => Message::new("error-case-frame"),
            Self::Tracking { flag, value } => Message::new("error-case-tracking")
                .arg("flag", *flag)
                .arg("value", value),
            Self::Answers { path, reason } => Message::new("error-case-answers")
                .arg("path", path)
                .arg("reason", reason.trim()),
        }
    }
}

impl CaseInput {
    /// Flags over configuration; bare paths are sorted by what is in them.
    ///
    /// # Errors
    /// When a value is not what its flag or key needs.
    pub fn resolve(args: &CaseArgs, config: &Config) -> Result<Self, InputError> {
        let case = &config.case;
        let mut input = Self {
            texts: either(&args.text, &case.text),
            logs: either(&args.log, &case.log),
            users: either(&args.users_csv, &case.users_csv),
            attachments: either(&args.attach, &case.attach),
            xsps: either(&args.xsp, &case.xsp),
            trust: first_filled([&args.trust, &case.trust, &config.trust.webex_ca]),
            certificates: Vec::new(),
            status: args
                .status_url
                .clone()
                .or_else(|| case.status_url.clone())
                .or_else(|| config.status.url.clone()),
            said: said(args, config)?,
            since: args.since.map_or_else(
                || time("since", case.since.as_deref()),
                |at| Ok(Some(at.to_utc())),
            )?,
            until: args.until.map_or_else(
                || time("until", case.until.as_deref()),
                |at| Ok(Some(at.to_utc())),
            )?,
            zone: args.since.or(args.until).map(|at| *at.offset()),
            no_network: args.no_network || case.no_network,
            answers: Answers::default(),
            pasted: Vec::new(),
        };
        for path in either(&args.answers, &case.answers) {
            input.add_answers(&path)?;
        }
        if let (Some(since), Some(until)) = (input.since, input.until)
            && until < since
        {
            return Err(InputError::Frame);
        }
        for path in &args.paths {
            input.add_path(path.clone())?;
        }
        Ok(input)
    }

    /// What `explain … --save` wrote: the answers, the error text and the screenshots.
    fn add_answers(&mut self, path: &Path) -> Result<(), InputError> {
        let mut answers = Answers::read(path).map_err(|reason| InputError::Answers {
            path: path.display().to_string(),
            reason,
        })?;
        self.attachments.append(&mut answers.screenshots);
        self.pasted.extend(answers.text.take());
        self.answers.merge(answers);
        Ok(())
    }

    /// A bare path goes where its content belongs.
    fn add_path(&mut self, path: PathBuf) -> Result<(), InputError> {
        match recognise::path(&path) {
            Recognised::Answers => self.add_answers(&path)?,
            Recognised::Text => self.texts.push(path),
            Recognised::Log => self.logs.push(path),
            Recognised::Users => self.users.push(path),
            Recognised::Picture => self.attachments.push(path),
            Recognised::Certificates {
                only_authorities: true,
            } => self.trust.push(path),
            Recognised::Certificates {
                only_authorities: false,
            } => self.certificates.push(path),
            Recognised::Status => self.status = Some(path.to_string_lossy().into_owned()),
        }
        Ok(())
    }

    /// Whether there is anything to look at.
    pub fn is_empty(&self) -> bool {
        [
            &self.texts,
            &self.logs,
            &self.users,
            &self.attachments,
            &self.trust,
            &self.certificates,
        ]
        .iter()
        .all(|paths| paths.is_empty())
            && self.xsps.is_empty()
            && self.pasted.is_empty()
            && !self.answers.is_answered()
    }
}

fn either<T: Clone>(flags: &[T], file: &[T]) -> Vec<T> {
    first_filled([flags, file])
}

fn first_filled<T: Clone, const N: usize>(candidates: [&[T]; N]) -> Vec<T> {
    candidates
        .into_iter()
        .find(|values| !values.is_empty())
        .unwrap_or_default()
        .to_vec()
}

fn time(key: &'static str, value: Option<&str>) -> Result<Option<DateTime<Utc>>, InputError> {
    value
        .map(|value| values::instant(value).map_err(|value| InputError::Time { key, value }))
        .transpose()
}

fn said(args: &CaseArgs, config: &Config) -> Result<Said, InputError> {
    let case = &config.case;
    let email = pick(
        "--user-email",
        args.user_email.as_ref(),
        "[case] user_email",
        case.user_email.as_ref(),
    );
    let customer = pick(
        "--customer-org",
        args.customer_org.as_ref(),
        "[case] customer_org",
        case.customer_org.as_ref(),
    );
    let partner = pick(
        "--partner-org",
        args.partner_org.as_ref(),
        "[case] partner_org",
        case.partner_org.as_ref(),
    )
    .or_else(|| {
        pick(
            "[provider] partner_org",
            config.provider.partner_org.as_ref(),
            "",
            None,
        )
    });
    let mut releases = Vec::new();
    for (values, flag) in [
        (&args.broadworks_release, "--broadworks-release"),
        (&case.broadworks_release, "[case] broadworks_release"),
    ] {
        for value in values {
            let (role, release) = value
                .split_once('=')
                .filter(|(role, release)| !role.is_empty() && !release.is_empty())
                .ok_or_else(|| InputError::Release { value: value.clone() })?;
            releases.push((role.to_owned(), release.to_owned(), flag));
        }
        if !releases.is_empty() {
            break;
        }
    }
    if releases.is_empty() {
        let file = &config.broadworks.releases;
        releases.extend(
            file.iter()
                .map(|(role, release)| (role.clone(), release.clone(), "[broadworks] releases")),
        );
    }
    let (versions, flag) = if args.client_version.is_empty() {
        (&case.client_version, "[case] client_version")
    } else {
        (&args.client_version, "--client-version")
    };
    let (ids, id_flag) = if args.tracking_id.is_empty() {
        (&case.tracking_id, "[case] tracking_id")
    } else {
        (&args.tracking_id, "--tracking-id")
    };
    let tracking_ids = ids.iter().map(|id| tracking_id((id, id_flag)));
    Ok(Said {
        tracking_ids: tracking_ids.collect::<Result<_, _>>()?,
        user_email: email.map(email_address).transpose()?,
        customer_org: customer.map(organisation).transpose()?,
        partner_org: partner.map(organisation).transpose()?,
        client_versions: versions.iter().map(|version| (version.clone(), flag)).collect(),
        releases,
    })
}

fn pick<'a>(
    flag: &'static str,
    typed: Option<&'a String>,
    key: &'static str,
    filed: Option<&'a String>,
) -> Option<(&'a str, &'static str)> {
    typed
        .map(|value| (value.as_str(), flag))
        .or_else(|| filed.map(|value| (value.as_str(), key)))
}

fn organisation((value, flag): (&str, &'static str)) -> Result<(OrgId, &'static str), InputError> {
    OrgId::parse(value)
        .map(|org| (org, flag))
        .ok_or_else(|| InputError::Org {
            flag,
            value: value.to_owned(),
        })
}

fn email_address((value, flag): (&str, &'static str)) -> Result<(String, &'static str), InputError> {
    Email::parse(value)
        .map(|_| (value.to_owned(), flag))
        .ok_or_else(|| InputError::Email {
            flag,
            value: value.to_owned(),
        })
}

fn tracking_id((value, flag): (&str, &'static str)) -> Result<(String, &'static str), InputError> {
    TrackingId::parse(value)
        .map(|_| (value.to_owned(), flag))
        .ok_or_else(|| InputError::Tracking {
            flag,
            value: value.to_owned(),
        })
}
