//! The configuration file (TOML): types only. Reading it, and its errors, live in [`crate::cli::config_file`].
//!
//! No secret is ever written in it: it names an environment variable or a file instead. Unknown keys are errors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The instant to judge as of (RFC 3339), when `--as-of` is absent: for cases that are kept and judged again.
    #[schemars(extend("format" = "date-time"))]
    pub as_of: Option<String>,
    /// Who you are.
    pub provider: Provider,
    /// The status page.
    pub status: Status,
    /// When an expiry date is a warning, and when it is critical.
    pub thresholds: Thresholds,
    /// Trust anchors.
    pub trust: Trust,
    /// The XSPs or ADPs.
    pub xsp: Vec<Xsp>,
    /// The input flags of `check` and `bundle` as keys.
    pub case: Case,
    /// BroadWorks servers.
    pub broadworks: Broadworks,
    /// What is redacted.
    pub redact: Redact,
    /// The catalogue of known errors.
    pub catalogue: Catalogue,
    /// The Prometheus exporter.
    pub exporter: Exporter,
    /// Who is told when something is wrong (`--notify`).
    pub notify: Vec<Notify>,
}

/// `[provider]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// The provider's name, for the service request.
    pub name: Option<String>,
    /// The partner organisation's ID.
    pub partner_org: Option<String>,
    /// The language, when neither `--lang` nor the environment says one.
    #[schemars(extend("format" = "language"))]
    pub locale: Option<String>,
}

/// `[status]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Status {
    /// Base URL of the page, a JSON document, or a saved file.
    pub url: Option<String>,
    /// Components that matter; replaces the built-in list.
    pub components: Option<Vec<String>>,
    /// Regions that matter (`EMEA`, `N. America (West)`); empty: all.
    pub regions: Vec<String>,
    /// HTTP proxy; else `HTTPS_PROXY` and `NO_PROXY`.
    pub proxy: Option<String>,
    /// PEM file with an own CA (a proxy that inspects TLS).
    pub ca_file: Option<PathBuf>,
}

/// `[thresholds]`: `30d`, or `33%` of the certificate's lifetime.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// A warning from here on.
    #[schemars(extend("format" = "threshold"))]
    pub warn: Option<String>,
    /// Critical from here on.
    #[schemars(extend("format" = "threshold"))]
    pub critical: Option<String>,
}

/// `[trust]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    /// Files with the Webex CA chain that is installed as trust anchors for mutual TLS.
    pub webex_ca: Vec<PathBuf>,
    /// Public roots: `mozilla` (default), `system`, or a path.
    pub public_roots: Option<String>,
}

/// `[[xsp]]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Xsp {
    /// A name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// Host name or address.
    pub host: String,
    /// Ports with server TLS (Xsi-Actions, Xsi-Events, DMS).
    #[serde(default)]
    pub https: Vec<u16>,
    /// CTI ports, mutual TLS expected.
    #[serde(default)]
    pub cti: Vec<u16>,
    /// AuthService ports with mutual TLS.
    #[serde(default)]
    pub auth: Vec<u16>,
    /// Addresses to probe instead of what DNS says.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// The certificate as installed on disk.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Client certificate (PEM) for mutual TLS.
    #[serde(default)]
    pub client_cert: Option<PathBuf>,
    /// Its private key (PEM); never packed.
    #[serde(default)]
    pub client_key: Option<PathBuf>,
}

/// `[case]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Case {
    /// `--text`
    pub text: Vec<PathBuf>,
    /// `--log`
    pub log: Vec<PathBuf>,
    /// `--users-csv`
    pub users_csv: Vec<PathBuf>,
    /// `--attach`
    pub attach: Vec<PathBuf>,
    /// `--xsp`
    pub xsp: Vec<String>,
    /// `--trust`
    pub trust: Vec<PathBuf>,
    /// `--status-url`
    pub status_url: Option<String>,
    /// `--user-email`
    pub user_email: Option<String>,
    /// `--customer-org`
    pub customer_org: Option<String>,
    /// `--partner-org`
    pub partner_org: Option<String>,
    /// `--tracking-id`
    pub tracking_id: Vec<String>,
    /// `--answers`
    pub answers: Vec<PathBuf>,
    /// `--client-version`
    pub client_version: Vec<String>,
    /// `--broadworks-release` (`ROLE=RELEASE`)
    pub broadworks_release: Vec<String>,
    /// `--since` (RFC 3339)
    #[schemars(extend("format" = "date-time"))]
    pub since: Option<String>,
    /// `--until` (RFC 3339)
    #[schemars(extend("format" = "date-time"))]
    pub until: Option<String>,
    /// `--no-network`
    pub no_network: bool,
}

