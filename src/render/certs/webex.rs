//! "Would Webex accept it?" as one sentence a target, apart from what this machine would do.

use serde_json::{Map, Value as Json};

use crate::i18n::{Catalog, Message, Value};

/// One sentence for each target that showed a certificate, with whether Webex would accept it. The data are those of
/// `certs`, or of another command with them below `certs`.
pub(in crate::render) fn sentences(data: &Map<String, Json>, catalog: &Catalog) -> Vec<(bool, String)> {
    let below = data.get("certs").and_then(Json::as_object);
    let mut sentences: Vec<(bool, String)> = Vec::new();
    for part in [Some(data), below].into_iter().flatten() {
        for target in part.get("targets").and_then(Json::as_array).into_iter().flatten() {
            if let Some(said) = sentence(target, catalog).filter(|said| !sentences.contains(said)) {
                sentences.push(said);
            }
        }
    }
    sentences
}

fn sentence(target: &Json, catalog: &Catalog) -> Option<(bool, String)> {
    let webex = target.get("webex")?;
    let accepted = webex.get("accepted")?.as_bool()?;
    let verification = target.get("verification")?;
    let here = verification.get("trusted")?.as_bool()?;
    let mut checks: Vec<&str> = Vec::new();
    for reason in webex
        .get("reasons")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let check = reason.get("check").and_then(Json::as_str).unwrap_or_default();
        if !checks.contains(&check) {
            checks.push(check);
        }
    }
    let reasons: Value = checks
        .iter()
        .map(|check| Value::from(Message::new("certs-webex-reason").arg("check", check.replace('.', "-"))))
        .collect();
    let both = match (accepted, here) {
        (true, true) => "yes-yes",
        (true, false) => "yes-no",
        (false, true) => "no-yes",
        (false, false) => "no-no",
    };
    let text = |value: &Json, key: &str| value.get(key).and_then(Json::as_str).unwrap_or("-").to_owned();
    let message = Message::new("certs-webex")
        .arg("both", both)
        .arg("target", text(target, "target"))
        .arg("reasons", reasons)
        .arg("store", text(verification, "store"));
    Some((accepted, catalog.text(&message)))
}
