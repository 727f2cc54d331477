//! Environment variables on the pages, against the registry of those that the program reads or sets.

use std::collections::BTreeSet;

use genesys_token::environment::variable::{ALL, Group};

use crate::names::{help, verbs};
use crate::pages::{pages, read};

/// Names that are not variables of the program: whose they are, and the file that defines them, if it is in the
/// repository.
const NAMES_OF_OTHERS: [(&str, &str, Option<&str>); 11] = [
    ("GENESYS_CLIENT_ID", "JCasC", Some("jenkins/casc.yaml")),
    ("GENESYS_CLIENT_SECRET", "JCasC", Some("jenkins/casc.yaml")),
    ("GENESYS_SUFFIXES", "the table of regions, a constant", Some("src/region/table.rs")),
    ("GENESYS_TOKEN_HELPER", "the step", Some("vars/withGenesysToken.txt")),
    ("GENESYS_TOKEN_HELPER_SHA256", "the step", Some("vars/withGenesysToken.txt")),
    ("GENESYS_TOKEN_HELPER_URL", "the step", Some("vars/withGenesysToken.txt")),
    ("GENESYS_TOKEN_SHARE", "the step", Some("vars/withGenesysToken.txt")),
    ("GENESYS_USR", "Jenkins' credentials(), in a variable GENESYS", None),
    ("GENESYS_CLOUD_REGION", "Genesys' SDKs, in their examples", None),
    ("GENESYSCLOUD_TOKEN_POOL_SIZE", "Genesys' Terraform provider", None),
    ("GENESYS_TOKEN", "the recipe with tokenVariable, where any name will do", None),
];

/// The words in a text that are the name of a variable and begin with `GENESYS`.
fn variables(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let is_variable = |word: &&str| {
        word.starts_with("GENESYS")
            && !word.ends_with('_')
            && word.bytes().all(|byte| !byte.is_ascii_lowercase())
    };
    words.filter(is_variable).map(str::to_owned).collect()
}

fn on_pages() -> BTreeSet<String> {
    pages().iter().flat_map(|page| variables(&page.text)).collect()
}

#[test]
fn every_variable_on_a_page_is_in_the_registry_or_in_the_list_of_others() {
    let on_pages = on_pages();
    for name in &on_pages {
        let is_ours = ALL.iter().any(|variable| variable.name == name);
        let is_of_others = NAMES_OF_OTHERS.iter().any(|(other, ..)| other == name);
        assert!(is_ours != is_of_others, "{name}: in the registry {is_ours}, in the list {is_of_others}");
    }
    assert!(on_pages.len() > 15, "{on_pages:?}");
}

#[test]
fn every_name_of_others_is_on_a_page_and_in_the_file_that_defines_it() {
    let on_pages = on_pages();
    for (name, owner, file) in NAMES_OF_OTHERS {
        assert!(on_pages.contains(name), "no page names {name} of {owner} any more");
        if let Some(file) = file {
            assert!(variables(&read(file)).contains(name), "{file} does not name {name}");
        }
    }
}

/// The variables of the machine and of the network are common knowledge, and have no prefix of ours.
#[test]
fn every_variable_of_the_registry_is_on_a_page_or_in_the_help() {
    let in_help = verbs().into_iter().flat_map(|verb| variables(&help(&[&verb, "--help"])));
    let named: BTreeSet<String> = on_pages().into_iter().chain(in_help).collect();
    let ours = ALL.iter().filter(|variable| !matches!(variable.group, Group::Machine | Group::Network));
    let missing: Vec<&str> =
        ours.map(|variable| variable.name).filter(|name| !named.contains(*name)).collect();
    assert_eq!(missing, [""; 0]);
}
