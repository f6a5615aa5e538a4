//! The HTML report in a real browser: no error of the console or the policy, filters, copy buttons, no sideways
//! scrolling, pages of A4. Skipped with a line where Chromium is not installed.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Home, sample};

/// The first browser there is.
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok());
    if found.is_none() {
        eprintln!("SKIPPED: Chromium is not installed");
    }
    found
}

/// Runs the browser without a window; gives standard output and standard error.
fn browse(browser: &str, home: &Home, arguments: &[&str], page: &Path) -> (String, String) {
    let profile = home.join("profile");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--enable-logging=stderr",
            "--virtual-time-budget=4000",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser runs");
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// The report of the sample case: findings of several severities and owners.
fn report(home: &Home) -> PathBuf {
    let config = sample("w4b-diag.toml");
    let arguments = [
        "check",
        "--format",
        "html",
        "--config",
        config.to_str().expect("text"),
    ];
    let outcome = home.command(&arguments).run();
    assert!(outcome.stdout().contains("</html>"), "{outcome}");
    home.write("report.html", &outcome.stdout)
}

/// A copy of the page with a script of the test's own behind it. The page's policy would refuse it, as it must; so
/// the copy is without the policy.
fn with_script(home: &Home, page: &Path, script: &str) -> PathBuf {
    let text = std::fs::read_to_string(page).expect("the page");
    let start = text.find("<meta http-equiv").expect("the policy");
    let end = start + text[start..].find('>').expect("its end") + 1;
    let text = format!("{}{}", &text[..start], &text[end..]);
    let probe = format!("<pre id=\"result\"></pre><script>{script}</script></body>");
    home.write("probe.html", text.replace("</body>", &probe))
}

/// What the test's script wrote.
fn result(browser: &str, home: &Home, page: &Path, script: &str) -> serde_json::Value {
    let script = format!(
        "(async () => {{ const out = {{}}; try {{ {script} }} catch (error) {{ out.error = String(error); }}
        document.getElementById('result').textContent = JSON.stringify(out); }})();"
    );
    let (dom, errors) = browse(browser, home, &["--dump-dom"], &with_script(home, page, &script));
    let written = dom
        .split_once("<pre id=\"result\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .unwrap_or_else(|| panic!("no result:\n{errors}"))
        .0;
    serde_json::from_str(
        &written
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">"),
    )
    .unwrap_or_else(|error| panic!("{error}: {written:?}\n{errors}"))
}

#[test]
fn the_policy_lets_the_page_work_and_nothing_else() {
    let Some(browser) = browser() else { return };
    let home = Home::new();
    let page = report(&home);
    let (dom, errors) = browse(browser, &home, &["--dump-dom"], &page);
    assert!(!errors.contains("CONSOLE"), "{errors}");
    // The page's own script ran: the buttons are no longer hidden.
    assert!(dom.contains("<button type=\"button\" aria-label="), "{dom}");
    // A script that gets into the page is refused.
    let text = std::fs::read_to_string(&page).expect("the page");
    let hostile = text.replace("</body>", "<script>document.title='TAKEN'</script></body>");
    let (dom, errors) = browse(
        browser,
        &home,
        &["--dump-dom"],
        &home.write("hostile.html", hostile),
    );
    assert!(!dom.contains("<title>TAKEN"), "{dom}");
    assert!(errors.contains("Content Security Policy"), "{errors}");
}

