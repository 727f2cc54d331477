//! The environment variables in the help, from their registry.

use clap::{Arg, Command};

use crate::environment::variable;

/// `command` with the variables of each flag in its help.
pub(super) fn with_variables(command: Command) -> Command {
    command.mut_args(|arg| match variables_of(&arg) {
        Some(variables) => {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            // Before the default, as clap itself orders them.
            let (text, default) = help.split_at(help.find(" [default: ").unwrap_or(help.len()));
            let help = format!("{text} [env: {variables}]{default}");
            arg.help(help)
        }
        None => arg,
    })
}

fn variables_of(arg: &Arg) -> Option<String> {
    let flag = arg.get_long()?;
    let variables = variable::ALL.iter().filter(|variable| variable.flag == Some(flag));
    let names: Vec<String> = variables.map(|variable| [variable.name, variable.form].concat()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
