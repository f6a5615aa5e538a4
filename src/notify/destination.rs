//! `[[notify]]`, understood: where to, how, and the secrets that go with it.
//!
//! Secrets come from the environment or from files, are never printed, and never enter the state.

use std::path::Path;

use chrono::TimeDelta;
use url::Url;
use zeroize::Zeroizing;

use super::plan::Rules;
use crate::cli::values;
use crate::config::{Notify, NotifyKind};
use crate::i18n::{Localize, Message};

/// How often what lasts is said again when nothing else is configured.
const REMIND: TimeDelta = TimeDelta::days(7);
/// The same in the last days of a certificate.
const REMIND_LAST: TimeDelta = TimeDelta::days(1);
/// A URL or a password is one line.
const MAX_SECRET: u64 = 8 * 1024;

/// What is wrong with a `[[notify]]`.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// None at all.
    #[error("no [[notify]]")]
    None,
    /// A secret that is not there.
    #[error("[[notify]] {name}: {from} holds nothing")]
    Secret {
        /// The destination.
        name: String,
        /// The variable or file.
        from: String,
    },
    /// No URL, or none that can be used. The URL itself may be the secret and is not shown.
    #[error("[[notify]] {name}: no usable address")]
    Url {
        /// The destination.
        name: String,
        /// What is wrong: `missing`, `invalid`, `insecure`.
        fault: &'static str,
    },
    /// E-mail without a sender or recipients.
    #[error("[[notify]] {name}: {key} is missing or no address")]
    Mail {
        /// The destination.
        name: String,
        /// The key.
        key: &'static str,
    },
    /// Two of the same name.
    #[error("[[notify]] {name} twice")]
    Twice {
        /// The name.
        name: String,
    },
}

impl Localize for DestinationError {
    fn message(&self) -> Message {
        match self {
            Self::None => Message::new("notify-error-none"),
            Self::Secret { name, from } => Message::new("notify-error-secret")
                .arg("name", name)
                .arg("from", from),
            Self::Url { name, fault } => Message::new("notify-error-url")
                .arg("name", name)
                .arg("fault", *fault),
            Self::Mail { name, key } => Message::new("notify-error-mail")
                .arg("name", name)
                .arg("key", *key),
            Self::Twice { name } => Message::new("notify-error-twice").arg("name", name),
        }
    }
}

/// Where messages go.
pub struct Destination {
    /// What planning needs.
    pub rules: Rules,
    /// What is spoken there.
    pub kind: NotifyKind,
    /// Where to; may be a secret.
    pub url: Url,
    /// The bearer token of a web hook.
    pub token: Option<Zeroizing<String>>,
    /// Trusted in addition.
    pub ca_file: Option<std::path::PathBuf>,
    /// What e-mail needs.
    pub mail: Option<Mail>,
}

/// What e-mail needs.
pub struct Mail {
    /// The sender.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// User name and password.
    pub login: Option<(String, Zeroizing<String>)>,
}

impl Destination {
    /// Host and port, which may be shown.
    pub fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }
}

/// All destinations of the configuration.
///
/// # Errors
/// When there is none, or one of them cannot be used.
pub fn resolve(configured: &[Notify]) -> Result<Vec<Destination>, DestinationError> {
    if configured.is_empty() {
        return Err(DestinationError::None);
    }
    let mut destinations: Vec<Destination> = Vec::new();
    for notify in configured {
        let destination = one(notify)?;
        let name = &destination.rules.name;
        if destinations.iter().any(|other| other.rules.name == *name) {
            return Err(DestinationError::Twice { name: name.clone() });
        }
        destinations.push(destination);
    }
    Ok(destinations)
}

fn one(notify: &Notify) -> Result<Destination, DestinationError> {
    let kind = match notify.kind {
        NotifyKind::Webhook => "webhook",
        NotifyKind::Webex => "webex",
        NotifyKind::Alertmanager => "alertmanager",
        NotifyKind::Smtp => "smtp",
    };
    let name = notify.name.clone().unwrap_or_else(|| kind.to_owned());
    let secret = |variable: Option<&String>, file: Option<&Path>| secret(&name, variable, file);
    let url = match secret(notify.url_env.as_ref(), notify.url_file.as_deref())? {
        Some(url) => Some(url.to_string()),
        None => notify.url.clone(),
    };
    let token = secret(notify.token_env.as_ref(), notify.token_file.as_deref())?;
    let fault = |fault| DestinationError::Url {
        name: name.clone(),
        fault,
    };
    let url = Url::parse(&url.ok_or_else(|| fault("missing"))?).map_err(|_| fault("invalid"))?;
    let is_mail = notify.kind == NotifyKind::Smtp;
    let schemes: &[&str] = if is_mail {
        &["smtp", "smtps"]
    } else {
        &["http", "https"]
    };
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !schemes.contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) || has_user {
        return Err(fault("invalid"));
    }
    // Where a secret goes along, or is the address itself, it goes encrypted.
    let is_secret = token.is_some() || notify.kind == NotifyKind::Webex || notify.url.is_none();
    if url.scheme() == "http" && is_secret && !is_here(&url) {
        return Err(fault("insecure"));
    }
    let mail = is_mail.then(|| mail(notify, &name)).transpose()?;
    let ids = matches!(notify.kind, NotifyKind::Webhook | NotifyKind::Alertmanager);
    Ok(Destination {
        rules: Rules {
            when: notify.when,
            remind: interval(notify.remind.as_deref(), REMIND),
            remind_last: interval(notify.remind_last.as_deref(), REMIND_LAST),
            knows_ids: ids,
            name,
        },
        kind: notify.kind,
        url,
        token,
        ca_file: notify.ca_file.clone(),
        mail,
    })
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The form was checked with the configuration.
fn interval(text: Option<&str>, default: TimeDelta) -> TimeDelta {
    text.and_then(|text| values::duration(text).ok())
        .and_then(|duration| TimeDelta::from_std(duration).ok())
        .unwrap_or(default)
}

