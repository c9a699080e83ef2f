//! The modules of this crate have one direction: none needs, through whichever others, one that needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What each module's code, not its comments, names of the others.
fn needs() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "lib" {
            continue; // needs all of them, and none needs it
        }
        let mut named = BTreeSet::new();
        for line in std::fs::read_to_string(&path).unwrap().lines().filter(|line| !line.trim().starts_with("//")) {
            for rest in line.split("crate::").skip(1).filter(|_| !line.contains("$crate::")) {
                let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(word.starts_with(char::is_lowercase), "{name} names {word} not by its module: {line}");
                named.insert(word);
            }
        }
        all.insert(name, named);
    }
    all
}

/// Modules that are left when those that need none of the others are taken away, again and again: the circles, and who
/// needs them.
fn left(mut needs: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    loop {
        let there: BTreeSet<String> = needs.keys().cloned().collect();
        needs.retain(|_, needed| needed.iter().any(|one| there.contains(one)));
        if needs.len() == there.len() {
            return needs.into_keys().collect();
        }
    }
}

#[test]
fn modules_have_one_direction() {
    let needs = needs();
    assert!(needs.len() > 15 && needs["queue"].contains("info"), "the sources were not understood: {needs:?}");
    assert_eq!(left(needs), Vec::<String>::new());
}

#[test]
fn a_circle_would_be_noticed() {
    let mut needs = needs();
    needs.get_mut("info").unwrap().insert("queue".to_owned());
    assert!(left(needs).contains(&"info".to_owned()));
}
