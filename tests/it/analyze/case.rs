//! Recorded cases, and whether an answer is equal to a recorded one.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the recordings are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

/// One step of the recording.
pub(super) enum Step {
    Case(Case),
    /// The last price of an instrument, by the broker's name for it.
    Price(String, Value),
    Other,
}

/// A request and the answer that was given to it.
pub(super) struct Case {
    /// Its folder and name.
    pub(super) name: String,
    pub(super) endpoint: String,
    /// What was asked for; `None` where that was no JSON.
    pub(super) body: Option<Value>,
    /// What was answered; `None` where that is held out.
    pub(super) answer: Option<(u64, Value)>,
    volatile: Vec<String>,
    unordered: Vec<String>,
}

/// The steps of the recording, as far as they are about orders, books and funds.
pub(super) fn steps() -> Vec<Step> {
    let sequence = read(&folder().join("analyze/_sequence.json"));
    let steps = sequence["steps"].as_array().unwrap().iter();
    steps.filter_map(step).collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn step(step: &Value) -> Option<Step> {
    let event = &step["event"];
    if event["kind"] == "broker_price" {
        let instrument = event["instrument"].as_str().unwrap().to_owned();
        return Some(Step::Price(instrument, event["last_price"].clone()));
    }
    let Some(path) = step["case"].as_str() else {
        return Some(Step::Other);
    };
    let name = path.strip_prefix("analyze/")?.strip_suffix(".json")?;
    let file = folder().join(path);
    // The others are of endpoints that are none of this.
    file.exists().then(|| Step::Case(Case::read(name, &file)))
}

impl Case {
    fn read(name: &str, file: &Path) -> Self {
        let case = read(file);
        let response = &case["response"];
        let is_told = response != "withheld";
        let words = |key: &str| {
            let words = case[key].as_array().cloned().unwrap_or_default();
            words
                .iter()
                .map(|word| word.as_str().unwrap().to_owned())
                .collect()
        };
        Self {
            name: name.to_owned(),
            endpoint: name.split('/').next().unwrap().to_owned(),
            body: Some(&case["request"]["body"])
                .filter(|body| !body.is_null())
                .cloned(),
            answer: is_told.then(|| {
                let status = response["status"].as_u64().unwrap();
                (status, response["body"].clone())
            }),
            volatile: words("volatile"),
            unordered: words("unordered"),
        }
    }

    /// The body with what it takes from earlier answers.
    pub(super) fn body(&self, answers: &BTreeMap<String, Value>) -> Option<Value> {
        let mut body = self.body.clone()?;
        for value in body.as_object_mut()?.values_mut() {
            let Some(reference) = value
                .as_str()
                .and_then(|text| text.strip_prefix("${analyze/"))
            else {
                continue;
            };
            let (case, pointer) = reference
                .trim_end_matches('}')
                .split_once(".json#")
                .unwrap();
            *value = answers.get(case)?.pointer(pointer)?.clone();
        }
        Some(body)
    }

    /// Where an answer is not the recorded one.
    pub(super) fn differences(&self, told: &Value) -> Vec<String> {
        let recorded = self.answer.as_ref();
        recorded.map_or_else(Vec::new, |(_, recorded)| self.compare(recorded, told, ""))
    }

    fn compare(&self, recorded: &Value, told: &Value, at: &str) -> Vec<String> {
        if is_one_of(at, &self.volatile) {
            return Vec::new();
        }
        match (recorded, told) {
            (Value::Object(recorded), Value::Object(told)) => {
                let both = recorded.iter().flat_map(|(key, value)| {
                    let ours = told.get(key).unwrap_or(&Value::Null);
                    self.compare(value, ours, &format!("{at}/{key}"))
                });
                let more = told.keys().filter(|key| !recorded.contains_key(*key));
                let more = more.map(|key| format!("{at}/{key}: not in the recording"));
                both.chain(more).collect()
            }
            (Value::Array(recorded), Value::Array(told)) => {
                let is_list = !is_one_of(at, &self.unordered);
                if is_list && recorded.len() == told.len() {
                    let pairs = recorded.iter().zip(told).enumerate();
                    pairs
                        .flat_map(|(i, (row, ours))| self.compare(row, ours, &format!("{at}/{i}")))
                        .collect()
                } else {
                    self.compare_sets(recorded, told, at)
                }
            }
            (Value::Number(recorded), Value::Number(told)) => {
                let [a, b] = [recorded, told].map(|number| number.as_f64().unwrap());
                let is_same = (a - b).abs() <= 1e-6;
                let differ = (!is_same).then(|| format!("{at}: {a}, and {b} here"));
                differ.into_iter().collect()
            }
            _ if recorded == told => Vec::new(),
            _ => vec![format!("{at}: {recorded}, and {told} here")],
        }
    }

    /// Each recorded row must be among those that were told, each of which counts once.
    fn compare_sets(&self, recorded: &[Value], told: &[Value], at: &str) -> Vec<String> {
        let mut left: Vec<&Value> = told.iter().collect();
        let mut found = Vec::new();
        for (i, row) in recorded.iter().enumerate() {
            let place = format!("{at}/{i}");
            let is_same = |ours: &&Value| self.compare(row, ours, &place).is_empty();
            match left.iter().position(is_same) {
                Some(index) => drop(left.remove(index)),
                None => found.push(format!("{place}: no row is {row}")),
            }
        }
        found.extend(left.iter().map(|row| format!("{at}: left here {row}")));
        found
    }
}

/// Whether a place is one of some patterns, in which `*` is any row.
fn is_one_of(at: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| {
        let (mut parts, mut wanted) = (at.split('/'), pattern.trim_end_matches('/').split('/'));
        loop {
            match (parts.next(), wanted.next()) {
                (None, None) => return true,
                (Some(_), Some("*")) => {}
                (Some(part), Some(word)) if part == word => {}
                _ => return false,
            }
        }
    })
}
