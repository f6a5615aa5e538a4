//! Finding and reading the configuration file. What may stand in it is [`crate::config::Config`]; its JSON Schema
//! is what tells an unknown key from a known one, so the two cannot drift apart.

mod walk;

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use toml::de::{DeTable, DeValue};

use self::walk::Walk;
pub use super::config_error::{ConfigError, Place};
use crate::config::Config;

/// Larger files are not configuration: 4 MiB.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The file for the whole machine.
const SYSTEM_FILE: &str = "/etc/w4b-diag/config.toml";

/// A configuration and where it is from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The file, if there is one.
    pub path: Option<PathBuf>,
    /// What it says, paths resolved against its directory.
    pub config: Config,
}

/// Reads `named`, else the first default file that exists, else gives the empty configuration.
///
/// # Errors
/// When a file is there but cannot be used, or was named and is not there.
pub fn load(named: Option<&Path>) -> Result<Loaded, ConfigError> {
    if let Some(path) = named {
        return read(path);
    }
    for path in default_files() {
        match read(&path) {
            Err(ConfigError::Unreadable {
                reason: "missing", ..
            }) => {}
            outcome => return outcome,
        }
    }
    Ok(Loaded::default())
}

/// `$XDG_CONFIG_HOME/w4b-diag/config.toml` (the platform's equivalent), then the machine's.
fn default_files() -> Vec<PathBuf> {
    use etcetera::BaseStrategy as _;
    let own = etcetera::base_strategy::choose_native_strategy()
        .ok()
        .map(|base| base.config_dir().join("w4b-diag").join("config.toml"));
    let xdg = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .map(|base| base.join("w4b-diag").join("config.toml"));
    let mut files: Vec<PathBuf> = xdg.or(own).into_iter().collect();
    if cfg!(unix) {
        files.push(PathBuf::from(SYSTEM_FILE));
    }
    files
}

fn read(path: &Path) -> Result<Loaded, ConfigError> {
    let text = read_text(path)?;
    let mut config = parse(path, &text)?;
    // Relative to the file, as it was named: messages stay short, and reports do not depend on where a checkout lies.
    let base = path.parent().unwrap_or(Path::new(""));
    resolve_paths(&mut config, base);
    Ok(Loaded {
        path: Some(path.to_owned()),
        config,
    })
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |reason, detail| ConfigError::Unreadable {
        path: path.to_owned(),
        reason,
        detail,
    };
    let io_error = |error: &io::Error| {
        let reason = match error.kind() {
            // A file where a directory is expected on the way means the same: it is not there.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "missing",
            io::ErrorKind::PermissionDenied => "denied",
            _ => "other",
        };
        unreadable(reason, error.to_string())
    };
    let metadata = std::fs::metadata(path).map_err(|error| io_error(&error))?;
    if metadata.is_dir() {
        return Err(unreadable("directory", String::new()));
    }
    if metadata.len() > MAX_BYTES {
        return Err(unreadable("large", String::new()));
    }
    let bytes = std::fs::read(path).map_err(|error| io_error(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("encoding", String::new()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Parses the text of a configuration file; `path` is for the messages.
///
/// # Errors
/// The first fault.
pub fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        place: Place::of(path, text, error.span().map_or(0, |span| span.start)),
        reason: error.message().lines().collect::<Vec<_>>().join(" "),
    })?;
    let schema = schemars::schema_for!(Config);
    let walk = Walk {
        path,
        text,
        schema: &schema,
    };
    walk.table(document.get_ref(), &document.span(), schema.as_value(), "")?;
    Config::deserialize(to_json_table(document.get_ref())).map_err(|error| ConfigError::Refused {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn to_json_table(table: &DeTable<'_>) -> Json {
    table
        .iter()
        .map(|(name, value)| (name.get_ref().to_string(), to_json(value.get_ref())))
        .collect::<Map<_, _>>()
        .into()
}

fn to_json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Json::Null, Json::from)
        }
        DeValue::Float(float) => float.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Boolean(boolean) => Json::from(*boolean),
        DeValue::Datetime(datetime) => Json::from(datetime.to_string()),
        DeValue::Array(items) => items.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(table) => to_json_table(table),
    }
}

