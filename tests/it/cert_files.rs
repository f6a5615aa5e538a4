//! Stores and bundles as openssl and keytool write them.

#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "what is skipped is said; helpers of tests"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use w4b_diag::x509::files::{CertFile, FileError, Format, read};

use crate::farm::{Ca, Issued, have};

/// A directory with `leaf.pem`, `issuer.pem`, `key.pem` and `chain.pem`.
struct Bench {
    directory: tempfile::TempDir,
    issued: Issued,
}

impl Bench {
    fn new() -> Self {
        let issued = Ca::new("Example Root").issue("xsp1.example.net");
        let bench = Self {
            directory: tempfile::tempdir().unwrap(),
            issued,
        };
        let chain = format!("{}{}", bench.issued.pem, bench.issued.issuer_pem);
        for (name, text) in [
            ("leaf.pem", &bench.issued.pem),
            ("issuer.pem", &bench.issued.issuer_pem),
            ("key.pem", &bench.issued.key_pem),
            ("chain.pem", &chain),
        ] {
            std::fs::write(bench.path(name), text).unwrap();
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs a tool in the directory; its arguments are split at spaces.
    fn tool(&self, program: &str, arguments: &str) {
        let output = Command::new(program)
            .args(arguments.split(' '))
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments}: {words}");
    }

    fn holds_the_chain(&self, file: &CertFile, format: Format, keys: usize) {
        let mut found = file.certificates.clone();
        let mut expected: Vec<Vec<u8>> = self.issued.chain.iter().map(|der| der.to_vec()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{}", file.path.display());
        assert_eq!(
            (file.format, file.private_keys),
            (format, keys),
            "{}",
            file.path.display()
        );
    }
}

fn read_with(path: &Path, password: Option<&str>) -> CertFile {
    read(path, password).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn pkcs12_of_openssl() {
    if !have("openssl") {
        return;
    }
    let bench = Bench::new();
    // The name is also the file's; the options; the password.
    for (name, options, password) in [
        ("modern", "", "secret"),
        ("unicode", "", "gehe\u{ed}m"),
        ("legacy", "-legacy", "secret"),
        ("legacy-unicode", "-legacy", "gehe\u{ed}m"),
        ("3des", "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES", "secret"),
        (
            "aes128",
            "-certpbe AES-128-CBC -keypbe AES-128-CBC -macalg sha1",
            "secret",
        ),
        ("aes192", "-certpbe AES-192-CBC", "secret"),
        ("pbes2-3des", "-certpbe DES-EDE3-CBC", "secret"),
        ("iterations", "-iter 100000", "secret"),
        ("sha512", "-macalg sha512 -iter 1", "secret"),
        ("sha384", "-macalg sha384", "secret"),
        // A MAC that is not computed: what is encrypted shows whether the password fits.
        ("sha224", "-macalg sha224", "secret"),
        ("empty", "", ""),
        ("empty-legacy", "-legacy", ""),
        ("plain", "-certpbe NONE -keypbe NONE -nomac", ""),
    ] {
        let file = format!("{name}.p12");
        let options = if options.is_empty() {
            String::new()
        } else {
            format!("{options} ")
        };
        bench.tool(
            "openssl",
            &format!(
                "pkcs12 -export -in leaf.pem -inkey key.pem -certfile issuer.pem {options}-passout pass:{password} -out {file}"
            ),
        );
        let path = bench.path(&file);
        bench.holds_the_chain(&read_with(&path, Some(password)), Format::Pkcs12, 1);
        if password.is_empty() {
            bench.holds_the_chain(&read_with(&path, None), Format::Pkcs12, 1);
        } else {
            assert!(
                matches!(read(&path, None), Err(FileError::PasswordNeeded { .. })),
                "{name}"
            );
            assert!(
                matches!(read(&path, Some("wrong")), Err(FileError::PasswordWrong { .. })),
                "{name}"
            );
        }
    }
    // Certificates in the clear need no password, whatever guards the key.
    bench.tool(
        "openssl",
        "pkcs12 -export -in leaf.pem -inkey key.pem -certfile issuer.pem -certpbe NONE -passout pass:secret -out open.p12",
    );
    let open = bench.path("open.p12");
    bench.holds_the_chain(&read_with(&open, None), Format::Pkcs12, 1);
    bench.holds_the_chain(&read_with(&open, Some("secret")), Format::Pkcs12, 1);
    // But one that is given must be right, also when nothing is encrypted with it: the empty one, too.
    for wrong in ["wrong", ""] {
        let refused = read(&open, Some(wrong));
        assert!(
            matches!(refused, Err(FileError::PasswordWrong { .. })),
            "{refused:?}"
        );
    }
    altered_after_sealing(&bench);
    bench.tool(
        "openssl",
        "pkcs12 -export -in leaf.pem -inkey key.pem -certpbe PBE-SHA1-RC4-128 -legacy -passout pass:secret -out rc4.p12",
    );
    let refused = read(&bench.path("rc4.p12"), Some("secret"));
    assert!(
        matches!(refused, Err(FileError::Unsupported { ref algorithm, .. }) if algorithm == "RC4"),
        "{refused:?}"
    );

    let whole = std::fs::read(bench.path("modern.p12")).unwrap();
    std::fs::write(bench.path("cut.p12"), &whole[..whole.len() / 2]).unwrap();
    assert!(read(&bench.path("cut.p12"), Some("secret")).is_err());
}

/// The password is right, and the MAC says that the content is not what it was.
fn altered_after_sealing(bench: &Bench) {
    let mut bytes = std::fs::read(bench.path("modern.p12")).unwrap();
    // MacData stands last: a digest, a salt of 8 or 16 bytes, the iterations. 40 bytes from the end is the digest.
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    std::fs::write(bench.path("altered.p12"), &bytes).unwrap();
    let refused = read(&bench.path("altered.p12"), Some("secret"));
    assert!(matches!(refused, Err(FileError::Damaged { .. })), "{refused:?}");
}

#[test]
fn pkcs7_of_openssl() {
    if !have("openssl") {
        return;
    }
    let bench = Bench::new();
    bench.tool("openssl", "crl2pkcs7 -nocrl -certfile chain.pem -out pem.p7b");
    bench.tool(
        "openssl",
        "crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out der.p7b",
    );
    // Streaming makes openssl write indefinite lengths.
    bench.tool(
        "openssl",
        "smime -sign -in key.pem -signer leaf.pem -inkey key.pem -certfile issuer.pem -nodetach -stream -outform DER -out ber.p7b",
    );
    let ber = std::fs::read(bench.path("ber.p7b")).unwrap();
    assert_eq!(ber[..2], [0x30, 0x80], "this sample should be BER");
    for name in ["pem.p7b", "der.p7b", "ber.p7b"] {
        bench.holds_the_chain(&read_with(&bench.path(name), None), Format::Pkcs7, 0);
    }
}

#[test]
fn stores_of_java() {
    let java = Command::new("keytool")
        .arg("-help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !java.is_ok_and(|status| status.success()) || !have("openssl") {
        eprintln!("SKIPPED: keytool is not installed");
        return;
    }
    let bench = Bench::new();
    bench.tool(
        "openssl",
        "pkcs12 -export -in leaf.pem -inkey key.pem -certfile issuer.pem -name xsp -passout pass:changeit -out from.p12",
    );
    for (kind, format) in [
        ("JKS", Format::Jks),
        ("JCEKS", Format::Jks),
        ("PKCS12", Format::Pkcs12),
    ] {
        let store = format!("store.{kind}");
        let to = format!("{store} -deststoretype {kind} -deststorepass changeit");
        bench.tool(
            "keytool",
            &format!(
                "-importkeystore -noprompt -srckeystore from.p12 -srcstorepass changeit -destkeystore {to}"
            ),
        );
        bench.holds_the_chain(&read_with(&bench.path(&store), Some("changeit")), format, 1);
        let trust = format!("trust.{kind}");
        for alias in ["leaf", "issuer"] {
            bench.tool(
                "keytool",
                &format!(
                    "-importcert -noprompt -alias {alias} -file {alias}.pem -keystore {trust} -storetype {kind} -storepass changeit"
                ),
            );
        }
        bench.holds_the_chain(&read_with(&bench.path(&trust), Some("changeit")), format, 0);
    }
    // As Java wrote them before version 16.
    bench.tool(
        "keytool",
        "-J-Dkeystore.pkcs12.legacy -importcert -noprompt -alias ca -file issuer.pem -keystore old.p12 -storetype PKCS12 -storepass changeit",
    );
    assert_eq!(
        read_with(&bench.path("old.p12"), Some("changeit"))
            .certificates
            .len(),
        1
    );
    for (store, password) in [
        ("old.p12", "wrong"),
        ("trust.PKCS12", "wrong"),
        ("trust.PKCS12", ""),
    ] {
        let refused = read(&bench.path(store), Some(password));
        assert!(
            matches!(refused, Err(FileError::PasswordWrong { .. })),
            "{store}: {refused:?}"
        );
    }
    let unsaid = read(&bench.path("trust.PKCS12"), None);
    assert!(
        matches!(unsaid, Err(FileError::PasswordNeeded { .. })),
        "{unsaid:?}"
    );
    // The certificates of a JKS store are readable by anyone.
    bench.holds_the_chain(&read_with(&bench.path("trust.JKS"), None), Format::Jks, 0);
}

/// The password from a file or from the environment, never from the command line.
#[test]
fn the_password_may_stand_in_a_file() {
    if !have("openssl") {
        return;
    }
    let bench = Bench::new();
    bench.tool(
        "openssl",
        "pkcs12 -export -in chain.pem -inkey key.pem -passout pass:secret -out keys.p12",
    );
    let (right, wrong, missing) = (bench.path("right"), bench.path("wrong"), bench.path("missing"));
    std::fs::write(&right, "secret\r\nand a note\n").unwrap();
    std::fs::write(&wrong, "another\n").unwrap();
    let home = crate::support::Home::new();
    let store = bench.path("keys.p12");
    let arguments = ["certs", store.to_str().unwrap(), "--format", "json"];
    let run = |name: &str, value: &Path| home.command(&arguments).env(name, value).run();
    let report = run("W4B_DIAG_P12_PASSWORD_FILE", &right).json();
    assert_eq!(
        report["data"]["files"][0]["chain"].as_array().map(Vec::len),
        Some(2)
    );
    let report = run("W4B_DIAG_P12_PASSWORD", Path::new("secret")).json();
    assert_eq!(report["data"]["files"][0]["format"], "pkcs12");
    for (path, words) in [
        (&wrong, "the password is wrong"),
        (&missing, "there is no such file"),
    ] {
        let outcome = run("W4B_DIAG_P12_PASSWORD_FILE", path);
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.stderr().contains(words), "{outcome}");
    }
}