#[test]
fn filters_hide_and_copy_buttons_copy() {
    let Some(browser) = browser() else { return };
    let home = Home::new();
    let script = r"
        const shown = () => [...document.querySelectorAll('.item')].filter((item) => item.checkVisibility()).length;
        const pick = (id) => { document.getElementById(id).checked = true; };
        out.all = shown();
        out.critical = document.querySelectorAll('.item.critical').length;
        pick('s-critical'); out.picked = shown();
        pick('s-all'); out.again = shown();
        pick('o-provider'); out.provider = shown();
        out.providers = document.querySelectorAll('.item.o-provider').length;
        pick('o-all');
        const inputs = [...document.querySelectorAll('fieldset input')];
        inputs[0].focus(); out.focusable = document.activeElement === inputs[0];
        const copied = [];
        Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: async (text) => { copied.push(text); } } });
        for (const button of document.querySelectorAll('button')) button.click();
        await new Promise((done) => setTimeout(done, 200));
        out.copied = copied;
        out.values = [...document.querySelectorAll('#case code')].map((code) => code.textContent);
        out.said = document.getElementById('said').textContent;
        Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined });
        let fallback = null;
        document.execCommand = (command) => { fallback = [command, document.activeElement.value]; return true; };
        document.querySelector('button').click();
        await new Promise((done) => setTimeout(done, 200));
        out.fallback = fallback;";
    let result = result(browser, &home, &report(&home), script);
    assert_eq!(result["error"], serde_json::Value::Null, "{result:#}");
    let number = |key: &str| result[key].as_u64().expect("a number");
    assert!(
        number("all") > number("critical") && number("critical") > 0,
        "{result:#}"
    );
    assert_eq!(number("picked"), number("critical"), "{result:#}");
    assert_eq!(number("again"), number("all"), "{result:#}");
    assert_eq!(number("provider"), number("providers"), "{result:#}");
    assert_eq!(result["focusable"], true, "{result:#}");
    let values = result["values"].as_array().expect("values");
    let copied = result["copied"].as_array().expect("copies");
    assert!(!values.is_empty() && result["said"] != "", "{result:#}");
    assert_eq!(&copied[..values.len()], values.as_slice(), "{result:#}");
    // The last button copies all of them, with their labels.
    let all = copied.last().and_then(|all| all.as_str()).expect("all");
    assert_eq!(all.lines().count(), values.len(), "{all}");
    assert_eq!(result["fallback"][0], "copy", "{result:#}");
    assert_eq!(result["fallback"][1], values[0], "{result:#}");
}

#[test]
fn a_phone_does_not_scroll_sideways() {
    let Some(browser) = browser() else { return };
    let home = Home::new();
    let page = report(&home);
    // A frame of 360 pixels, because a window cannot be made that narrow everywhere.
    let text = std::fs::read_to_string(&page).expect("the page");
    let start = text.find("<meta http-equiv").expect("the policy");
    let end = start + text[start..].find('>').expect("its end") + 1;
    let probe = "<script>addEventListener('load', () => parent.postMessage(document.documentElement.scrollWidth, '*'))</script></body>";
    let inner = format!("{}{}", &text[..start], &text[end..]).replace("</body>", probe);
    home.write("inner.html", inner);
    let outer = home.write(
        "outer.html",
        "<pre id=\"result\"></pre><script>addEventListener('message', (event) => { document.getElementById('result').textContent = event.data; })</script>\
         <iframe src=\"inner.html\" width=\"360\" height=\"800\" style=\"border:0\"></iframe>",
    );
    let (dom, errors) = browse(browser, &home, &["--dump-dom"], &outer);
    let width = dom
        .split_once("<pre id=\"result\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .and_then(|(width, _)| width.parse::<u32>().ok())
        .unwrap_or_else(|| panic!("no width:\n{dom}\n{errors}"));
    assert!(width <= 360, "{width} pixels wide");
}

#[test]
fn it_prints() {
    let Some(browser) = browser() else { return };
    let home = Home::new();
    let page = report(&home);
    let pdf = home.join("report.pdf");
    let argument = format!("--print-to-pdf={}", pdf.display());
    let (_, errors) = browse(browser, &home, &["--no-pdf-header-footer", &argument], &page);
    let bytes = std::fs::read(&pdf).unwrap_or_else(|error| panic!("{error}\n{errors}"));
    let text = String::from_utf8_lossy(&bytes);
    // A4 is 595 by 842 points. [ISO 216]
    assert!(
        text.contains("/MediaBox [0 0 594.95") || text.contains("/MediaBox [0 0 595"),
        "not A4"
    );
}

#[test]
fn redaction_leaves_the_page_of_a_bundle_whole() {
    use base64::Engine as _;
    use sha2::Digest as _;
    use std::io::Read as _;

    let home = Home::new();
    let config = sample("w4b-diag.toml");
    let arguments = [
        "bundle",
        "--yes",
        "-o",
        "case.zip",
        "--config",
        config.to_str().expect("text"),
    ];
    let outcome = home.command(&arguments).run();
    assert!(outcome.code <= 1, "{outcome}");
    let zip = std::fs::File::open(home.join("case.zip")).expect("the bundle");
    let mut zip = zip::ZipArchive::new(zip).expect("a zip");
    let mut page = String::new();
    let mut entry = zip.by_name("case/report.html").expect("the page");
    entry.read_to_string(&mut page).expect("text");
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let part = page
            .split_once(&format!("<{tag}>"))
            .and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")))
            .expect(tag)
            .0;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(part.as_bytes()));
        assert!(page.contains(&format!("{directive} 'sha256-{hash}'")), "{tag}");
    }
    // The files are listed with their sizes, and what is masked in them.
    assert!(page.contains("<code>text/control-hub-error.txt</code>"), "{page}");
    assert!(page.contains(" kB</td>") && page.contains(" × e-mail"), "{page}");
}
