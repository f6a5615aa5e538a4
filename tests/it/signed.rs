//! Signatures of bundles, made and checked here and by the real `ssh-keygen`.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::path::Path;
use std::process::{Command, Stdio};

use super::case::{repository, sample};
use super::support::{Home, Outcome};

const NAMESPACE: &str = "w4b-diag-bundle";
const WHO: &str = "support@example.net";

/// `ssh-keygen`; what it says and whether it went well. `None`: it is missing.
fn keygen(arguments: &[&str], stdin: Option<&Path>) -> Option<(bool, String)> {
    let input = stdin.map_or(Stdio::null(), |path| {
        std::fs::File::open(path).expect("a file").into()
    });
    match Command::new("ssh-keygen").args(arguments).stdin(input).output() {
        Ok(output) => {
            let words = [output.stdout, output.stderr].concat();
            Some((
                output.status.success(),
                String::from_utf8_lossy(&words).into_owned(),
            ))
        }
        Err(error) => {
            eprintln!("SKIPPED: ssh-keygen cannot be started ({error})");
            None
        }
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// A new key; the path of its private half.
fn key(home: &Home, name: &str, kind: &[&str], passphrase: &str) -> Option<String> {
    let path = text(&home.join(name));
    let arguments = [kind, &["-q", "-C", "", "-N", passphrase, "-f", &path]].concat();
    let (made, words) = keygen(&arguments, None)?;
    assert!(made, "{words}");
    Some(path)
}

/// The list that allows one key.
fn allow(home: &Home, key: &str, options: &str) -> String {
    let public = std::fs::read_to_string(format!("{key}.pub")).expect("the public half");
    text(&home.write("allowed_signers", format!("{WHO} {options}{public}")))
}

fn verify(home: &Home, zip: &str, signers: &str, more: &[&str]) -> Outcome {
    let arguments = ["verify", "--format", "json", zip, "--signer", signers];
    home.command(&[&arguments[..], more].concat())
        .directory(repository())
        .run()
}

/// The one finding about the signature.
fn finding(outcome: &Outcome) -> serde_json::Value {
    let report = outcome.json();
    let findings = report["findings"].as_array().expect("a list");
    let mut about = findings
        .iter()
        .filter(|finding| finding["check"] == "bundle.signature");
    let found = about
        .next()
        .unwrap_or_else(|| panic!("no finding: {outcome}"))
        .clone();
    assert!(about.next().is_none(), "{outcome}");
    found
}

#[test]
fn both_programs_take_each_others_signatures() {
    let home = Home::new();
    let kinds: [(&str, &[&str], bool); 4] = [
        ("ed25519", &["-t", "ed25519"], true),
        ("p256", &["-t", "ecdsa", "-b", "256"], true),
        ("p384", &["-t", "ecdsa", "-b", "384"], true),
        ("rsa", &["-t", "rsa", "-b", "2048"], false),
    ];
    let made = sample(&home, "case.zip", &[]);
    assert_eq!(made.code, 0, "{made}");
    let plain = home.read("case.zip");
    for (name, kind, signs) in kinds {
        let Some(key) = key(&home, name, kind, "") else {
            return;
        };
        let signers = allow(&home, &key, "");
        let zip = text(&home.write(format!("{name}.zip"), &plain));
        let signature = format!("{zip}.sig");
        if signs {
            let made = sample(&home, &format!("{name}.zip"), &["--sign", &key]);
            assert_eq!(made.code, 0, "{name}: {made}");
            assert!(made.stderr().contains("SHA256:"), "{name}: {made}");
            let arguments = [
                "-Y", "verify", "-f", &signers, "-I", WHO, "-n", NAMESPACE, "-s", &signature,
            ];
            let (good, words) = keygen(&arguments, Some(Path::new(&zip))).expect("it was there before");
            assert!(good && words.contains("Good"), "{name}: {words}");
            let verified = verify(&home, &zip, &signers, &[]);
            assert_eq!(verified.code, 0, "{name}: {verified}");
            assert_eq!(finding(&verified)["data"]["signer"], WHO);
            std::fs::remove_file(&signature).expect("it was written");
        } else {
            let refused = sample(&home, "refused.zip", &["--sign", &key]);
            assert_eq!(refused.code, 3, "{refused}");
            assert!(refused.stderr().contains("ed25519"), "{refused}");
            assert!(!home.join("refused.zip").exists());
        }
        // The other way round.
        let (signed, words) =
            keygen(&["-Y", "sign", "-q", "-f", &key, "-n", NAMESPACE, &zip], None).expect("there");
        assert!(signed, "{name}: {words}");
        let verified = verify(&home, &zip, &signers, &[]);
        assert_eq!(verified.code, 0, "{name}: {verified}");
        assert_eq!(finding(&verified)["severity"], "ok");
    }
}

#[test]
fn what_a_signature_does_not_prove_is_said() {
    let home = Home::new();
    let Some(mine) = key(&home, "mine", &["-t", "ed25519"], "") else {
        return;
    };
    let Some(other) = key(&home, "other", &["-t", "ed25519"], "") else {
        return;
    };
    let made = sample(&home, "case.zip", &["--sign", &mine]);
    assert_eq!(made.code, 0, "{made}");
    let zip = text(&home.join("case.zip"));
    let expect = |fault: &str, zip: &str, signers: &str, more: &[&str]| {
        let outcome = verify(&home, zip, signers, more);
        assert_eq!(outcome.code, 2, "{fault}: {outcome}");
        assert_eq!(finding(&outcome)["data"]["fault"], fault, "{outcome}");
    };
    let strangers = allow(&home, &other, "");
    expect("stranger", &zip, &strangers, &[]);
    let signers = allow(&home, &mine, "valid-before=\"20200101Z\" ");
    expect("out-of-time", &zip, &signers, &[]);
    let signers = allow(&home, &mine, "namespaces=\"git\" ");
    expect("stranger", &zip, &signers, &[]);
    let signers = allow(&home, &mine, "");
    let garbage = text(&home.write("garbage.sig", "-----BEGIN SSH SIGNATURE-----\nAAAA\n"));
    expect("unreadable", &zip, &signers, &["--signature", &garbage]);
    let missing = text(&home.join("missing.sig"));
    expect("missing", &zip, &signers, &["--signature", &missing]);
    let (signed, words) =
        keygen(&["-Y", "sign", "-q", "-f", &mine, "-n", "git", &mine], None).expect("there");
    assert!(signed, "{words}");
    expect(
        "purpose",
        &zip,
        &signers,
        &["--signature", &format!("{mine}.sig")],
    );

    // Another good bundle under this signature, and every tenth byte of the signature changed.
    let again = sample(&home, "again.zip", &["--client-version", "46.12.0.1"]);
    assert_eq!(again.code, 0, "{again}");
    let signature = format!("{zip}.sig");
    expect(
        "changed",
        &text(&home.join("again.zip")),
        &signers,
        &["--signature", &signature],
    );
    let good = std::fs::read(&signature).expect("the signature");
    for place in (0..good.len()).step_by(29) {
        let mut bytes = good.clone();
        bytes[place] ^= 4;
        let path = text(&home.write("changed.sig", &bytes));
        let outcome = verify(&home, &zip, &signers, &["--signature", &path]);
        assert_eq!(outcome.code, 2, "byte {place}: {outcome}");
    }
}

#[test]
fn a_protected_key_needs_its_passphrase_and_never_as_an_argument() {
    let home = Home::new();
    let Some(key) = key(&home, "mine", &["-t", "ed25519", "-a", "1"], "correct horse") else {
        return;
    };
    let right = text(&home.write("right.txt", "correct horse\n"));
    let wrong = text(&home.write("wrong.txt", "battery staple\n"));
    let without = sample(&home, "case.zip", &["--sign", &key]);
    assert_eq!(without.code, 3, "{without}");
    assert!(without.stderr().contains("W4B_SIGN_PASSPHRASE"), "{without}");
    let refused = sample(&home, "case.zip", &["--sign", &key, "--passphrase-file", &wrong]);
    assert_eq!(refused.code, 3, "{refused}");
    let public = sample(&home, "case.zip", &["--sign", &format!("{key}.pub")]);
    assert_eq!(public.code, 3, "{public}");
    assert!(public.stderr().contains(".pub"), "{public}");
    assert!(
        !home.join("case.zip").exists(),
        "the key is read before anything is packed"
    );
    let signed = sample(&home, "case.zip", &["--sign", &key, "--passphrase-file", &right]);
    assert_eq!(signed.code, 0, "{signed}");
    assert!(home.join("case.zip.sig").exists());
}

#[test]
fn an_interrupt_while_the_passphrase_is_waited_for_leaves_nothing() {
    let home = Home::new();
    let Some(key) = key(&home, "mine", &["-t", "ed25519", "-a", "1"], "correct horse") else {
        return;
    };
    let pipe = text(&home.join("passphrase"));
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let output = text(&home.join("case.zip"));
    let arguments = [
        "bundle",
        "--no-network",
        "--yes",
        "--text",
        "samples/case/error.txt",
    ];
    let signing = ["--output", &output, "--sign", &key, "--passphrase-file", &pipe];
    let mut child = home
        .command(&[&arguments[..], &signing].concat())
        .directory(repository())
        .prepare()
        .spawn()
        .expect("starts");
    drop(child.stdin.take());
    // It reads the pipe, which nobody writes to, once it has opened it: then a writer can be opened too.
    let writer = std::fs::OpenOptions::new()
        .write(true)
        .open(&pipe)
        .expect("a reader");
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.expect("kill").success());
    let status = child.wait().expect("ends");
    drop(writer);
    assert_eq!(status.code(), Some(130), "{status}");
    for name in ["case.zip", "case.zip.sig"] {
        assert!(!home.join(name).exists(), "{name}");
    }
}

/// A key of which OpenSSH writes 31 bytes instead of 32, as of one in 256; and with the passphrase `open-sesame`. Made for
/// this test.
const SHORT: [&str; 2] = [
    "-----BEGIN OPENSSH PRIVATE KEY-----\n\
     b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS\n\
     1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQQcy0FbxcbzSJsa7lSaylY2eqK14Plq\n\
     DZgtUvedReUHIEmrE00mcdScXRRljJ6E1EjxbUPH+oO4B1Jnd94zkXCuAAAAoFEhUvNRIV\n\
     LzAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBzLQVvFxvNImxru\n\
     VJrKVjZ6orXg+WoNmC1S951F5QcgSasTTSZx1JxdFGWMnoTUSPFtQ8f6g7gHUmd33jORcK\n\
     4AAAAfHtCfUbfNjHpkBydq6ty77g5O9hBvIBGZWuKuHK3/UAAAAAVzaG9ydAECAwQ=\n\
     -----END OPENSSH PRIVATE KEY-----\n",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n\
     b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAicOXJjL\n\
     nH2p/fJz2lZkisAAAAAQAAAAEAAABoAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlz\n\
     dHAyNTYAAABBBBzLQVvFxvNImxruVJrKVjZ6orXg+WoNmC1S951F5QcgSasTTSZx1JxdFG\n\
     WMnoTUSPFtQ8f6g7gHUmd33jORcK4AAACg+YZTaKg3naYiS7EX1wAVs6L9Bzzr9nC+jFsE\n\
     KDE/QXA9wHcTxzv9yLPlv1zTy2zX8jHZLa764QtknzZcYEE4XaX4tAfazcVA089pbU3f1c\n\
     L/153bF/idgVNGi0wL70yR30y4qJvjmSzsvquyhiFnC0Ugxl6/8J336JMVITOfM099ATLP\n\
     9+LiE3MO6HfOx4rJiKu1LBkIMqDoj/3Epgg/Bg==\n\
     -----END OPENSSH PRIVATE KEY-----\n",
];
const SHORT_PUBLIC: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBzLQVvFxvNImxruVJrKVjZ6orXg+WoNmC1S951F5QcgSasTTSZx1JxdFGWMnoTUSPFtQ8f6g7gHUmd33jORcK4=";

#[test]
fn a_key_whose_number_begins_with_a_zero_signs() {
    let home = Home::new();
    let signers = text(&home.write("short.allowed", format!("{WHO} {SHORT_PUBLIC}\n")));
    let passphrase = text(&home.write("passphrase", "open-sesame\n"));
    for (number, key) in SHORT.iter().enumerate() {
        let key = text(&home.write("short", key));
        let zip = format!("{number}.zip");
        let made = sample(&home, &zip, &["--sign", &key, "--passphrase-file", &passphrase]);
        assert_eq!(made.code, 0, "{number}: {made}");
        let verified = verify(&home, &text(&home.join(&zip)), &signers, &[]);
        assert_eq!(finding(&verified)["data"]["signer"], WHO, "{verified}");
    }
    let key = text(&home.write("short", SHORT[1]));
    let wrong = text(&home.write("wrong", "sesame\n"));
    let made = sample(&home, "wrong.zip", &["--sign", &key, "--passphrase-file", &wrong]);
    assert_eq!(made.code, 3, "{made}");
}