fn mail(notify: &Notify, name: &str) -> Result<Mail, DestinationError> {
    let fault = |key| DestinationError::Mail {
        name: name.to_owned(),
        key,
    };
    let valid = |address: &String| address.parse::<lettre::Address>().is_ok();
    let from = notify.from.clone().filter(valid).ok_or_else(|| fault("from"))?;
    if notify.to.is_empty() || !notify.to.iter().all(valid) {
        return Err(fault("to"));
    }
    let password = secret(
        name,
        notify.password_env.as_ref(),
        notify.password_file.as_deref(),
    )?;
    let login = match (&notify.user, password) {
        (Some(user), Some(password)) => Some((user.clone(), password)),
        (None, None) => None,
        (Some(_), None) => return Err(fault("password_env")),
        (None, Some(_)) => return Err(fault("user")),
    };
    Ok(Mail {
        from,
        to: notify.to.clone(),
        login,
    })
}

/// The value of a variable, else the first line of a file; none when neither is configured.
fn secret(
    name: &str,
    variable: Option<&String>,
    file: Option<&Path>,
) -> Result<Option<Zeroizing<String>>, DestinationError> {
    let (from, text) = match (variable, file) {
        (Some(variable), _) => (variable.clone(), std::env::var(variable).ok()),
        (None, Some(file)) => (file.display().to_string(), read(file)),
        (None, None) => return Ok(None),
    };
    let text = Zeroizing::new(text.unwrap_or_default());
    let line = text.trim();
    if line.is_empty() || line.contains(char::is_control) {
        return Err(DestinationError::Secret {
            name: name.to_owned(),
            from,
        });
    }
    Ok(Some(Zeroizing::new(line.to_owned())))
}

fn read(path: &Path) -> Option<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MAX_SECRET).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{DestinationError, resolve};
    use crate::config::{Notify, NotifyKind};

    fn hook(url: &str) -> Notify {
        Notify {
            url: Some(url.to_owned()),
            ..Notify::default()
        }
    }

    #[test]
    fn addresses_that_cannot_be_used_are_not_shown() {
        assert!(resolve(&[hook("https://hooks.example.net/x")]).is_ok());
        assert!(resolve(&[hook("http://alerts.example.net/x")]).is_ok());
        for bad in [
            "",
            "hooks.example.net",
            "ftp://hooks.example.net/",
            "https://user:hunter2@hooks.example.net/",
        ] {
            let error = resolve(&[hook(bad)]).err().expect(bad);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let webex = Notify {
            kind: NotifyKind::Webex,
            ..hook("http://webexapis.example.net/hook/secret")
        };
        assert!(matches!(
            resolve(&[webex]),
            Err(DestinationError::Url {
                fault: "insecure",
                ..
            })
        ));
        let twice = [hook("https://a.example.net/"), hook("https://b.example.net/")];
        assert!(matches!(resolve(&twice), Err(DestinationError::Twice { .. })));
    }

    #[test]
    fn mail_needs_sender_recipients_and_both_halves_of_a_login() {
        let mail = Notify {
            kind: NotifyKind::Smtp,
            from: Some("w4b@example.net".to_owned()),
            to: vec!["ops@example.net".to_owned()],
            ..hook("smtp://mail.example.net:587")
        };
        assert!(resolve(std::slice::from_ref(&mail)).is_ok());
        for bad in [
            Notify {
                from: None,
                ..mail.clone()
            },
            Notify {
                to: vec!["nobody".to_owned()],
                ..mail.clone()
            },
            Notify {
                to: vec!["a@example.net\r\nDATA".to_owned()],
                ..mail.clone()
            },
            Notify {
                user: Some("w4b".to_owned()),
                ..mail.clone()
            },
        ] {
            assert!(matches!(resolve(&[bad]), Err(DestinationError::Mail { .. })));
        }
    }
}
