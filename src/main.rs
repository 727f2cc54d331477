//! Arguments to exit code, nothing else.

use std::process::ExitCode;

use genesys_token::commands::{self, World};
use genesys_token::env::Env;
use genesys_token::exec;
use genesys_token::output::discreet::Discreet;
use genesys_token::random::SystemRandom;
use genesys_token::time::SystemClock;

fn main() -> ExitCode {
    let core_limit = exec::disable_core_dumps();
    exec::outlive_file_size_limit();
    let variable = |name: &str| std::env::var_os(name);
    let env = Env::new(&variable);
    let mut stderr = std::io::stderr();
    let mut world = World {
        stdin: &mut std::io::stdin(),
        stdout: &mut std::io::stdout(),
        stderr: &mut Discreet::new(&mut stderr, &env),
        env,
        clock: &SystemClock::start(),
        random: &SystemRandom::default(),
        core_limit,
    };
    ExitCode::from(commands::run(std::env::args_os(), &mut world))
}
