//! Whether the flags and variables of a call mean the token that it already has. What says the same is no conflict, in
//! whatever spelling: an agent may have the login server in its environment for all calls.

use super::servers::{base_url, login_url};
use crate::base_url::BaseUrl;
use crate::cli::ClientArgs;
use crate::client::ClientId;
use crate::environment::Environment;
use crate::environment::variable::{self, Variable};
use crate::error::Result;
use crate::lane::Lane;
use crate::output::TokenOf;
use crate::region::Region;
use crate::scope::Scopes;

/// A value that was given, and the flag or variable that gave it.
struct Given {
    text: String,
    source: &'static str,
}

/// The first flag or variable that means another token than `of`.
///
/// # Errors
/// A value that makes no sense.
pub(super) fn first_conflict(
    args: &ClientArgs,
    of: &TokenOf,
    api_url: Option<&str>,
    environment: Environment,
) -> Result<Option<&'static str>> {
    let client = given(args.client_id.as_deref(), "--client-id", variable::CLIENT_ID, environment)?;
    if let Some(client) = client
        && !ClientId::parse(&client.text).is_ok_and(|(id, _)| id.as_str() == of.client_id)
    {
        return Ok(Some(client.source));
    }
    if let Some(scope) = scope(args, environment)?
        && Scopes::parse([scope.text.as_str()])?.to_string() != of.scopes
    {
        return Ok(Some(scope.source));
    }
    if let Some(lane) = given(args.lane.as_deref(), "--lane", variable::LANE, environment)?
        && of.lane.as_deref() != Some(Lane::parse(&lane.text, lane.source)?.as_str())
    {
        return Ok(Some(lane.source));
    }
    if let Some(region) = given(args.region.as_deref(), "--region", variable::REGION, environment)?
        && Region::parse(&region.text)?.aws != of.region
    {
        return Ok(Some(region.source));
    }
    let login = given(args.login_url.as_deref(), "--login-url", variable::LOGIN_URL, environment)?;
    if let Some(Given { text, source }) = login {
        // As `bind` and `exec` read it.
        let url = login_url(base_url(&text, source)?, source, &mut Vec::new())?;
        if !is_same(&url, Some(&of.login_url)) {
            return Ok(Some(source));
        }
    }
    let api = given(args.api_url.as_deref(), "--api-url", variable::API_URL, environment)?;
    match api {
        Some(Given { text, source }) if !is_same(&base_url(&text, source)?, api_url) => Ok(Some(source)),
        _ => Ok(None),
    }
}

/// The variables that may mean another token than that of a block whose program did not say whose it is.
pub(super) fn undecided(environment: Environment) -> impl Iterator<Item = &'static str> {
    let variables =
        [variable::CLIENT_ID, variable::SCOPE, variable::LANE, variable::LOGIN_URL, variable::API_URL];
    variables.into_iter().filter(move |variable| environment.is_set(variable)).map(|variable| variable.name)
}

fn given(
    flag: Option<&str>,
    flag_name: &'static str,
    variable: &'static Variable,
    environment: Environment,
) -> Result<Option<Given>> {
    if let Some(text) = flag {
        return Ok(Some(Given { text: text.to_owned(), source: flag_name }));
    }
    Ok(environment.text(variable)?.map(|text| Given { text, source: variable.name }))
}

fn scope(args: &ClientArgs, environment: Environment) -> Result<Option<Given>> {
    let flag = (!args.scope.is_empty()).then(|| args.scope.join(" "));
    given(flag.as_deref(), "--scope", variable::SCOPE, environment)
}

fn is_same(url: &BaseUrl, ours: Option<&str>) -> bool {
    ours.is_some_and(|ours| BaseUrl::parse(ours).is_ok_and(|ours| ours == *url))
}
