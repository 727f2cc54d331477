//! Genesys Cloud OAuth access tokens for pipelines: one token for many processes.
//!
//! # The model
//!
//! Data flows one way: flags and environment ([`cli`]) → who is asking ([`client`], [`region`], [`scope`]) →
//! [`broker`] → [`cache`] | [`login`] → [`token`] → [`output`]. A module knows only those to its right. Time,
//! randomness, environment and the login server are parameters all the way down.
//!
//! # The promises
//!
//! - One token per login server, client and scopes serves all processes of a user on a machine.
//! - The token on disk is sealed under the client secret, which is never written anywhere.
//! - A login server in trouble stops no pipeline that still has a token.
//! - No secret, token or Basic header in argv, logs, errors or a file that others can read.
//!
//! # Limitations
//!
//! - **Whoever may run commands as the same user can read a token** out of a process that has it.
//! - **On a network file system without locks, one request for all is best effort**; a wrong token is never
//!   handed out.
//! - **Masking knows the token and its usual encodings**; a program that writes it another way is not masked.

pub mod broker;
pub mod cache;
pub mod cli;
pub mod client;
pub mod commands;
pub mod doctor;
pub mod env;
pub mod error;
pub mod exec;
pub mod login;
pub mod mask;
pub mod output;
pub mod random;
pub mod region;
pub mod scope;
pub mod secret;
pub mod settings;
pub mod sys;
pub mod time;
pub mod token;
