//! The flags. Help, man page and completions all grow from here.
//!
//! A cache hit pays only for what it uses: the chosen verb alone, with its flags ([`Command::defer`]), and no
//! default values, which clap would parse anew in every call; they stand where the value is used. So a switch is
//! `Some(true)` or absent.
//!
//! The variables stand in the help alone: reading them here would take them from the process, and an empty
//! one for a value. `settings` reads them from the environment it is given.

#![allow(clippy::doc_markdown, reason = "the flags' docs are the help, where backticks would be shown")]

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Command, FromArgMatches, ValueEnum};

use crate::time::parse_duration;

/// What to do, with its flags.
#[derive(Debug)]
pub enum Verb {
    /// Print a valid token.
    Get(GetArgs),
    /// Write a token and its companions into a private directory.
    Bind(BindArgs),
    /// Run a command with the token.
    Exec(ExecArgs),
    /// Look for what is wrong.
    Doctor(DoctorArgs),
    /// Show what is cached.
    Status(StatusArgs),
    /// Drop the cached token.
    Invalidate(InvalidateArgs),
    /// End the cached token at the server.
    Revoke(RevokeArgs),
    /// Empty the cache.
    Clear(ClearArgs),
    /// List the regions.
    Regions(RegionsArgs),
    /// Print a shell's completions.
    Completions(CompletionsArgs),
    /// Print the man page.
    Man,
}

/// Who asks whom, and from where.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct ClientArgs {
    /// Client id of the OAuth client [env: GENESYSCLOUD_OAUTHCLIENT_ID]
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// File with the client secret, '-' for stdin [env: GENESYSCLOUD_OAUTHCLIENT_SECRET holds the secret itself]
    #[arg(long, value_name = "PATH")]
    pub client_secret_file: Option<PathBuf>,
    /// Region: AWS name, domain, host or URL [env: GENESYSCLOUD_REGION] [default: us-east-1]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Login server, instead of the region's [env: GENESYS_TOKEN_LOGIN_URL]
    #[arg(long, value_name = "URL")]
    pub login_url: Option<String>,
    /// API server, instead of the region's [env: GENESYS_TOKEN_API_URL]
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// Scope to ask for; normally absent, since roles decide [env: GENESYS_TOKEN_SCOPE]
    #[arg(long, value_name = "SCOPE")]
    pub scope: Vec<String>,
    /// Cache directory [env: GENESYS_TOKEN_CACHE_DIR]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Deadline of the whole call, locks and retries included [env: GENESYS_TOKEN_TIMEOUT] [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Certificates to trust instead of the system's [env: GENESYS_TOKEN_CA_CERT, SSL_CERT_FILE]
    #[arg(long, value_name = "PATH")]
    pub ca_cert: Option<PathBuf>,
    #[command(flatten)]
    /// How much to say.
    pub log: LogArgs,
}

/// Who asks whom for what token.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct AskArgs {
    #[command(flatten)]
    /// Who asks whom.
    pub client: ClientArgs,
    /// Neither read nor write the cache
    #[arg(long, num_args = 0, default_missing_value = "true", conflicts_with = "cache_dir")]
    pub no_cache: Option<bool>,
    /// Life the token must have left, such as 20m [env: GENESYS_TOKEN_MIN_TTL]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub min_ttl: Option<Duration>,
    /// Fetch a fresh token on purpose, and cache it
    #[arg(long, num_args = 0, default_missing_value = "true")]
    pub force_refresh: Option<bool>,
    /// Ask the API host whether a cached token (older than AGE) is alive: one request [env: GENESYS_TOKEN_VERIFY]
    #[arg(long, value_name = "AGE", num_args = 0..=1, require_equals = true, default_missing_value = "0",
          value_parser = parse_duration)]
    pub verify: Option<Duration>,
}

/// How much to say on stderr, and how.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct LogArgs {
    /// Say more; twice for all [env: GENESYS_TOKEN_LOG=quiet|normal|verbose|debug]
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, num_args = 0, default_missing_value = "true")]
    pub quiet: Option<bool>,
    /// Form of errors on stderr [default: text]
    #[arg(long, value_name = "FORM", value_enum)]
    pub error_format: Option<ErrorFormat>,
}

/// Form of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// For people.
    #[default]
    Text,
    /// One line of JSON.
    Json,
}

/// Flags of `get`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct GetArgs {
    #[command(flatten)]
    /// Whom to ask.
    pub ask: AskArgs,
    /// Form of the answer [default: token]
    #[arg(long, value_name = "FORM", value_enum)]
    pub format: Option<TokenFormat>,
    /// File to write the answer to (0600) instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Form of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TokenFormat {
    /// The bare token
    #[default]
    Token,
    /// An Authorization header
    Header,
    /// A JSON object
    Json,
    /// Export lines for a shell
    Env,
    /// A curl config
    Curl,
}

/// Flags of `bind`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct BindArgs {
    #[command(flatten)]
    /// Whom to ask.
    pub ask: AskArgs,
    /// Directory to create; must not exist yet
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Copy this program to DIR/bin as well
    #[arg(long)]
    pub carry_helper: bool,
    /// For the pipeline step: protocol version; exit 0 always, with errors as a line of the answer
    #[arg(long, value_name = "VERSION")]
    pub for_step: Option<u32>,
}

