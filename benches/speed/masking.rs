//! Masking a command's output against a plain pipe.

use std::process::Command;

use super::measure::{Scene, paired, report, time};

/// A gibibyte, as fast as the kernel gives it, and as text.
const SOURCES: [(&str, &str); 2] = [
    ("zeros", "head -c 1G /dev/zero"),
    ("text", "yes 'the quick brown fox jumps over the lazy dog' | head -c 1G"),
];

pub fn bench(scene: &Scene) {
    for (name, source) in SOURCES {
        let plain = || {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{source} | cat")]);
            command
        };
        let masked = || scene.call(&["exec", "--", "sh", "-c", source]);
        // Throughput, so the times stand the other way round.
        let ratio = paired(5, || time(&mut plain()), || time(&mut masked()));
        report(&format!("masking 1 GiB of {name}: throughput, of a plain pipe"), ratio, ">= 0.5");
    }
}
