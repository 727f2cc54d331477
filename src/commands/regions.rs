//! `regions`: lists Genesys Cloud's regions.

use serde::Serialize;

use super::print::print;
use crate::cli::RegionsArgs;
use crate::error::Result;
use crate::output::{ListFormat, table};
use crate::region::Region;
use crate::world::World;

#[derive(Serialize)]
struct Row {
    region: &'static str,
    domain: &'static str,
    login_url: String,
    api_url: String,
}

impl From<&'static Region> for Row {
    fn from(region: &'static Region) -> Self {
        Self {
            region: region.aws,
            domain: region.domain,
            login_url: region.login_url().as_str().to_owned(),
            api_url: region.api_url().as_str().to_owned(),
        }
    }
}

pub(super) fn run(args: &RegionsArgs, world: &mut World) -> Result<i32> {
    let text = match args.format {
        ListFormat::Json => {
            let rows: Vec<Row> = Region::all().iter().map(Row::from).collect();
            serde_json::to_string_pretty(&rows).expect("strings are always JSON") + "\n"
        }
        ListFormat::Table => {
            let heading = ["REGION", "DOMAIN", "LOGIN HOST", "API HOST"].map(str::to_owned).to_vec();
            let cells = |region: &Region| {
                let (login, api) = (region.login_url(), region.api_url());
                vec![region.aws.to_owned(), region.domain.to_owned(), login.to_string(), api.to_string()]
            };
            let rows: Vec<_> = std::iter::once(heading).chain(Region::all().iter().map(cells)).collect();
            table(&rows)
        }
    };
    print(world, &text)?;
    Ok(0)
}