/// Flags of `exec`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct ExecArgs {
    #[command(flatten)]
    /// Whom to ask.
    pub ask: AskArgs,
    /// Do not mask the token in the command's output; the command replaces this process
    #[arg(long)]
    pub no_masking: bool,
    /// Leave client id and secret in the command's environment
    #[arg(long)]
    pub keep_credentials: bool,
    /// Command to run
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// Flags of `doctor`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct DoctorArgs {
    #[command(flatten)]
    /// Who asks whom.
    pub client: ClientArgs,
    /// Life that tokens must have, such as 20m [env: GENESYS_TOKEN_MIN_TTL]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub min_ttl: Option<Duration>,
    /// Ask every Genesys login host whether it knows this client
    #[arg(long)]
    pub find_region: bool,
    /// Form of the findings
    #[arg(long, value_name = "FORM", value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    /// Protocol version of the pipeline step that is to fit
    #[arg(long, value_name = "VERSION")]
    pub for_step: Option<u32>,
    /// For the doctor itself: whether another process gets this lock
    #[arg(long, value_name = "FILE", hide = true)]
    pub try_lock: Option<PathBuf>,
}

/// Flags of `status`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct StatusArgs {
    /// Cache directory [env: GENESYS_TOKEN_CACHE_DIR]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Form of the list
    #[arg(long, value_name = "FORM", value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    #[command(flatten)]
    /// How much to say.
    pub log: LogArgs,
}

/// Flags of `invalidate`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct InvalidateArgs {
    #[command(flatten)]
    /// Whose token.
    pub client: ClientArgs,
    /// Only if it is still the token on stdin, as for a stage that got a 401 with it
    #[arg(long)]
    pub token_stdin: bool,
}

/// Flags of `revoke`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct RevokeArgs {
    #[command(flatten)]
    /// Whose token.
    pub client: ClientArgs,
}

/// Flags of `clear`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct ClearArgs {
    /// Cache directory [env: GENESYS_TOKEN_CACHE_DIR]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    #[command(flatten)]
    /// How much to say.
    pub log: LogArgs,
}

/// Flags of `regions`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct RegionsArgs {
    /// Form of the list
    #[arg(long, value_name = "FORM", value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
}

/// Form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// For scripts
    Json,
}

/// Flags of `completions`.
#[derive(Args, Debug)]
#[group(skip)]
pub struct CompletionsArgs {
    /// Shell to complete for
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

/// What the program is called.
pub const NAME: &str = "genesys-token";

/// A verb, what it does, and how its flags are built.
type Definition = (&'static str, &'static str, fn(Command) -> Command);

const VERBS: [Definition; 11] = [
    ("get", "Print a valid token", |verb| with::<GetArgs>(verb)),
    ("bind", "Write a token into a new private directory for a pipeline block", |verb| {
        with::<BindArgs>(verb)
    }),
    ("exec", "Run a command with a token, masked in its output", |verb| with::<ExecArgs>(verb)),
    ("doctor", "Check everything between here and a working token", |verb| with::<DoctorArgs>(verb)),
    ("status", "Show what is cached, without secret or network", |verb| with::<StatusArgs>(verb)),
    ("invalidate", "Drop the cached token", |verb| with::<InvalidateArgs>(verb)),
    ("revoke", "End the cached token at the server, and drop it", |verb| with::<RevokeArgs>(verb)),
    ("clear", "Empty the cache", |verb| with::<ClearArgs>(verb)),
    ("regions", "List Genesys Cloud's regions", |verb| with::<RegionsArgs>(verb)),
    ("completions", "Print completions for a shell", |verb| with::<CompletionsArgs>(verb)),
    ("man", "Print the man page", |command| command),
];

/// `verb` with its flags, and with its own words: the flags bring theirs along, which are for readers of this file.
fn with<A: Args>(verb: Command) -> Command {
    let about = verb.get_about().cloned().unwrap_or_default();
    A::augment_args(verb).about(about)
}

/// The whole program, each verb's flags built when they are needed.
pub fn command() -> Command {
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .about("Hands out Genesys Cloud OAuth access tokens from a sealed, file-locked cache")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(VERBS.iter().map(|(name, about, flags)| Command::new(*name).about(*about).defer(*flags)))
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// What clap has to say: a usage error, or the help or version that was asked for.
pub fn parse(args: &[OsString]) -> Result<Verb, clap::Error> {
    let chosen = args.get(1).and_then(|first| VERBS.iter().find(|(name, ..)| first == name));
    let Some((name, about, flags)) = chosen else {
        let unspoken = |_| unreachable!("there are no flags before a verb, and it is none of ours");
        return command().try_get_matches_from(args).map(unspoken);
    };
    // A program of its own: the other verbs, and the program around them, need not be built.
    let verb = Command::new(*name).bin_name([NAME, " ", name].concat()).about(*about);
    // Never dropped: the process lives for milliseconds, and taking the definitions apart costs more than it gives.
    let mut definitions = ManuallyDrop::new(flags(verb));
    let mut flags = ManuallyDrop::new(definitions.try_get_matches_from_mut(&args[1..])?);
    match *name {
        "get" => GetArgs::from_arg_matches_mut(&mut flags).map(Verb::Get),
        "bind" => BindArgs::from_arg_matches_mut(&mut flags).map(Verb::Bind),
        "exec" => ExecArgs::from_arg_matches_mut(&mut flags).map(Verb::Exec),
        "doctor" => DoctorArgs::from_arg_matches_mut(&mut flags).map(Verb::Doctor),
        "status" => StatusArgs::from_arg_matches_mut(&mut flags).map(Verb::Status),
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
    fn verify_takes_an_age_only_with_an_equals_sign() {
        let verify = |args: &[&str]| {
            let args: Vec<OsString> =
                ["genesys-token", "get"].iter().chain(args).map(OsString::from).collect();
            match parse(&args) {
                Ok(Verb::Get(get)) => get.ask.verify.map(|age| age.as_secs()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(verify(&[]), None);
        assert_eq!(verify(&["--verify"]), Some(0));
        assert_eq!(verify(&["--verify=4m"]), Some(240));
    }
}
