//! The flags. Help, man page and completions all grow from here.
//!
//! A cache hit pays only for what it uses: the chosen verb alone, with its flags, and no default values, which clap
//! would parse anew in every call; the code that uses a value has its default. So a switch is `Some(true)` or absent.
//!
//! Clap reads no environment variable: it would take the process's own environment, and an empty variable for a value.
//! The settings read the injected environment, and the help names the variables from their
//! [registry](crate::environment::variable).

mod args;
mod help;

use std::ffi::OsString;
use std::mem::ManuallyDrop;

pub(crate) use args::*;
use clap::error::ErrorKind;
use clap::{Args, Command, FromArgMatches};

/// The program's name.
pub(crate) const NAME: &str = "genesys-token";

/// A verb, what it does, and its flags.
type Definition = (&'static str, &'static str, fn(Command) -> Command);

const VERBS: [Definition; 12] = [
    ("get", "Print a valid token", |verb| with::<GetArgs>(verb)),
    ("bind", "Write a token into a new private directory for a pipeline block", |verb| {
        with::<BindArgs>(verb)
    }),
    ("exec", "Run a command with a token, masked in its output", |verb| with::<ExecArgs>(verb)),
    ("doctor", "Check everything between here and a working token", |verb| with::<DoctorArgs>(verb)),
    ("status", "Show what is cached, without secret or network", |verb| with::<StatusArgs>(verb)),
    ("whoami", "Show whose the token is: organisation, client, roles", |verb| with::<WhoamiArgs>(verb)),
    ("invalidate", "Drop the cached token", |verb| with::<InvalidateArgs>(verb)),
    ("revoke", "End the cached token at the server, and drop it", |verb| with::<RevokeArgs>(verb)),
    ("clear", "Empty the cache", |verb| with::<ClearArgs>(verb)),
    ("regions", "List Genesys Cloud's regions", |verb| with::<RegionsArgs>(verb)),
    ("completions", "Print completions for a shell", |verb| with::<CompletionsArgs>(verb)),
    ("man", "Print the man page", |command| command),
];

/// `verb` with its flags and its own description; that of the flags is for readers of the source.
fn with<A: Args>(verb: Command) -> Command {
    let about = verb.get_about().cloned().unwrap_or_default();
    A::augment_args(verb).about(about)
}

/// The whole program with every verb, for help, man page and completions.
pub fn command() -> Command {
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .about("Hands out Genesys Cloud OAuth access tokens from a sealed, file-locked cache")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(
            VERBS
                .iter()
                .map(|(name, about, flags)| help::with_variables(flags(Command::new(*name).about(*about)))),
        )
}

/// Parses the arguments, the program's name first.
///
/// # Errors
/// A usage error, or the help or version that was requested.
pub(crate) fn parse(args: &[OsString]) -> Result<Verb, clap::Error> {
    let verb = args.get(1).and_then(|first| VERBS.iter().find(|(name, ..)| first == name));
    let Some((name, about, flags)) = verb else {
        let no_verb = |_| unreachable!("there are no flags before a verb, and it is none of ours");
        return command().try_get_matches_from(args).map(no_verb);
    };
    if args.len() == 2 && *name == "get" {
        // The commonest call has no flags. To build them is a sixth of what a hit costs beside its start.
        return Ok(Verb::Get(GetArgs::default()));
    }
    // A program of its own: the other verbs, and the program around them, need not be built.
    let build = || flags(Command::new(*name).bin_name([NAME, " ", name].concat()).about(*about));
    // Never dropped: the process lives for milliseconds, and dropping the definitions costs more than it frees.
    let mut definitions = ManuallyDrop::new(build());
    let mut flags = match definitions.try_get_matches_from_mut(&args[1..]) {
        Ok(flags) => ManuallyDrop::new(flags),
        // Only the help pays for naming the variables.
        Err(problem) if problem.kind() == ErrorKind::DisplayHelp => {
            return Err(help::with_variables(build())
                .try_get_matches_from(&args[1..])
                .err()
                .unwrap_or(problem));
        }
        Err(problem) => return Err(problem),
    };
    match *name {
        "get" => GetArgs::from_arg_matches_mut(&mut flags).map(Verb::Get),
        "bind" => BindArgs::from_arg_matches_mut(&mut flags).map(Verb::Bind),
        "exec" => ExecArgs::from_arg_matches_mut(&mut flags).map(Verb::Exec),
        "doctor" => DoctorArgs::from_arg_matches_mut(&mut flags).map(Verb::Doctor),
        "status" => StatusArgs::from_arg_matches_mut(&mut flags).map(Verb::Status),
        "whoami" => WhoamiArgs::from_arg_matches_mut(&mut flags).map(Verb::Whoami),
        "invalidate" => InvalidateArgs::from_arg_matches_mut(&mut flags).map(Verb::Invalidate),
        "revoke" => RevokeArgs::from_arg_matches_mut(&mut flags).map(Verb::Revoke),
        "clear" => ClearArgs::from_arg_matches_mut(&mut flags).map(Verb::Clear),
        "regions" => RegionsArgs::from_arg_matches_mut(&mut flags).map(Verb::Regions),
        "completions" => CompletionsArgs::from_arg_matches_mut(&mut flags).map(Verb::Completions),
        _ => Ok(Verb::Man),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        let mut command = command();
        command.build();
        command.debug_assert();
    }

    #[test]
    fn a_get_without_flags_is_what_clap_makes_of_it() {
        let flags = |args: &[&str]| match parse(&args.iter().map(OsString::from).collect::<Vec<_>>()) {
            Ok(Verb::Get(get)) => format!("{get:?}"),
            other => panic!("{other:?}"),
        };
        let plain = flags(&["genesys-token", "get"]);
        let with_one = flags(&["genesys-token", "get", "--region", "us-east-1"]);
        assert_eq!(plain, with_one.replace("region: Some(\"us-east-1\")", "region: None"));
    }

    #[test]
    fn verify_takes_an_age_only_with_an_equals_sign() {
        let verify = |args: &[&str]| {
            let args: Vec<OsString> =
                ["genesys-token", "get"].iter().chain(args).map(OsString::from).collect();
            match parse(&args) {
                Ok(Verb::Get(get)) => get.token.verify.map(|age| age.as_secs()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(verify(&[]), None);
        assert_eq!(verify(&["--verify"]), Some(0));
        assert_eq!(verify(&["--verify=4m"]), Some(240));
    }
}
