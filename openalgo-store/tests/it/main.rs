//! Tests of the store as its users see it, and of the file as somebody with the key sees it.

#[cfg(test)]
mod anchor;
#[cfg(test)]
mod check;
#[cfg(test)]
mod compacting;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod design;
#[cfg(test)]
mod encryption;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod people;
#[cfg(test)]
mod portfolio;
#[cfg(test)]
mod records;
#[cfg(test)]
mod safeguards;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod support;
#[cfg(test)]
mod writing;

/// A test file that is missing from the list above would silently not run.
#[test]
fn every_test_file_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name.strip_suffix(".rs").filter(|name| *name != "main") {
            let line = format!("mod {module};");
            assert!(include_str!("main.rs").contains(&line), "{line} is missing");
        }
    }
}
