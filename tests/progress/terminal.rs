//! On a terminal what is waited for is one line, which is rewritten.

use std::time::Duration;

use loopback_login_server::{Answer, Behaviour};

use crate::harness::Scene;
use crate::harness::clock::FakeClock;
use crate::limit_requests;
use crate::said::{Said, said};

const LASTS: Duration = Duration::from_secs(12);

/// The lines that a terminal shows after these writes.
fn screen(said: &[Said]) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut column) = (Vec::new(), 0_usize);
    for character in said.iter().flat_map(|said| said.text.chars()) {
        match character {
            '\r' => column = 0,
            '\u{8}' => column -= 1,
            '\n' => {
                lines.push(line.iter().collect::<String>().trim_end().to_owned());
                (line, column) = (Vec::new(), 0);
            }
            _ if column < line.len() => {
                line[column] = character;
                column += 1;
            }
            _ => {
                line.push(character);
                column += 1;
            }
        }
    }
    lines.push(line.iter().collect::<String>().trim_end().to_owned());
    lines
}

#[test]
fn the_line_counts_down_and_makes_room_for_the_one_about_the_token() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, LASTS);
    let said = said(&scene.get(), &clock, true, 0);
    for (second, rewritten) in (2..).zip(&said[..said.len() - 1]) {
        assert_eq!(rewritten.at.as_secs(), second, "{said:?}");
    }
    assert!(said.len() > 8, "{said:?}");
    for shown in 1..said.len() {
        let left = screen(&said[..shown]);
        let line = "genesys-token: waiting for the login server's rate limit, ";
        assert!(left.len() == 1 && left[0].starts_with(line) && left[0].ends_with("s left"), "{left:?}");
    }
    let [line, rest] = &screen(&said)[..] else { panic!("one line stays: {said:?}") };
    assert!(line.starts_with("genesys-token: fetched ") && rest.is_empty(), "{said:?}");
}

#[test]
fn the_line_makes_room_for_an_error_and_for_silence() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, LASTS);
    let page = "<html></html>".to_owned();
    scene.server.set(Behaviour::answering(Answer::Status(404, page, "text/html".to_owned())));
    let said = said(&scene.get(), &clock, true, 6);
    let lines = screen(&said);
    assert!(lines[0].starts_with("genesys-token: error: "), "{lines:?}");
    assert!(said.iter().any(|said| said.text.contains("waiting for ")), "{said:?}");
}

#[test]
fn a_verbose_call_keeps_its_other_lines() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, LASTS);
    let said = said(&scene.get().arg("-v"), &clock, true, 0);
    let lines = screen(&said);
    assert!(lines[0].starts_with("genesys-token: attempt 1 brought a token in "), "{lines:?}");
    assert!(lines[1].starts_with("genesys-token: fetched "), "{lines:?}");
}