/// Makes the paths of a configuration relative to `base`, the directory of its file.
fn resolve_paths(config: &mut Config, base: &Path) {
    let resolve = |path: &mut PathBuf| {
        if path.as_os_str() != "-" {
            *path = base.join(&*path);
        }
    };
    let case = &mut config.case;
    let lists = [
        &mut config.trust.webex_ca,
        &mut case.text,
        &mut case.log,
        &mut case.users_csv,
        &mut case.answers,
        &mut case.attach,
        &mut case.trust,
    ];
    lists.into_iter().flatten().for_each(resolve);
    let xsp_files = config
        .xsp
        .iter_mut()
        .flat_map(|xsp| [&mut xsp.certificate, &mut xsp.client_cert, &mut xsp.client_key]);
    let notify_files = config.notify.iter_mut().flat_map(|notify| {
        [
            &mut notify.url_file,
            &mut notify.ca_file,
            &mut notify.token_file,
            &mut notify.password_file,
        ]
    });
    let exporter = &mut config.exporter;
    [
        &mut config.status.ca_file,
        &mut config.catalogue.dir,
        &mut exporter.tls_certificate,
        &mut exporter.tls_key,
    ]
    .into_iter()
    .chain(xsp_files)
    .chain(notify_files)
    .flatten()
    .for_each(resolve);
    let resolve_text = |text: &mut String| *text = base.join(&*text).to_string_lossy().into_owned();
    for url in [&mut config.status.url, &mut config.case.status_url]
        .into_iter()
        .flatten()
    {
        if !url.contains("://") {
            resolve_text(url);
        }
    }
    if let Some(roots) = &mut config.trust.public_roots
        && !matches!(roots.as_str(), "mozilla" | "system")
    {
        resolve_text(roots);
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{ConfigError, parse, resolve_paths};
    use crate::i18n::{Catalog, Lang, Localize};

    fn fault(text: &str) -> String {
        let error = parse(Path::new("c.toml"), text).expect_err("must be refused");
        let catalog = Catalog::new(Lang::En);
        format!(
            "{}\n{}",
            catalog.text(&error.message()),
            catalog.attribute(&error.message(), "hint").expect("a hint")
        )
    }

    #[test]
    fn every_key_of_the_contract_is_known() {
        let config = parse(
            Path::new("c.toml"),
            r#"
            as_of = 2026-11-22T09:00:00Z
            [provider]
            name = "Example Telecom"
            partner_org = "11111111-2222-4333-8444-555555555555"
            locale = "de"
            [status]
            url = "https://status.example.com/"
            components = ["Webex App"]
            proxy = "http://proxy.example.net:3128"
            [thresholds]
            warn = "33%"
            critical = "7d"
            [trust]
            webex_ca = ["chain.txt"]
            public_roots = "mozilla"
            [[xsp]]
            name = "one"
            host = "xsp1.example.net"
            https = [443]
            cti = [8012]
            auth = []
            addresses = ["192.0.2.1"]
            certificate = "xsp1.pem"
            client_cert = "c.pem"
            client_key = "k.pem"
            [case]
            text = ["error.txt"]
            since = "2026-11-20T08:00:00+01:00"
            [broadworks]
            releases = { as = "Rel_25.0_1.1", xsp = "Rel_24.0_1.944" }
            [redact]
            keep = ["kind:email"]
            "#,
        )
        .expect("valid");
        assert_eq!(config.as_of.as_deref(), Some("2026-11-22T09:00:00Z"));
        assert_eq!(config.xsp[0].cti, [8012]);
        assert_eq!(config.broadworks.releases["xsp"], "Rel_24.0_1.944");
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let error = parse(Path::new("c.toml"), "[status]\ncompnents = []\n").expect_err("unknown");
        let ConfigError::UnknownKey { place, nearest, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(place.to_string(), "c.toml:2:1");
        assert_eq!(nearest.as_deref(), Some("status.components"));
        assert!(fault("[statsu]\n").contains("status"));
        assert!(fault("zzz = 1\n").contains("provider, status"));
    }

    #[test]
    fn wrong_kinds_and_forms_are_said_with_their_place() {
        insta::assert_snapshot!(fault("[[xsp]]\nhost = \"x\"\ncti = \"8012\"\n"), @r#"
        c.toml:3:7: "xsp.cti" must be a list in square brackets, but here stands text
        Change the value as described.
        "#);
        insta::assert_snapshot!(fault("[[xsp]]\nhost = \"x\"\ncti = [80120]\n"), @r#"
        c.toml:3:8: 80120 is not a valid value for "xsp.cti"
        Allowed: 0 - 65535.
        "#);
        insta::assert_snapshot!(fault("[thresholds]\nwarn = \"a month\"\n"), @r#"
        c.toml:2:8: "a month" is not a valid value for "thresholds.warn"
        Write a duration such as "30d" or a share of the lifetime such as "33%".
        "#);
        insta::assert_snapshot!(fault("[case]\nsince = 2026-11-20\n"), @r#"
        c.toml:2:9: 2026-11-20 is not a valid value for "case.since"
        Write a time with its zone (RFC 3339), for example "2026-11-20T08:30:00+01:00".
        "#);
        insta::assert_snapshot!(fault("[provider]\nlocale = \"fr\"\n"), @r#"
        c.toml:2:10: "fr" is not a valid value for "provider.locale"
        Write en, de, hr, nb or it.
        "#);
        insta::assert_snapshot!(fault("[provider\nname = 1\n"), @"
        c.toml:1:10: not valid TOML: unclosed table, expected `]`
        Correct the file at this line and column. Text stands in quotes, lists in square brackets.
        ");
        insta::assert_snapshot!(fault("[[xsp]]\nname = \"no host\"\n"), @r#"
        c.toml:1:1: the key "xsp.host" is missing
        Add the key to this table.
        "#);
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let mut config = parse(
            Path::new("c.toml"),
            "[status]\nurl = \"status.json\"\n[trust]\nwebex_ca = [\"a.txt\", \"/b.txt\"]\npublic_roots = \"mozilla\"\n[case]\ntext = [\"-\"]\n",
        )
        .expect("valid");
        resolve_paths(&mut config, Path::new("dir"));
        assert_eq!(config.status.url.as_deref(), Some("dir/status.json"));
        assert_eq!(
            config.trust.webex_ca,
            [PathBuf::from("dir/a.txt"), PathBuf::from("/b.txt")]
        );
        assert_eq!(config.trust.public_roots.as_deref(), Some("mozilla"));
        assert_eq!(config.case.text, [PathBuf::from("-")]);
    }
}
