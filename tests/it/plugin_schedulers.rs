//! The shipped object files, read by the schedulers themselves; skipped, and said so, where they are not installed.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::plugin;
use crate::support::Home;

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)
}

/// Where a daemon is, which is not always in the search path of a user.
fn program(names: &[&str]) -> Option<PathBuf> {
    let found = names.iter().find_map(|name| {
        [
            "/usr/sbin",
            "/usr/local/sbin",
            "/usr/bin",
            "/usr/local/nagios/bin",
        ]
        .iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|path| path.is_file())
    });
    if found.is_none() {
        eprintln!("SKIPPED: {} is not installed", names[0]);
    }
    found
}

/// The user that the test runs as, so that the daemon can read what the test wrote.
fn id(flag: &str) -> String {
    let output = Command::new("id").args([flag]).output().expect("id runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Icinga 2 with everything that it writes below the home directory.
fn icinga(icinga2: &Path, home: &Home, more: &[&str]) -> Command {
    let mut command = Command::new(icinga2);
    command.arg("daemon").arg("-c").arg(home.join("icinga2.conf"));
    for directory in [
        "DataDir",
        "LogDir",
        "CacheDir",
        "SpoolDir",
        "InitRunDir",
        "ConfigDir",
    ] {
        std::fs::create_dir_all(home.join(directory)).expect("a directory");
        command
            .arg("-D")
            .arg(format!("{directory}={}", home.join(directory).display()));
    }
    command
        .args(more)
        .env("ICINGA2_USER", id("-un"))
        .env("ICINGA2_GROUP", id("-gn"))
        .stdin(Stdio::null());
    command
}

/// A configuration with one host, the shipped objects, and this build as the program.
fn icinga_configuration(home: &Home) {
    let shipped = std::fs::read_to_string(packaging("icinga2/w4b-diag.conf")).expect("shipped");
    let line = "const W4bDiagProgram = \"/usr/bin/w4b-diag\"";
    assert!(shipped.contains(line));
    let own = format!("const W4bDiagProgram = \"{}\"", env!("CARGO_BIN_EXE_w4b-diag"));
    home.write("w4b-diag.conf", shipped.replace(line, &own));
    let pki = format!("{}/tests/pki", env!("CARGO_MANIFEST_DIR"));
    let directory = home.path().display();
    home.write(
        "icinga2.conf",
        format!(
            r#"
const NodeName = "monitor.example.net"
const ZoneName = NodeName
include <itl>
include "{directory}/w4b-diag.conf"
object Endpoint NodeName {{ }}
object Zone ZoneName {{ endpoints = [ NodeName ] }}
object CheckerComponent "checker" {{ }}
object StatusDataWriter "status" {{
  status_path = "{directory}/status.dat"
  objects_path = "{directory}/objects.cache"
  update_interval = 1s
}}
object Host "xsp1.example.net" {{
  check_command = "dummy"
  vars.w4b_lang = "de"
  vars.w4b_anchors = "{pki}/public-root.pem"
  vars.w4b_targets = [ "{pki}/expired.pem", "{pki}/complete.pem" ]
  vars.w4b_status_url = "{directory}/index.json"
}}
"#
        ),
    );
    home.write(
        "index.json",
        r#"{"status":{"indicator":"green"},"components":[],"incidents":[]}"#,
    );
}

#[test]
fn icinga_runs_the_check_and_reads_its_values() {
    let Some(icinga2) = program(&["icinga2"]) else {
        return;
    };
    let home = Home::new();
    icinga_configuration(&home);
    let checked = icinga(&icinga2, &home, &["-C"]).output().expect("icinga2 runs");
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{said}");
    assert!(said.contains("Instantiated 2 Services"), "{said}");
    assert!(!said.contains("warning/") || !said.contains("w4b"), "{said}");

    let mut daemon = icinga(&icinga2, &home, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("icinga2 starts");
    let begin = Instant::now();
    let found = loop {
        let status = std::fs::read_to_string(home.join("status.dat")).unwrap_or_default();
        let line = |key: &str| {
            let lines: Vec<String> = status
                .lines()
                .filter_map(|line| line.trim().strip_prefix(key).map(str::to_owned))
                .collect();
            lines
                .into_iter()
                .find(|text| text.contains("CERTS") || text.contains("leaf"))
        };
        if let (Some(output), Some(data)) = (line("plugin_output="), line("performance_data=")) {
            break Some((output, data));
        }
        if begin.elapsed() > Duration::from_secs(90) {
            break None;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    // The umbrella process ends its children on SIGTERM.
    let _ = Command::new("kill")
        .args(["-TERM", &daemon.id().to_string()])
        .status();
    let _ = daemon.wait();
    let (output, data) = found.expect("the check ran within 90 seconds");
    assert!(
        output.starts_with("CERTS CRITICAL - Das Zertifikat von"),
        "{output}"
    );
    // What Icinga understood and wrote out again.
    for part in ["expired.pem leaf'=0s;2592000:;604800:;0", "complete.pem leaf'="] {
        assert!(data.contains(part), "{part:?} in {data}");
    }
}

#[test]
fn nagios_accepts_the_objects() {
    let Some(nagios) = program(&["nagios4", "nagios"]) else {
        return;
    };
    let home = Home::new();
    let directory = home.path().display();
    home.write(
        "nagios.cfg",
        format!(
            "log_file={directory}/nagios.log\ncfg_file={directory}/base.cfg\ncfg_file={}\n\
             object_cache_file={directory}/objects.cache\nstatus_file={directory}/status.dat\n\
             check_result_path={directory}\ntemp_path={directory}\nlock_file={directory}/lock\n\
             nagios_user={}\nnagios_group={}\n",
            packaging("nagios/w4b-diag.cfg").display(),
            id("-un"),
            id("-gn"),
        ),
    );
    home.write(
        "base.cfg",
        "define timeperiod {\n timeperiod_name 24x7\n alias always\n monday 00:00-24:00\n tuesday 00:00-24:00\n\
         wednesday 00:00-24:00\n thursday 00:00-24:00\n friday 00:00-24:00\n saturday 00:00-24:00\n sunday 00:00-24:00\n}\n\
         define command {\n command_name none\n command_line /bin/true\n}\n\
         define contact {\n contact_name nagiosadmin\n host_notification_period 24x7\n service_notification_period 24x7\n\
         host_notification_options d\n service_notification_options w\n host_notification_commands none\n\
         service_notification_commands none\n}\n\
         define host {\n host_name localhost\n address 127.0.0.1\n max_check_attempts 1\n check_period 24x7\n contacts nagiosadmin\n\
         notification_interval 0\n notification_period 24x7\n}\n",
    );
    let output = Command::new(nagios)
        .arg("-v")
        .arg(home.join("nagios.cfg"))
        .output()
        .expect("nagios runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Checked 2 services"), "{said}");
    assert!(said.contains("Total Errors:   0"), "{said}");
}

#[test]
fn the_commands_of_the_nagios_objects_are_ours() {
    let shipped = std::fs::read_to_string(packaging("nagios/w4b-diag.cfg")).expect("shipped");
    let home = Home::new();
    let mut seen = 0;
    for line in shipped
        .lines()
        .filter_map(|line| line.trim().strip_prefix("command_line"))
    {
        let line = line.trim().replace("$ARG1$", "no-such-thing.pem");
        let arguments: Vec<&str> = line.split_whitespace().skip(1).collect();
        let outcome = home.command(&arguments).run();
        let parsed = plugin::parse(&outcome.stdout());
        assert_eq!(parsed.state, "UNKNOWN", "{outcome}");
        assert!(!parsed.headline.contains("unknown argument"), "{outcome}");
        seen += 1;
    }
    assert_eq!(seen, 4);
}
