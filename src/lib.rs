//! Genesys Cloud OAuth access tokens for pipelines: one token for many processes.
//!
//! The program is all there is to use. **This library is its implementation**, public for its tests, benches and
//! fuzzers; it follows no semantic versioning.
//!
//! # The model
//!
//! Flags and environment become the settings of one call. The broker looks into the client's cache and provides its
//! token, or takes that of another machine, or has one process request another from the login server. The answer goes to stdout, into
//! files, or into a command's environment. Everything outside of the program is injected: time, randomness,
//! environment, streams, network and store are parameters from `main` down, so that tests need no sleep and no luck.
//!
//! # The layers
//!
//! A module uses modules of lower layers only, never its own layer's or a higher one's. `tests/layers.rs` holds this
//! table against the sources.
//!
//! | layer | modules | what they are |
//! |---|---|---|
//! | 10 | `commands` | one file per verb |
//! | 9 | `doctor` | the checks from the credential to a working token |
//! | 8 | `settings` | flags and environment, resolved: one type per verb |
//! | 7 | `cli`, `bound` | the flags; the private directory of a pipeline block |
//! | 6 | `output` | answers, the lines on stderr, errors, redaction |
//! | 5 | `broker` | when to reuse, refresh, wait, share a failure |
//! | 4 | `cache`, `login` | sealed records; requests to the login server and the API host |
//! | 3 | `store`, `exec`, `sanitize`, `world`, `log` | names to bytes, with locks; running a command; foreign text; what is injected; what a call says while it works |
//! | 2 | `client`, `token`, `scope`, `lane`, `region`, `environment`, `duration`, `mask`, `platform` | the values of a call; masking; operating systems |
//! | 1 | `base_url`, `error`, `hex`, `organization`, `random`, `secret`, `time` | what needs nothing else |
//!
//! # Glossary
//!
//! - **client**: an OAuth client, by its id and secret (RFC 6749 section 2). *Caller*: the process that runs the program.
//! - **token**: an access token by the client-credentials grant (RFC 6749 section 4.4); *lifetime*: its `expires_in`.
//! - **advisory, mandatory refresh window**: the time before a token's end in which one process should, or every process
//!   must, get another one. *Stale-if-error* (RFC 5861): how late the old one still serves when that fails.
//! - **cache key**: login server, client id and scopes, with a **lane** for a token of its own; its **entry** has a sealed
//!   token. The **failure record** and the lock are those of the key without its lane.
//! - **store**: where entries are, such as a directory; **lease**: its lock on an entry, while one process holds it.
//! - **build**: what the agents of a Jenkins build hand on; **fleet**: the machines with a **shared cache**, which lies in a
//!   shared store. **Common clock**: one that all of them can read, the controller's or the store's.
//! - **provide**: give a token to a caller, whatever its source; **refresh reason**: why it had to be fetched.
//! - **failure class**: what a failed request means for the next one: refused, blocked, rate-limited, transient.
//! - **endpoint**: login server, API server and region of a client; **transport**: its CA file and proxy.
//! - **bound**: written by `bind` into the private directory of a pipeline block, whose commands have no credential.
//! - **event**: what a call tells its **log** while it works: a wait, the end of an **attempt** (a request for a token), a
//!   **decision** with its reason.
//! - **mask** what a command prints, **redact** our own messages, **sanitize** foreign text.
//!
//! # The promises
//!
//! - One token per login server, client and scopes serves all processes of a user on a machine, and with a shared cache
//!   all machines.
//! - The token on disk is sealed under the client secret, which is never written anywhere.
//! - A login server in trouble stops no pipeline that still has a token.
//! - No secret, token or Basic header is in argv, logs, errors or a file that others can read.
//!
//! # Limitations
//!
//! - **A process of the same user can read a token** out of a process that has it.
//! - **On a network file system without locks, one request for all is best effort**; a wrong token is never provided.
//! - **Masking knows the token, its usual encodings, and pieces of 16 characters of these**; a program that prints it
//!   another way is not masked.

pub mod base_url;
mod bound;
pub mod broker;
pub mod cache;
pub mod cli;
pub mod client;
pub mod commands;
pub mod doctor;
pub mod duration;
pub mod environment;
pub mod error;
mod exec;
mod hex;
pub mod lane;
pub mod log;
pub mod login;
pub mod mask;
pub mod organization;
pub mod output;
pub mod platform;
pub mod random;
pub mod region;
mod sanitize;
pub mod scope;
pub mod secret;
mod settings;
pub mod store;
pub mod time;
pub mod token;
pub mod world;
