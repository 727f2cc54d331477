//! `doctor`: what stands between here and a working token.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde::Serialize;

use super::{World, answer};
use crate::cli::{DoctorArgs, ListFormat};
use crate::doctor::{self, Check, Deadline, Patient, Status};
use crate::error::{Category, Error, Result};
use crate::login::Connection;
use crate::output::discreet::Unsaid;
use crate::settings;

/// The findings for scripts; described in `docs/doctor.schema.json`.
#[derive(Serialize)]
struct Findings<'a> {
    version: &'static str,
    ok: bool,
    checks: &'a [Check],
}

pub fn run(args: &DoctorArgs, world: &mut World) -> Result<u8> {
    if let Some(path) = &args.try_lock {
        return Ok(doctor::try_lock(path));
    }
    if args.find_region {
        return find_region(args, world);
    }
    let mut patient = Patient {
        args: &args.client,
        min_ttl: args.min_ttl,
        step: args.for_step,
        env: &world.env,
        stdin: world.stdin,
        clock: world.clock,
    };
    let checks = doctor::examine(&mut patient);
    let failed = checks.iter().find(|check| check.status == Status::Failed);
    let text = match args.format {
        ListFormat::Json => {
            let findings =
                Findings { version: env!("CARGO_PKG_VERSION"), ok: failed.is_none(), checks: &checks };
            serde_json::to_string_pretty(&findings).expect("strings are always JSON") + "\n"
        }
        ListFormat::Table => table(&checks, std::io::stdout().is_terminal()),
    };
    answer(world, &Unsaid::new(&world.env).struck_out_of(&text))?;
    Ok(failed.and_then(|check| check.category).map_or(0, Category::exit_code))
}

fn table(checks: &[Check], colours: bool) -> String {
    let mut table = String::new();
    let widest = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for Check { name, status, detail, cause, fix, .. } in checks {
        let (mark, colour) = match status {
            Status::Ok => ("✓", "32"),
            Status::Warning => ("!", "33"),
            Status::Failed => ("✗", "31"),
            Status::Skipped => ("-", "2"),
        };
        let mark = if colours { format!("\u{1b}[{colour}m{mark}\u{1b}[0m") } else { mark.to_owned() };
        let _ = writeln!(table, "{mark} {name:<widest$}  {detail}");
        for (what, text) in [("cause", cause), ("fix", fix)] {
            if let Some(text) = text {
                let _ = writeln!(table, "  {:<widest$}  {what}: {text}", "");
            }
        }
    }
    table
}

/// Names the region that knows the client.
fn find_region(args: &DoctorArgs, world: &mut World) -> Result<u8> {
    let client = settings::client(&args.client, &world.env, world.stdin, &mut Vec::new())?;
    if let Some(mistake) = client.doubts().into_iter().find(|doubt| doubt.is_mistake) {
        return Err(Error::credentials(mistake.sentence)
            .hint("no region would know it; genesys-token doctor says what to do"));
    }
    let route = settings::route(&args.client, &world.env, &["https:"])?;
    Connection::new(&route, world.clock).prepare()?;
    let timeout = settings::timeout(&args.client, &world.env)?;
    let deadline = Deadline { clock: world.clock, timeout };
    let findings = doctor::find_region(&client, &route, &doctor::candidates(), &deadline);
    let text = match args.format {
        ListFormat::Json => serde_json::to_string_pretty(&findings).expect("strings are always JSON") + "\n",
        ListFormat::Table => doctor::report(&client.id, &findings),
    };
    answer(world, &text)?;
    Ok(doctor::exit_code(&findings))
}
