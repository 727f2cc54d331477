//! `whoami`: whose the token is, as the API host says.

use std::time::Duration;

use serde::Serialize;

use super::print::print;
use super::provide::provide;
use crate::cli::WhoamiArgs;
use crate::client::ClientId;
use crate::duration::format_duration;
use crate::error::{Category, Error, Result};
use crate::login::{
    ADDRESS_REFUSED_WORDS, ALLOW_ADDRESS, ALLOW_API_HOST, Connection, Identification, ONE_REGION, RoleGrant,
    TokenInfo,
};
use crate::organization::NamedEntity;
use crate::output::{Answer, ListFormat, Reporter, table};
use crate::settings::WhoamiSettings;
use crate::time::Timestamp;
use crate::world::World;

/// Everything that is known of a token but its value.
#[derive(Serialize)]
struct Report {
    organization: NamedEntity,
    region: Option<String>,
    client: NamedEntity,
    scopes: Vec<String>,
    roles: Vec<RoleGrant>,
    /// Why the names of the roles are missing.
    roles_unnamed: Option<String>,
    requested_at: Option<String>,
    age: Option<u64>,
    expires_at: Option<String>,
    expires_in: Option<u64>,
}

pub(super) fn run(args: &WhoamiArgs, world: &mut World) -> Result<i32> {
    let WhoamiSettings { token, api, format, log, timeout } = WhoamiSettings::resolve(args, world)?;
    let answer = provide(token, world)?;
    let clock = world.clock;
    let reporter = Reporter::new(log, clock, world.machine, world.stderr);
    let connection = Connection::new(&api.transport, clock, &reporter);
    let remaining = || timeout.saturating_sub(clock.elapsed());
    let info = match connection.identify(&api.api_url, &answer.token, remaining()) {
        Identification::Known(info) => info,
        Identification::Dead => return Err(unknown("the API host does not accept it").fix(ONE_REGION)),
        Identification::AddressRefused => {
            return Err(unknown(ADDRESS_REFUSED_WORDS).fix(ALLOW_ADDRESS));
        }
        Identification::Unknown(why) => return Err(unknown(&why).fix(ALLOW_API_HOST)),
    };
    let roles = connection.role_grants(&api.api_url, &answer.token, remaining());
    drop(reporter);
    let report = Report::new(info, roles, &answer, clock.now());
    let text = match format {
        ListFormat::Json => serde_json::to_string_pretty(&report).expect("texts and numbers are JSON") + "\n",
        ListFormat::Table => report.table(),
    };
    print(world, &text)?;
    Ok(0)
}

fn unknown(why: &str) -> Error {
    Error::new(Category::Unavailable, format!("cannot tell whose token it is: {why}"))
}

impl Report {
    fn new(
        info: TokenInfo,
        roles: std::result::Result<Vec<RoleGrant>, String>,
        answer: &Answer,
        now: Timestamp,
    ) -> Self {
        let (roles, roles_unnamed) = match roles {
            Ok(roles) => (roles, None),
            Err(why) => (info.role_divisions, Some(why)),
        };
        Self {
            organization: info.organization,
            region: answer.region.clone(),
            client: info.client,
            scopes: info.scopes,
            roles,
            roles_unnamed,
            requested_at: answer.requested_at.map(Timestamp::rfc3339),
            age: answer.requested_at.map(|at| now.since(at).as_secs()),
            expires_at: answer.expires_at.map(Timestamp::rfc3339),
            expires_in: answer.expires_at.map(|at| at.since(now).as_secs()),
        }
    }

    fn table(&self) -> String {
        let time = |seconds| format_duration(Duration::from_secs(seconds));
        let unknown = || "unknown".to_owned();
        // In a log an id is shown in part, as everywhere.
        let id = ClientId::parse(&self.client.id).map_or_else(|_| unknown(), |(id, _)| id.to_string());
        let client = NamedEntity { id, name: self.client.name.clone() }.to_string();
        let mut rows = vec![
            ("organisation", self.organization.to_string()),
            ("region", self.region.clone().unwrap_or_else(unknown)),
            ("client", client),
        ];
        if !self.scopes.is_empty() {
            rows.push(("scopes", self.scopes.join(" ")));
        }
        let roles = self.roles.iter().map(|RoleGrant { role, division }| format!("{role} in {division}"));
        rows.extend(roles.map(|role| ("role", role)));
        if self.roles.is_empty() {
            rows.push(("role", "none".to_owned()));
        }
        if let Some(why) = &self.roles_unnamed {
            rows.push(("", format!("without the names of roles: {why}")));
        }
        let age = self.age.map_or_else(unknown, time);
        let left = self.expires_in.map_or_else(unknown, time);
        rows.push(("age", age));
        rows.push(("left", left));
        let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        table(&rows.collect::<Vec<_>>())
    }
}
