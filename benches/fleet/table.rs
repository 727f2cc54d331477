//! The tables, as the page has them.

use std::time::Duration;

use crate::cases::DAY;
use crate::number::{grouped, rounded, time};
use crate::simulated::{Figures, Sharing, Trouble};

pub(crate) const SCALE_HEAD: &str = "| agents | tokens live | shared | calls per hour | requests per hour | most in a minute | questions to the API host per hour | wrong tokens | store: questions per second, most | connections per second, most | bytes |\n|--:|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
pub(crate) const TROUBLES_HEAD: &str = "| what goes wrong | agents | tokens live | requests per hour | most in a minute | slowest call | calls that failed | calls that shared nothing | wrong tokens | store: most questions per second | most connections at once |\n|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";

pub(crate) fn scale(all: &[Figures]) -> String {
    all.iter().map(scale_row).collect()
}

pub(crate) fn troubles(all: &[Figures]) -> String {
    all.iter().map(trouble_row).collect()
}

fn scale_row(figures: &Figures) -> String {
    let (case, counts) = (&figures.case, &figures.counts);
    let has_store = case.sharing == Sharing::SharedCache;
    let per_second = |counted: &[u32]| {
        let (mean, most) = figures.per_second(counted);
        format!("{}, {}", rounded(mean), number(&most))
    };
    let of_store = |text: String| if has_store { text } else { "–".to_owned() };
    row(&[
        number(&case.agents),
        life(case.lives).to_owned(),
        sharing(case.sharing).to_owned(),
        rounded(figures.per_hour(counts.calls)),
        rounded(figures.per_hour(figures.requests)),
        number(&figures.most_requests),
        rounded(figures.per_hour(counts.checks.1 - counts.checks.0)),
        number(&counts.wrong),
        of_store(per_second(&counts.questions)),
        of_store(per_second(&counts.connections)),
        of_store(number(&counts.bytes)),
    ])
}

fn trouble_row(figures: &Figures) -> String {
    let (case, counts) = (&figures.case, &figures.counts);
    row(&[
        trouble(case.trouble).to_owned(),
        number(&case.agents),
        life(case.lives).to_owned(),
        rounded(figures.per_hour(figures.requests)),
        number(&figures.most_requests),
        time(counts.slowest),
        number(&counts.errors),
        number(&counts.not_shared),
        number(&counts.wrong),
        number(&figures.per_second(&counts.questions).1),
        number(&counts.most_open),
    ])
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn number(count: &impl ToString) -> String {
    grouped(&count.to_string())
}

pub(crate) fn life(lives: Duration) -> &'static str {
    if lives == DAY { "24 h" } else { "5 min" }
}

pub(crate) fn sharing(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Nothing => "not shared",
        Sharing::Build => "with the build",
        Sharing::SharedCache => "shared cache",
    }
}

fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Usual => "nothing",
        Trouble::StartTogether => "all agents start within a minute, and the store is empty",
        Trouble::Deaths => "half of the agents that ask the login server die before the answer",
        Trouble::StoreOutage => "the store is silent for ten minutes, and comes back empty",
        Trouble::LoginOutage => "the login server fails for ten minutes",
    }
}
