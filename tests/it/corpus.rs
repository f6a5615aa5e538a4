//! Precision and recall on texts that no one here wrote: `error-texts.jsonl`.

#![expect(clippy::print_stdout, reason = "the figures are what the test is read for")]

use std::collections::BTreeSet;

use serde_json::Value;
use w4b_diag::scan::inventory::{Collector, Entry};

fn corpus() -> Option<String> {
    let mut places = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus").to_owned()];
    places.extend(std::env::var("W4B_DIAG_CORPUS"));
    places
        .iter()
        .find_map(|place| std::fs::read_to_string(format!("{place}/error-texts.jsonl")).ok())
}

#[derive(Default)]
struct Score {
    right: usize,
    missed: Vec<String>,
    wrong: Vec<String>,
}

impl Score {
    fn add(&mut self, line: usize, expected: &BTreeSet<String>, found: &BTreeSet<String>) {
        self.right += expected.intersection(found).count();
        self.missed.extend(
            expected
                .difference(found)
                .map(|value| format!("line {line}: missed {value}")),
        );
        self.wrong.extend(
            found
                .difference(expected)
                .map(|value| format!("line {line}: wrong {value}")),
        );
    }

    fn ratio(right: usize, others: usize) -> f64 {
        let (right, all) = (
            u32::try_from(right).unwrap_or(0),
            u32::try_from(right + others).unwrap_or(0),
        );
        if all == 0 {
            1.0
        } else {
            f64::from(right) / f64::from(all)
        }
    }

    fn precision(&self) -> f64 {
        Self::ratio(self.right, self.wrong.len())
    }

    fn recall(&self) -> f64 {
        Self::ratio(self.right, self.missed.len())
    }
}

fn expected(case: &Value, key: &str) -> BTreeSet<String> {
    let values = case["expected"][key]
        .as_array()
        .or_else(|| case["also"][key].as_array());
    values
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn values(entries: &[Entry]) -> BTreeSet<String> {
    entries.iter().map(|entry| entry.value.clone()).collect()
}

#[test]
fn real_error_texts() {
    let Some(text) = corpus() else {
        println!("SKIPPED: error-texts.jsonl is not here; set W4B_DIAG_CORPUS to its directory");
        return;
    };
    let names = ["tracking_ids", "org_ids", "emails", "client_versions"];
    let mut scores: Vec<Score> = names.iter().map(|_| Score::default()).collect();
    let mut also_missed = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let case: Value = serde_json::from_str(line).expect("the corpus is JSON lines");
        let mut collector = Collector::default();
        let body = case["text"].as_str().expect("a text");
        collector
            .add("text", "utf-8", body.as_bytes())
            .expect("reads from memory");
        let found = collector.finish();
        let lists = [
            &found.tracking_ids,
            &found.org_ids,
            &found.emails,
            &found.client_versions,
        ];
        for ((score, name), list) in scores.iter_mut().zip(names).zip(lists) {
            score.add(index + 1, &expected(&case, name), &values(list));
        }
        for (name, list) in [
            ("error_codes", &found.error_codes),
            ("broadworks_user_ids", &found.broadworks_user_ids),
            ("control_hub_builds", &found.control_hub_builds),
            ("user_ids", &found.user_ids),
        ] {
            let missed = &expected(&case, name) - &values(list);
            also_missed.extend(
                missed
                    .into_iter()
                    .map(|value| format!("line {}: {name} missed {value}", index + 1)),
            );
        }
    }
    for (name, score) in names.iter().zip(&scores) {
        println!(
            "{name}: {} right, {} missed, {} wrong; precision {:.3}, recall {:.3}",
            score.right,
            score.missed.len(),
            score.wrong.len(),
            score.precision(),
            score.recall()
        );
    }
    let faults: Vec<&String> = scores
        .iter()
        .flat_map(|score| score.missed.iter().chain(&score.wrong))
        .collect();
    assert!(
        faults.is_empty() && also_missed.is_empty(),
        "{faults:#?}\n{also_missed:#?}"
    );
}
