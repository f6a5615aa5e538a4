//! What is packaged: rules, dashboard, units. Held against the program's own list of metrics.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use w4b_diag::render::prometheus::families::Family;

pub(crate) fn packaging(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "packaging", name].iter().collect()
}

/// Runs a program; `None`, said, when it is not installed.
fn run(program: &str, arguments: &[&str], directory: &std::path::Path) -> Option<Output> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .output();
    if output.is_err() {
        eprintln!("SKIPPED: {program} is not installed");
    }
    output.ok()
}

fn expect_success(output: &Output) {
    let said = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn promtool_accepts_the_rules_and_their_tests() {
    let directory = packaging("prometheus");
    for arguments in [
        &["check", "rules", "w4b.rules.yml"][..],
        &["check", "config", "prometheus.yml"],
        &["test", "rules", "rules_test.yml"],
    ] {
        let Some(output) = run("promtool", arguments, &directory) else {
            return;
        };
        expect_success(&output);
    }
}

#[test]
fn every_alert_has_a_test() {
    let read = |name: &str| std::fs::read_to_string(packaging("prometheus").join(name)).expect("there");
    let named = |text: &str, key: &str| -> BTreeSet<String> {
        let names = text.lines().filter_map(|line| line.trim().strip_prefix(key));
        names.map(|name| name.trim().to_owned()).collect()
    };
    let alerts = named(&read("w4b.rules.yml"), "- alert:");
    assert!(alerts.len() >= 15);
    assert_eq!(alerts, named(&read("rules_test.yml"), "- alertname:"));
}

/// The names of metrics in an expression, as far as they are ours or blackbox_exporter's.
fn metrics(expression: &str) -> BTreeSet<String> {
    let names = regex::Regex::new(r"\b(?:w4b|probe|process)_\w+").expect("valid");
    names
        .find_iter(expression)
        .map(|name| name.as_str().to_owned())
        .collect()
}

fn assert_known(expressions: &str) {
    for name in metrics(expressions) {
        assert!(Family::by_name(&name).is_some(), "there is no metric {name}");
    }
}

#[test]
fn rules_name_only_metrics_that_exist() {
    let rules = std::fs::read_to_string(packaging("prometheus/w4b.rules.yml")).expect("there");
    assert!(metrics(&rules).len() > 15);
    assert_known(&rules);
}

#[test]
fn the_dashboard_can_be_loaded() {
    let text = std::fs::read_to_string(packaging("prometheus/grafana-dashboard.json")).expect("there");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(dashboard["uid"], "w4b-diag");
    assert!(dashboard["schemaVersion"].as_u64() >= Some(30));
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    assert!(variables.iter().any(|variable| variable["type"] == "datasource"));
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    let mut rules = String::from("groups:\n- name: dashboard\n  rules:\n");
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64()), "{} twice", panel["id"]);
        for target in panel["targets"].as_array().into_iter().flatten() {
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            let expression = target["expr"].as_str().expect("an expression");
            assert_known(expression);
            let expression = expression.replace("$target", ".*");
            let _ = writeln!(
                rules,
                "  - record: panel:id{}_{}:expr\n    expr: {}",
                panel["id"],
                target["refId"].as_str().unwrap_or_default(),
                Value::from(expression)
            );
        }
    }
    assert!(ids.len() > 20);
    // Every one is sound PromQL.
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("rules.yml"), rules).expect("written");
    if let Some(output) = run("promtool", &["check", "rules", "rules.yml"], directory.path()) {
        expect_success(&output);
    }
}

#[test]
fn the_units_are_hardened() {
    for unit in ["w4b-diag.service", "w4b-diag-exporter.service"] {
        let arguments = ["security", "--offline=true", unit];
        let Some(output) = run("systemd-analyze", &arguments, &packaging("systemd")) else {
            return;
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let score = text
            .lines()
            .find_map(|line| line.split_once("Overall exposure level for ")?.1.split_once(": "))
            .and_then(|(_, rest)| rest.split(' ').next()?.parse::<f64>().ok());
        let Some(score) = score else {
            eprintln!("SKIPPED: this systemd-analyze knows no --offline");
            return;
        };
        assert!(score <= 2.0, "{unit}: {score}");
    }
}

/// Against the schemas that Kubernetes publishes, those of the oldest and the newest version at hand.
#[test]
fn the_manifests_are_what_kubernetes_takes() {
    let script = "import sys, yaml, kubernetes_validate as k8s\n\
        for path in sys.argv[1:]:\n\
        \x20   for part in yaml.safe_load_all(open(path)):\n\
        \x20       assert part['kind'] and part['apiVersion'] and part['metadata']['name'], path\n\
        \x20       if part['kind'] == 'ServiceMonitor': continue\n\
        \x20       for version in ('1.27', k8s.latest_version()):\n\
        \x20           k8s.validate(part, version, strict=True)\n";
    let probe = ["-c", "import yaml, kubernetes_validate"];
    match Command::new("python3")
        .args(probe)
        .stderr(std::process::Stdio::null())
        .status()
    {
        Ok(status) if status.success() => {}
        _ => {
            eprintln!("SKIPPED: python3 with yaml and kubernetes-validate is not installed");
            return;
        }
    }
    let files = ["cronjob.yaml", "exporter.yaml", "servicemonitor.yaml"];
    let mut arguments = vec!["-c", script];
    arguments.extend(files);
    if let Some(output) = run("python3", &arguments, &packaging("kubernetes")) {
        expect_success(&output);
    }
}

/// What the units, manifests and tables call must be what the program has.
#[test]
fn the_command_lines_that_are_packaged_are_understood() {
    let home = crate::support::Home::new();
    home.write("config.toml", "[[xsp]]\nhost = \"127.0.0.1\"\nhttps = [1]\n");
    let flags =
        regex::Regex::new(r"w4b-diag (certs|status|check|exporter)((?: --?[a-z-]+(?: [^-\s|\]]\S*)?)+)")
            .expect("valid");
    let mut seen = 0;
    for file in [
        "systemd/w4b-diag.service",
        "systemd/w4b-diag-exporter.service",
        "cron/w4b-diag",
        "prometheus/prometheus.yml",
        "nagios/w4b-diag.cfg",
        "checkmk/mrpe.cfg",
        "sensu/w4b-diag.yaml",
        "kubernetes/cronjob.yaml",
        "kubernetes/exporter.yaml",
        "container/Containerfile",
        "windows/w4b-diag.xml",
    ] {
        let text = std::fs::read_to_string(packaging(file)).expect("there");
        // As a shell would get them.
        let text = match file.rsplit_once('.').map_or(file, |(_, kind)| kind) {
            "container/Containerfile" => text.replace("CMD [", "w4b-diag ").replace("\", \"", " "),
            "yaml" => text.replace("args: [", "w4b-diag ").replace(", ", " "),
            "xml" => text
                .replace("<Arguments>", "w4b-diag ")
                .replace("</Arguments>", ""),
            _ => text,
        };
        let text = text.replace(['"', ']'], "");
        let before = seen;
        for found in flags.captures_iter(&text) {
            seen += 1;
            let mut arguments: Vec<String> = vec![found[1].to_owned()];
            arguments.extend(found[2].split_whitespace().map(str::to_owned));
            // Understood, and then help instead of work.
            arguments.push("--help".to_owned());
            let outcome = home.command(&arguments).run();
            assert_eq!(outcome.code, 0, "{file}: {arguments:?}\n{outcome}");
        }
        assert!(seen > before, "no command line in {file}");
    }
}
