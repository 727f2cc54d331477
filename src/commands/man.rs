//! `man`: the man page, from the same definitions as the help: one page with a section per verb.

use super::print::print;
use crate::cli;
use crate::error::{Error, Result};
use crate::world::World;

pub(super) fn run(world: &mut World) -> Result<i32> {
    let mut command = cli::command();
    command.build();
    let mut page = Vec::new();
    let verbs: Vec<_> = command.get_subcommands().cloned().collect();
    let render = |result: std::io::Result<()>| result.map_err(|error| Error::internal(error.to_string()));
    render(clap_mangen::Man::new(command).render(&mut page))?;
    for verb in verbs {
        page.extend_from_slice(
            format!("\n.SH GENESYS\\-TOKEN {}\n", verb.get_name().to_uppercase()).as_bytes(),
        );
        let man = clap_mangen::Man::new(verb);
        render(man.render_description_section(&mut page))?;
        render(man.render_synopsis_section(&mut page))?;
        render(man.render_options_section(&mut page))?;
    }
    print(world, &String::from_utf8_lossy(&page))?;
    Ok(0)
}
