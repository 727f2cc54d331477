//! Where a program sends texts, as the kernel sees it: `strace` of the program and of every process that it starts.

use std::collections::HashSet;
use std::path::Path;

/// `strace`, with every text whole and in hexadecimal digits, so that no text looks like a part of the trace.
pub(crate) const STRACE: [&str; 9] = ["strace", "-f", "-q", "-v", "-y", "-xx", "-s", "1000000", CALLS];
/// All system calls that send a text out: to files and sockets, as a file's name, or to another program.
const CALLS: &str = "--trace=execve,write,writev,pwrite64,pwritev,sendto,sendmsg,sendmmsg,%file";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// An argument of the program itself, or of one that it starts.
    Argument,
    /// The environment of a program that it starts.
    Environment,
    Stdout,
    Stderr,
    /// A file in the directory for answers.
    Answer,
    /// Any other file, pipe or socket.
    Elsewhere,
    /// The name of a file.
    FileName,
}

/// A text, and where the program sent it.
pub(crate) struct Sighting {
    pub(crate) destination: Destination,
    pub(crate) text: Vec<u8>,
}

/// Parses a trace. What the commands that `program` starts do is not ours: only what they get counts.
pub(crate) fn sightings(trace: &str, program: &Path, answers: &Path) -> Vec<Sighting> {
    let mut found = Vec::new();
    let mut foreign_threads = HashSet::new();
    for (index, line) in trace.lines().enumerate() {
        let (thread, call) = line.split_once(' ').expect("a line begins with its thread");
        let call = call.trim_start();
        if foreign_threads.contains(thread) {
            continue;
        }
        let Some((name, arguments)) = call.split_once('(').filter(|_| !call.starts_with(['<', '+', '-']))
        else {
            continue;
        };
        if name == "execve" {
            // The environment of the first program is the test's own.
            found.extend(execution(arguments, index > 0));
            if starts_another(arguments, program) {
                foreign_threads.insert(thread.to_owned());
            }
        } else {
            let destination = destination(name, arguments, answers);
            found.extend(texts(arguments).map(|text| Sighting { destination, text }));
        }
    }
    found
}

/// What the program that an `execve` starts gets.
fn execution(arguments: &str, with_environment: bool) -> Vec<Sighting> {
    let (_, rest) = arguments.split_once(", [").expect("a path before the arguments");
    let (argv, environment) = rest.split_once("], [").expect("arguments before the environment");
    let sighting = |destination| move |text| Sighting { destination, text };
    let argv = texts(argv).map(sighting(Destination::Argument));
    let environment = texts(environment).map(sighting(Destination::Environment));
    argv.chain(environment.filter(|_| with_environment)).collect()
}

/// Whether an `execve` starts a program other than this one.
fn starts_another(arguments: &str, program: &Path) -> bool {
    let is_this = texts(arguments).next().is_some_and(|path| path == program.as_os_str().as_encoded_bytes());
    !is_this && !arguments.contains(") = -1 ")
}

/// Where a system call sends its texts.
fn destination(call: &str, arguments: &str, answers: &Path) -> Destination {
    if !(call.starts_with("write") || call.starts_with("pwrite") || call.starts_with("send")) {
        return Destination::FileName;
    }
    let (descriptor, file) = arguments.split_once('<').expect("a descriptor and its file");
    let file = unhex(file.split('>').next().expect("a file's name"));
    match descriptor {
        _ if file.starts_with(answers.as_os_str().as_encoded_bytes()) => Destination::Answer,
        "1" => Destination::Stdout,
        "2" => Destination::Stderr,
        _ => Destination::Elsewhere,
    }
}

/// The texts between quotes.
fn texts(arguments: &str) -> impl Iterator<Item = Vec<u8>> {
    arguments.split('"').skip(1).step_by(2).map(unhex)
}

/// Decodes `\x2f\x74…`.
fn unhex(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits.map(|digits| u8::from_str_radix(digits, 16).expect("two digits")).collect()
}
