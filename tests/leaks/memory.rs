//! The memory of a call that waits for its command.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use crate::harness::{Done, Scene, basic_credentials};

/// How many times `text` is in the writable memory of the process.
fn count_in_memory(process: u32, text: &str) -> usize {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).expect("a running process");
    let mut memory = File::open(format!("/proc/{process}/mem")).expect("a process of our own");
    let mut count = 0;
    for map in maps.lines() {
        let mut fields = map.split(' ');
        let (range, rights) = (fields.next().expect("a range"), fields.next().expect("its rights"));
        if !rights.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').expect("two addresses");
        let address = |digits| u64::from_str_radix(digits, 16).expect("an address");
        let mut bytes = vec![0; usize::try_from(address(end) - address(start)).expect("it fits")];
        memory.seek(SeekFrom::Start(address(start))).expect("a place");
        // Pages that were never touched may be unreadable.
        if memory.read_exact(&mut bytes).is_ok() {
            count += bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
        }
    }
    count
}

#[test]
fn nothing_of_the_basic_header_is_left_in_a_call_that_waits_for_its_command() {
    let scene = Scene::new();
    let call = scene.exec(["sh", "-c", "echo ready; read line; echo $line"]).arg("-q").stdin_pipe();
    let mut child = call.spawn();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("text");
    assert_eq!(line, "ready\n");
    let basic = basic_credentials();
    // The search works: it finds what has to be there, the environment that the call was started with.
    assert!(count_in_memory(child.id(), "GENESYSCLOUD_OAUTHCLIENT_SECRET=") > 0);
    let pieces = [&basic[..24], &basic[basic.len() - 24..]];
    let left = pieces.map(|piece| count_in_memory(child.id(), piece));
    drop(child.stdin.take());
    let done = Done::from(child.wait_with_output().expect("the program ends"));
    assert_eq!((left, done.code), ([0, 0], 0), "{done:?}");
}
