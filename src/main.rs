//! Arguments to exit code, nothing else.

use std::process;

use genesys_token::commands;
use genesys_token::environment::Environment;
use genesys_token::output::RedactingWriter;
use genesys_token::platform::{CoreLimit, ProcessLimits as _};
use genesys_token::random::SystemRandom;
use genesys_token::time::SystemClock;
use genesys_token::world::{ThisMachine, World, variable_names};

#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: genesys_token::platform::WipingAllocator = genesys_token::platform::WipingAllocator;

fn main() {
    let core_limit = CoreLimit::disable_core_dumps();
    CoreLimit::survive_file_size_limit();
    let variable = |name: &str| std::env::var_os(name);
    let environment = Environment::new(&variable).with_names(&variable_names);
    let mut stderr = std::io::stderr();
    let mut world = World {
        environment,
        machine: &ThisMachine,
        stdin: &mut std::io::stdin(),
        stdout: &mut std::io::stdout(),
        stderr: &mut RedactingWriter::new(&mut stderr, environment),
        clock: &SystemClock::start(),
        random: &SystemRandom::default(),
        core_limit,
    };
    // A command's exit code has 32 bits on Windows.
    process::exit(commands::run(std::env::args_os(), &mut world));
}
