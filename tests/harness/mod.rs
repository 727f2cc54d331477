//! Calls of the compiled program as a child process, in an environment of its own.
//!
//! A test says what a call prints; anything else on stdout or stderr fails it:
//!
//! ```ignore
//! let scene = Scene::new();
//! scene.get().fetched("no entry").success();
//! scene.get().args(["--format", "header"]).stdout("Authorization: Bearer *\n").reused().success();
//! genesys_token().get().credential("an-id", "").stderr("genesys-token: error: *\n  …\n").exit(3);
//! ```

#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test file uses its part of the harness")]

mod call;
pub mod canaries;
pub mod clock;
mod done;
pub mod entry;
mod expected;
pub mod faketime;
pub mod fleet;
pub mod in_process;
pub mod mounted;
pub mod page;
pub mod redis_server;
mod scene;
pub mod simulation;
mod skipped;

pub use call::{Call, PROGRAM, Program, genesys_token, together, together_exit};
pub use done::{Done, basic_credentials};
pub use expected::Expected;
pub use scene::{Scene, temporary_dir};
pub use skipped::skipped;
