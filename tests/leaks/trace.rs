//! Where a program puts texts, by what the kernel saw of it: `strace` of it and of every process it starts.

use std::collections::HashSet;
use std::path::Path;

/// `strace`, with every text whole and as hexadecimal numbers, so that nothing in it looks like the trace.
pub const STRACE: [&str; 9] = ["strace", "-f", "-q", "-v", "-y", "-xx", "-s", "1000000", CALLS];
/// All system calls that hand a text out: to files and sockets, as a name, or to another program.
const CALLS: &str = "--trace=execve,write,writev,pwrite64,pwritev,sendto,sendmsg,sendmmsg,%file";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// What a program is started with: the program itself, or one of those it starts.
    Argument,
    /// The environment of a program that it starts.
    Environment,
    Stdout,
    Stderr,
    /// A file in the folder for answers.
    Answer,
    /// Any other file, pipe or socket.
    Elsewhere,
    /// The name of a file.
    Name,
}

/// A text, and where the program put it.
pub struct Sighting {
    pub place: Place,
    pub text: Vec<u8>,
}

/// Reads a trace. What the commands do that `program` starts is their own affair: only what they are given counts.
pub fn sightings(trace: &str, program: &Path, answers: &Path) -> Vec<Sighting> {
    let mut found = Vec::new();
    let mut strangers = HashSet::new();
    for (index, line) in trace.lines().enumerate() {
        let (thread, call) = line.split_once(' ').expect("a line begins with its thread");
        let call = call.trim_start();
        if strangers.contains(thread) {
            continue;
        }
        let Some((name, arguments)) = call.split_once('(').filter(|_| !call.starts_with(['<', '+', '-']))
        else {
            continue;
        };
        if name != "execve" {
            let place = place(name, arguments, answers);
            found.extend(texts(arguments).map(|text| Sighting { place, text }));
            continue;
        }
        let (path, rest) = arguments.split_once(", [").expect("a path before the arguments");
        let (argv, environment) = rest.split_once("], [").expect("arguments before the environment");
        found.extend(texts(argv).map(|text| Sighting { place: Place::Argument, text }));
        // Of the first line it is what the test gave.
        if index > 0 {
            found.extend(texts(environment).map(|text| Sighting { place: Place::Environment, text }));
        }
        let is_ours = texts(path).next().is_some_and(|path| path == program.as_os_str().as_encoded_bytes());
        if !is_ours && !arguments.contains(") = -1 ") {
            strangers.insert(thread.to_owned());
        }
    }
    found
}

/// Where a call puts its texts.
fn place(call: &str, arguments: &str, answers: &Path) -> Place {
    if !(call.starts_with("write") || call.starts_with("pwrite") || call.starts_with("send")) {
        return Place::Name;
    }
    let (descriptor, file) = arguments.split_once('<').expect("a descriptor and its file");
    let file = unhex(file.split('>').next().expect("a file's name"));
    match descriptor {
        _ if file.starts_with(answers.as_os_str().as_encoded_bytes()) => Place::Answer,
        "1" => Place::Stdout,
        "2" => Place::Stderr,
        _ => Place::Elsewhere,
    }
}

/// What stands between quotes.
fn texts(arguments: &str) -> impl Iterator<Item = Vec<u8>> {
    arguments.split('"').skip(1).step_by(2).map(unhex)
}

/// Reads `\x2f\x74…`.
fn unhex(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits.map(|digits| u8::from_str_radix(digits, 16).expect("two digits")).collect()
}