/// `[broadworks]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Broadworks {
    /// Release by server role: `as = "25.0"`.
    pub releases: BTreeMap<String, String>,
}

/// `[redact]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Redact {
    /// Values, or kinds as `kind:email`, that stay readable.
    pub keep: Vec<String>,
    /// More patterns to mask (regular expressions), by name.
    pub patterns: BTreeMap<String, String>,
    /// Own domains, whose host names are pseudonymised.
    pub domains: Vec<String>,
}

/// `[catalogue]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Catalogue {
    /// Directory with the provider's own entries.
    pub dir: Option<PathBuf>,
}

/// `[exporter]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exporter {
    /// `ADDRESS:PORT` to listen on, unless `--listen` says otherwise.
    pub listen: Option<String>,
    /// Each target is probed once in this time, and its result is used again for as long: the scrape interval.
    #[schemars(extend("format" = "duration"))]
    pub interval: Option<String>,
    /// One deadline for each target.
    #[schemars(extend("format" = "duration"))]
    pub timeout: Option<String>,
    /// Targets that are probed at a time.
    #[schemars(range(min = 1, max = 512))]
    pub concurrency: Option<u16>,
    /// Whether `/probe` takes targets that are not configured.
    pub any_target: bool,
    /// Whether the status page is asked too; it is unless this says `false`.
    pub status: Option<bool>,
    /// Certificate with its chain (PEM) to serve HTTPS with.
    pub tls_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    pub tls_key: Option<PathBuf>,
    /// Who may ask (basic authentication); nobody named: everybody.
    pub user: Vec<ExporterUser>,
}

/// `[[exporter.user]]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExporterUser {
    /// The user name.
    pub name: String,
    /// SHA-256 of the password, 64 hexadecimal digits. The password must be long and random, at least 20 characters:
    /// `openssl rand -hex 24`.
    #[schemars(extend("format" = "sha256"))]
    pub password_sha256: String,
}

/// `[[notify]]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// What is spoken there.
    pub kind: NotifyKind,
    /// A name for messages and for the state; else the kind. Unique among those of one kind.
    #[serde(default)]
    pub name: Option<String>,
    /// Where to: `https://…`, for e-mail `smtps://HOST[:PORT]` (TLS at once) or `smtp://HOST[:PORT]` (STARTTLS).
    #[serde(default)]
    pub url: Option<String>,
    /// The environment variable that holds the URL, when the URL is a secret.
    #[serde(default)]
    pub url_env: Option<String>,
    /// The file that holds the URL, when the URL is a secret.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// From which severity on.
    #[serde(default)]
    pub when: NotifyWhen,
    /// How often what lasts is said again; `7d` unless said otherwise.
    #[serde(default)]
    #[schemars(extend("format" = "duration"))]
    pub remind: Option<String>,
    /// The same for a certificate that has expired or has at most seven days left; `1d` unless said otherwise.
    #[serde(default)]
    #[schemars(extend("format" = "duration"))]
    pub remind_last: Option<String>,
    /// PEM file with CA certificates that are trusted in addition.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The environment variable that holds the bearer token of a web hook.
    #[serde(default)]
    pub token_env: Option<String>,
    /// The file that holds the bearer token of a web hook.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// E-mail: the sender's address.
    #[serde(default)]
    pub from: Option<String>,
    /// E-mail: the recipients' addresses.
    #[serde(default)]
    pub to: Vec<String>,
    /// E-mail: the user name.
    #[serde(default)]
    pub user: Option<String>,
    /// E-mail: the environment variable that holds the password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// E-mail: the file that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// `kind` of `[[notify]]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "the words are the configuration's own")]
pub enum NotifyKind {
    #[default]
    Webhook,
    Webex,
    Alertmanager,
    Smtp,
}

/// `when` of `[[notify]]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "the words are the configuration's own")]
pub enum NotifyWhen {
    Unknown,
    #[default]
    Warning,
    Critical,
}
