//! `regions`: lists Genesys Cloud's regions.

use std::fmt::Write as _;

use serde::Serialize;

use super::{World, answer};
use crate::cli::{ListFormat, RegionsArgs};
use crate::error::Result;
use crate::region::REGIONS;

#[derive(Serialize)]
struct Row {
    region: &'static str,
    domain: &'static str,
    login_url: String,
    api_url: String,
}

pub fn run(args: &RegionsArgs, world: &mut World) -> Result<u8> {
    let text = match args.format {
        ListFormat::Json => {
            let rows: Vec<Row> = REGIONS
                .iter()
                .map(|region| Row {
                    region: region.aws,
                    domain: region.domain,
                    login_url: region.login_url(),
                    api_url: region.api_url(),
                })
                .collect();
            serde_json::to_string_pretty(&rows).expect("strings are always JSON") + "\n"
        }
        ListFormat::Table => {
            let mut table =
                format!("{:<15} {:<23} {:<29} {}\n", "REGION", "DOMAIN", "LOGIN HOST", "API HOST");
            for region in &REGIONS {
                let (aws, domain) = (region.aws, region.domain);
                let login = format!("login.{domain}");
                let _ = writeln!(table, "{aws:<15} {domain:<23} {login:<29} api.{domain}");
            }
            table
        }
    };
    answer(world, &text)?;
    Ok(0)
}
