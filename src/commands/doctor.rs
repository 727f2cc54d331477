//! `doctor`: checks everything between here and a working token.

use std::fmt::Write as _;

use serde::Serialize;

use super::print::print;
use crate::cli::DoctorArgs;
use crate::doctor::{self, Check, Deadline, Status};
use crate::error::{Category, Result};
use crate::login::Connection;
use crate::output::{ListFormat, Redactor, Reporter, Style};
use crate::settings::{DoctorSettings, RegionSearchSettings};
use crate::world::World;

/// The findings for scripts; `docs/doctor.schema.json` describes them.
#[derive(Serialize)]
struct Findings<'a> {
    version: &'static str,
    ok: bool,
    summary: &'a str,
    checks: &'a [Check],
}

pub(super) fn run(args: &DoctorArgs, world: &mut World) -> Result<i32> {
    if let Some(path) = &args.try_lock {
        return Ok(doctor::try_lock(path));
    }
    if args.find_region {
        return find_region(args, world);
    }
    let settings = DoctorSettings::resolve(args, world);
    let (format, style) = (settings.format, settings.style);
    let reporter = Reporter::new(settings.log, world.clock, world.machine, world.stderr);
    let checks = doctor::examine(settings, world.clock, world.machine, world.random, &reporter);
    drop(reporter);
    let failed = checks.iter().find(|check| check.status == Status::Failed);
    let summary = doctor::summary(&checks);
    let text = match format {
        ListFormat::Json => {
            let (version, ok) = (env!("CARGO_PKG_VERSION"), failed.is_none());
            let findings = Findings { version, ok, summary: &summary, checks: &checks };
            serde_json::to_string_pretty(&findings).expect("strings are always JSON") + "\n"
        }
        ListFormat::Table => table(&checks, style) + &summary + "\n",
    };
    print(world, &Redactor::new(world.environment).redact(&text))?;
    Ok(failed.and_then(|check| check.category).map_or(0, Category::exit_code))
}

fn table(checks: &[Check], style: Style) -> String {
    let mut table = String::new();
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for Check { name, status, detail, cause, fix, .. } in checks {
        let mark = match status {
            Status::Ok => style.paint("32", "✓"),
            Status::Warning => style.paint("33", "!"),
            Status::Failed => style.paint("31", "✗"),
            Status::Skipped => style.paint("2", "-"),
        };
        let _ = writeln!(table, "{mark} {name:<width$}  {detail}");
        for (label, text) in [("cause", cause), ("fix", fix)] {
            if let Some(text) = text {
                let _ = writeln!(table, "  {:<width$}  {label}: {text}", "");
            }
        }
    }
    table
}

/// Names the region that knows the client.
fn find_region(args: &DoctorArgs, world: &mut World) -> Result<i32> {
    let RegionSearchSettings { client, transport, timeout, format, log } =
        RegionSearchSettings::resolve(args, world)?;
    let candidates = doctor::candidates();
    let reporter = Reporter::new(log, world.clock, world.machine, world.stderr);
    let connection = Connection::new(&transport, world.clock, &reporter);
    candidates.iter().try_for_each(|candidate| connection.prepare(&candidate.login_url))?;
    let deadline = Deadline { clock: world.clock, timeout, log: &reporter };
    let answers = doctor::find_region(&client, &transport, &candidates, &deadline);
    drop(reporter);
    let text = match format {
        ListFormat::Json => serde_json::to_string_pretty(&answers).expect("strings are always JSON") + "\n",
        ListFormat::Table => doctor::region_report(&client.id, &answers),
    };
    print(world, &text)?;
    Ok(doctor::region_exit_code(&answers))
}
