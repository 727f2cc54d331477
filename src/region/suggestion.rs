//! What to say of a text that names no region: the likely mistake, or the nearest regions.

use super::spelling::{by_name, find, host_in};
use super::table::{Region, is_within, without_root, without_service};
use crate::error::Error;
use crate::secret;

/// How many characters of an unknown value an error repeats: enough to recognise it, too few to flood a log.
const MAX_SHOWN: usize = 80;

/// How many edits away a name may be and still be offered: a swapped pair of letters is two.
const MAX_EDITS: usize = 2;

/// The usage error for `text`, which names no region.
#[cold]
pub(super) fn unknown_region(text: &str) -> Error {
    const LIST: &str = "genesys-token regions lists them";
    if text.is_empty() {
        return Error::usage("the region is empty").fix(LIST);
    }
    let error = Error::usage(format!("unknown region {}", shown(text)));
    question(text).into_iter().fold(error, Error::fix).fix(LIST)
}

/// `text` fit for a log: quoted, cut, nothing unprintable, and nothing that may be a secret in the wrong place.
fn shown(text: &str) -> String {
    let length = text.chars().count();
    if secret::may_be_secret(text) {
        return format!("of {length} characters, not shown since it may be a secret");
    }
    // A URL may carry a password in front of its host.
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The likely cause or the likely answer, as a question.
fn question(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.len() < text.len() && find(trimmed).is_some() {
        return Some("is there white space around it by mistake?".to_owned());
    }
    let name = trimmed.to_lowercase().replace('_', "-");
    let host = host_in(&name);
    let host = without_root(host.rsplit_once('@').map_or(host, |(_, host)| host));
    let domain = without_service(host);
    if let Some((label, _)) = domain.split_once('.') {
        // A host built from the AWS name, `login.eu-central-1.pure.cloud`, or from a short name where the
        // domain is an older one, `login.euw1.pure.cloud`.
        if let Some(region) = by_name(label) {
            return Some(format!("there is no such Genesys host: did you mean {}?", described(region)));
        }
        if let Some(region) = Region::all().iter().find(|region| is_within(host, region.domain)) {
            return Some(format!("did you mean {}?", described(region)));
        }
        return did_you_mean(&nearest(domain, |region| vec![region.domain]));
    }
    // `prod-use2`, `genesys-euw1`
    if let Some(region) =
        name.split('-').find_map(|part| Region::all().iter().find(|region| region.short == part))
    {
        return Some(format!("did you mean {}?", described(region)));
    }
    // `ca-west-1` means Canada, though `eu-west-1` is fewer edits away.
    let part_of_world = |aws: &'static str| aws.split('-').next();
    let is_there = |region: &Region| part_of_world(region.aws) == name.split('-').next();
    let near = nearest(&name, |region| vec![region.aws, region.short, region.environment]);
    let near_there: Vec<_> = near.iter().copied().filter(|region| is_there(region)).collect();
    let all_there: Vec<_> = Region::all().iter().filter(|region| is_there(region)).collect();
    [near_there, all_there, near].iter().find_map(|regions| did_you_mean(regions))
}

fn described(region: &Region) -> String {
    format!("{} ({})", region.aws, region.domain)
}

fn did_you_mean(regions: &[&Region]) -> Option<String> {
    let names: Vec<_> = regions.iter().map(|region| described(region)).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
}

/// The regions one of whose `names` is the fewest edits away from `text`, when that is few.
fn nearest(text: &str, names: impl Fn(&Region) -> Vec<&'static str>) -> Vec<&'static Region> {
    if text.len() > MAX_SHOWN {
        return Vec::new();
    }
    // Nearly everything is near to a short word.
    let limit = MAX_EDITS.min(text.len() / 3);
    let distance = |region: &Region| names(region).iter().map(|name| edits(text, name)).min();
    let distances: Vec<_> = Region::all().iter().map(|region| (distance(region), region)).collect();
    let least = distances.iter().filter_map(|(distance, _)| *distance).min();
    let is_least = |distance: Option<usize>| distance == least && distance.is_some_and(|d| d <= limit);
    distances.into_iter().filter(|(distance, _)| is_least(*distance)).map(|(_, region)| region).collect()
}

/// The Levenshtein distance: how many characters to insert, delete or replace.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.chars().enumerate() {
            let change = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;

    fn hint(text: &str) -> String {
        assert_eq!(find(text), None, "{text}");
        let error = unknown_region(text);
        assert_eq!(error.category, Category::Usage);
        error.hint().strip_suffix("genesys-token regions lists them").unwrap().replace("; ", " ")
    }

    #[test]
    fn a_host_built_from_the_aws_name_is_explained() {
        let expected = "there is no such Genesys host: did you mean eu-central-1 (mypurecloud.de)? ";
        assert_eq!(hint("login.eu-central-1.pure.cloud"), expected);
        assert_eq!(hint("https://api.EU_CENTRAL_1.mypurecloud.com/api/v2"), expected);
        assert_eq!(hint("login.euc1.pure.cloud"), expected);
    }

    #[test]
    fn the_nearest_regions_are_offered() {
        assert_eq!(hint("eu-cetnral-1"), "did you mean eu-central-1 (mypurecloud.de)? ");
        assert_eq!(
            hint("eu-west-3"),
            "did you mean eu-west-1 (mypurecloud.ie) or eu-west-2 (euw2.pure.cloud)? "
        );
        assert_eq!(hint("EU_WEST_2a"), "did you mean eu-west-2 (euw2.pure.cloud)? ");
        assert_eq!(hint("useast1"), "did you mean us-east-1 (mypurecloud.com)? ");
        assert_eq!(hint("https://me:x@login.mypurecloud.ie"), "did you mean eu-west-1 (mypurecloud.ie)? ");
        assert_eq!(hint("login.mypureclod.de"), "did you mean eu-central-1 (mypurecloud.de)? ");
        assert_eq!(hint("developer.mypurecloud.de"), "did you mean eu-central-1 (mypurecloud.de)? ");
        assert_eq!(hint("prod-use2"), "did you mean us-east-2 (use2.us-gov-pure.cloud)? ");
        assert_eq!(hint("ca-west-1"), "did you mean ca-central-1 (cac1.pure.cloud)? ");
        assert_eq!(hint(" eu-west-1 "), "is there white space around it by mistake? ");
        assert_eq!(hint("somewhere"), "");
        assert_eq!(hint("x"), "");
    }

    #[test]
    fn the_unknown_value_is_fit_for_a_log() {
        let message = |text: &str| unknown_region(text).message;
        assert_eq!(message("mars"), r#"unknown region "mars""#);
        assert_eq!(message("\u{1b}[2J\n"), r#"unknown region "\u{1b}[2J\n""#);
        assert_eq!(message(&"é".repeat(200)), format!("unknown region {:?}…", "é".repeat(80)));
        assert_eq!(message("https://me:hunter2@evil.example"), r#"unknown region "evil.example""#);
        let secret = "AbCdEf0123456789AbCdEf0123456789AbCdEf01234";
        assert_eq!(message(secret), "unknown region of 43 characters, not shown since it may be a secret");
    }
}
