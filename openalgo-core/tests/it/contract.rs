//! The conformance suites themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// A case that is missing from the list of its suite would silently run nowhere.
#[test]
fn every_case_is_listed() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing"));
    let mut sources = sources(&root.join("contract"));
    let lists = sources.concat();
    sources.push(fs::read_to_string(root.join("contract.rs")).unwrap());
    let listed: BTreeSet<_> = lists
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .collect();
    let cases: Vec<_> = sources
        .iter()
        .flat_map(|source| source.lines())
        .filter_map(|line| line.strip_prefix("pub async fn "))
        .filter_map(|line| line.split('(').next())
        .collect();
    assert!(cases.len() > 4);
    for case in cases {
        assert!(listed.contains(case), "{case} is in no list");
    }
}

/// A suite that is missing from the list of all suites would run nowhere either.
#[test]
fn every_suite_is_listed() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing"));
    let list = fs::read_to_string(root.join("contract.rs")).unwrap();
    for source in sources(&root.join("contract")) {
        let name = source.split("macro_rules! ").nth(1);
        if let Some(name) = name.and_then(|rest| rest.split_whitespace().next()) {
            let run = format!("$crate::{name}!($run);");
            assert!(list.contains(&run), "{run} is missing");
        }
    }
}
