//! Organisations of Genesys Cloud, and the one that a caller expects a token to be of.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something of Genesys Cloud with an id and a name, such as an organisation: `NamedEntity` of the Platform API. Both
/// texts are fit for a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedEntity {
    /// A UUID.
    pub id: String,
    /// The name that administrators gave it.
    pub name: String,
}

impl fmt::Display for NamedEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name } = self;
        if name.is_empty() { f.write_str(id) } else { write!(f, "{name} ({id})") }
    }
}

/// The organisation that a caller expects: its name as it is written, or its id in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedOrganization(String);

impl ExpectedOrganization {
    /// Parses a name or an id that is fit for a log; `None` for a text of white space.
    pub fn parse(text: &str) -> Option<Self> {
        // As in the names of the API host, which are fit for a log as well.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(Self(text))
    }

    /// Whether `organization` is the expected one.
    pub fn is(&self, organization: &NamedEntity) -> bool {
        organization.name == self.0 || organization.id.eq_ignore_ascii_case(&self.0)
    }
}

impl fmt::Display for ExpectedOrganization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_is_expected_by_its_name_as_written_or_its_id_in_any_case() {
        let organization = NamedEntity { id: "1a2b-cd".to_owned(), name: "Acme Töst".to_owned() };
        let is_expected = |text: &str| ExpectedOrganization::parse(text).unwrap().is(&organization);
        assert!(is_expected("Acme Töst") && is_expected(" Acme  Töst\n"));
        assert!(is_expected("1a2b-cd") && is_expected("1A2B-CD"));
        for other in ["acme töst", "Acme", "1a2b", "Acme Töst (1a2b-cd)"] {
            assert!(!is_expected(other), "{other}");
        }
        assert_eq!(ExpectedOrganization::parse(" \n"), None);
    }
}
