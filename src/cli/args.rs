//! The flags of every verb. Their doc comments are the help.

#![allow(clippy::doc_markdown, reason = "the help would show backticks")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};

use crate::duration::parse_duration;
use crate::output::{ErrorFormats, LineFormat, ListFormat, TokenFormat};

/// A verb with its flags.
#[derive(Debug)]
pub(crate) enum Verb {
    Get(GetArgs),
    Bind(BindArgs),
    Exec(ExecArgs),
    Doctor(DoctorArgs),
    Status(StatusArgs),
    Whoami(WhoamiArgs),
    Invalidate(InvalidateArgs),
    Revoke(RevokeArgs),
    Clear(ClearArgs),
    Regions(RegionsArgs),
    Completions(CompletionsArgs),
    Man,
}

/// The client, its servers, and the way to them.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub(crate) struct ClientArgs {
    /// Client id of the OAuth client
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// File with the client secret, '-' for stdin
    #[arg(long, value_name = "PATH")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Region: AWS name, domain, host or URL [default: us-east-1]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Login server, instead of the region's
    #[arg(long, value_name = "URL")]
    pub(crate) login_url: Option<String>,
    /// API server, instead of the region's
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,
    /// Scope to request; normally absent, since roles decide
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// Token of its own under this name, since the API limits requests per token
    #[arg(long, value_name = "NAME")]
    pub(crate) lane: Option<String>,
    /// Cache directory
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Redis or Valkey that machines share, such as rediss://HOST:PORT; its password goes into a variable
    #[arg(long, value_name = "URL")]
    pub(crate) shared_cache: Option<String>,
    /// Deadline of the whole call, locks and retries included [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Certificates to trust instead of the system's
    #[arg(long, value_name = "PATH")]
    pub(crate) ca_cert: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// The client, and what its token must satisfy.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(crate) client: ClientArgs,
    /// Neither read nor write the cache
    #[arg(long, num_args = 0, default_missing_value = "true", conflicts_with = "cache_dir")]
    pub(crate) no_cache: Option<bool>,
    /// Time the token must have left, such as 20m
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) min_ttl: Option<Duration>,
    /// Fetch a new token even if the cached one is fresh
    #[arg(long, num_args = 0, default_missing_value = "true")]
    pub(crate) force_refresh: Option<bool>,
    /// Check at the API host that a cached token (older than AGE) is alive: one request
    #[arg(long, value_name = "AGE", num_args = 0..=1, require_equals = true, default_missing_value = "0",
          value_parser = parse_duration)]
    pub(crate) verify: Option<Duration>,
    /// Refuse a token of another organisation than this: name or id; one request per token
    #[arg(long, value_name = "ORG")]
    pub(crate) expect_org: Option<String>,
}

/// How much to say on stderr, and in which format.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub(crate) struct LogArgs {
    /// Say how each request ended; twice for every decision
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, num_args = 0, default_missing_value = "true")]
    pub(crate) quiet: Option<bool>,
    /// Format of errors on stderr [default: text]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) error_format: Option<LineFormat>,
    /// Format of every line on stderr [default: text]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) log_format: Option<LineFormat>,
}

impl LogArgs {
    /// The formats of an error.
    pub(crate) fn error_formats(&self) -> ErrorFormats {
        ErrorFormats {
            log: self.log_format.unwrap_or_default(),
            error: self.error_format.unwrap_or_default(),
        }
    }
}

/// Flags of `get`.
#[derive(Args, Debug, Default)]
#[group(skip)]
pub(crate) struct GetArgs {
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Format of the answer [default: token]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<TokenFormat>,
    /// File to write the answer to (0600) instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Flags of `bind`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct BindArgs {
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Directory to create; must not exist yet
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Copy this program to DIR/bin as well
    #[arg(long)]
    pub(crate) carry_helper: bool,
    /// For the pipeline step: its protocol version; always exit 0, with an error as a line of the answer
    #[arg(long, value_name = "VERSION")]
    pub(crate) for_step: Option<u32>,
}

/// Flags of `exec`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Do not mask the token in the command's output; the command replaces this process
    #[arg(long)]
    pub(crate) no_masking: bool,
    /// Leave client id and secret in the command's environment
    #[arg(long)]
    pub(crate) keep_credentials: bool,
    /// Command to run
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// Flags of `doctor`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) client: ClientArgs,
    /// Time that tokens must live, such as 20m
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) min_ttl: Option<Duration>,
    /// Ask every Genesys login host whether it knows this client
    #[arg(long)]
    pub(crate) find_region: bool,
    /// Format of the findings
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
    /// Protocol version of the pipeline step that calls
    #[arg(long, value_name = "VERSION")]
    pub(crate) for_step: Option<u32>,
    /// For the doctor itself: try to get the lock on this file
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) try_lock: Option<PathBuf>,
}

/// Flags of `status`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct StatusArgs {
    /// Cache directory
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Format of the list
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Flags of `whoami`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Format of the answer
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
}

/// Flags of `invalidate`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct InvalidateArgs {
    #[command(flatten)]
    pub(crate) client: ClientArgs,
    /// Only if it is still the token on stdin, for a stage that got a 401 with it
    #[arg(long)]
    pub(crate) token_stdin: bool,
}

/// Flags of `revoke`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// Flags of `clear`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct ClearArgs {
    /// Cache directory
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Flags of `regions`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct RegionsArgs {
    /// Format of the list
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
}

/// Flags of `completions`.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete for
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
