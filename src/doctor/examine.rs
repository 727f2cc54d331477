//! The order of the checks.

use std::time::Duration;

use super::check::Check;
use super::context::{ClientContext, Deadline};
use super::network::Reached;
use super::walk::Walk;
use super::{api, cache, credential, network, program, region, shared_cache, tls, token};
use crate::log::{Awaited, Log};
use crate::login::{Endpoint, HttpLogin};
use crate::random::Random;
use crate::settings::{DoctorSettings, Servers};
use crate::time::Clock;
use crate::world::Machine;

/// Runs every check.
pub(crate) fn examine(
    settings: DoctorSettings,
    clock: &dyn Clock,
    machine: &dyn Machine,
    random: &dyn Random,
    log: &dyn Log,
) -> Vec<Check> {
    let mut walk = Walk::new();
    walk.add(vec![program::check(settings.step_protocol)]);
    let (found, timeout, min_ttl) = program::settings(&settings);
    walk.add(found);
    let (cache, shared_cache) = (settings.cache.clone(), settings.shared_cache.clone());
    let context = context(settings, &mut walk);
    let deadline = Deadline { clock, timeout, log };
    match &context {
        Some(context) => from_network_to_token(context, &deadline, min_ttl, &mut walk),
        None => {
            for name in ["network", "tls", "token", "clock", "lifetime", "api"] {
                walk.skip(name);
            }
        }
    }
    let context = context.as_ref().map(|(context, _)| context);
    walk.add(cache::check(&cache, context, machine));
    if let Some(settings) = shared_cache {
        let check = || shared_cache::check(&settings, context, random, &deadline);
        walk.add(deadline.while_waiting(Awaited::SharedCache, check));
    }
    walk.into_checks()
}

type Known = (ClientContext, crate::settings::Surroundings);

/// The checks that need no connection.
fn context(settings: DoctorSettings, walk: &mut Walk) -> Option<Known> {
    let DoctorSettings { client, secret_file, servers, scopes, transport, surroundings, .. } = settings;
    let client = walk.require("credential", || credential::check(client, secret_file, surroundings));
    let servers = walk.require("region", || region::check(servers, surroundings));
    let scopes = walk.require("scope", || token::scopes(scopes));
    let transport = match (&servers, transport) {
        (Some(servers), Some(transport)) => {
            let servers = [&servers.login_url, &servers.api_url];
            walk.require("proxy", || network::proxy(transport, servers))
        }
        _ => None,
    };
    let (client, scopes, transport) = (client?, scopes?, transport?);
    let Servers { login_url, api_url, region, region_source, .. } = servers?;
    let endpoint =
        Endpoint { login_url, api_url, client_id: client.id.clone(), region, region_source, transport };
    Some((ClientContext { client, endpoint, scopes }, surroundings))
}

fn from_network_to_token(
    (context, surroundings): &Known,
    deadline: &Deadline,
    min_ttl: Option<Duration>,
    walk: &mut Walk,
) {
    let waiting = Awaited::LoginServer;
    let reach = || deadline.while_waiting(waiting, || network::reach(&context.endpoint, deadline));
    let reached = walk.require("network", reach);
    match reached {
        Some(Reached { address, .. }) => {
            let check = || tls::check(&context.endpoint, address, deadline);
            walk.require("tls", || deadline.while_waiting(waiting, check));
        }
        None => walk.skip("tls"),
    }
    let login =
        HttpLogin::new(&context.endpoint, &context.client, &context.scopes, deadline.clock, deadline.log);
    let way_out = reached.map_or_else(String::new, Reached::way_out);
    let grant = walk.require("token", || token::request(&login, context, deadline, *surroundings, &way_out));
    walk.observe("clock", login.clock_skew().map_or_else(Vec::new, token::clock));
    walk.observe("lifetime", grant.as_ref().map_or_else(Vec::new, |grant| token::lifetime(grant, min_ttl)));
    if let Some(grant) = &grant {
        walk.observe("scope", token::granted_scopes(grant, &context.scopes));
        walk.require("api", || api::check(context, &grant.value, deadline, &way_out));
        api::end_token(context, &grant.value, deadline);
    } else {
        walk.skip("api");
    }
}
