//! `exec` around real commands: environment, masking, streams, exit codes.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use genesys_token::error::Category;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use super::script;
use crate::harness::{Call, Done, PROGRAM, Scene};

/// `exec -- sh -c SCRIPT`, without the line on stderr.
fn shell(scene: &Scene, script: &str) -> Call {
    scene.exec(["sh", "-c", script]).arg("-q")
}

#[test]
fn the_command_gets_the_token_and_not_the_credential() {
    let scene = Scene::new();
    let token = scene.get().fetched("no entry").success().token().to_owned();
    let done = scene.exec(["env"]).args(["-q", "--no-masking"]).any_stdout().success();
    let variables: BTreeSet<&str> = done.stdout.lines().collect();
    for (name, value) in [
        ("GENESYSCLOUD_ACCESS_TOKEN", token),
        ("GENESYSCLOUD_REGION", "us-east-1".to_owned()),
        ("GENESYSCLOUD_API_REGION", scene.server.api_url()),
    ] {
        assert!(variables.contains(format!("{name}={value}").as_str()), "{name}: {variables:?}");
    }
    let has_end = variables.iter().any(|line| line.starts_with("GENESYS_TOKEN_EXPIRES_AT=20"));
    assert!(has_end, "{variables:?}");
    assert!(!done.stdout.contains("OAUTHCLIENT") && !done.stdout.contains(CLIENT_SECRET), "{variables:?}");
}

#[test]
fn the_secret_of_a_kept_credential_is_masked_in_the_output() {
    let scene = Scene::new();
    let words = r#"echo "$GENESYSCLOUD_OAUTHCLIENT_ID $GENESYSCLOUD_OAUTHCLIENT_SECRET""#;
    let call = scene.exec(["sh", "-c", words]).arg("--keep-credentials");
    call.stdout_exactly(format!("{CLIENT_ID} ****\n")).fetched("no entry").success();
}

#[test]
fn a_kept_secret_with_a_trailing_newline_is_masked_without_it() {
    let scene = Scene::new();
    let words = r#"printf '%s' "$GENESYSCLOUD_OAUTHCLIENT_SECRET""#;
    scene
        .exec(["sh", "-c", words])
        .arg("--keep-credentials")
        .credential(CLIENT_ID, &format!("{CLIENT_SECRET}\n"))
        .stdout_exactly("****\n")
        .fetched("no entry")
        .warns("trailing newline removed from the client secret in GENESYSCLOUD_OAUTHCLIENT_SECRET")
        .success();
}

#[test]
fn a_call_inside_the_command_never_gets_the_token_of_a_block_around_it() {
    let scene = Scene::new();
    let outer = scene.path("outer");
    fs::write(&outer, "outer-token\n").expect("a file");
    let script = format!("{PROGRAM} get; env | grep -e _FILE= -e _CONFIG= || echo none");
    scene
        .exec(["sh", "-c", &script])
        .env("GENESYS_TOKEN_FILE", &outer)
        .env("GENESYS_HEADERS_FILE", &outer)
        .env("GENESYS_CURL_CONFIG", &outer)
        .stdout("****\nnone\n")
        .stderr(
            "genesys-token: fetched token of client 1111…5555 at HOST, * left (no entry)\n\
             genesys-token: reused the bound token, * left\n",
        )
        .success();
}

#[test]
fn the_token_is_masked_on_both_streams_whole_and_in_two_writes() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let words = "echo raw $GENESYSCLOUD_ACCESS_TOKEN; echo err $GENESYSCLOUD_ACCESS_TOKEN >&2;
         half=$(printf %.40s $GENESYSCLOUD_ACCESS_TOKEN); printf %s $half;
         printf '%s end' ${GENESYSCLOUD_ACCESS_TOKEN#$half}";
    let done = shell(&scene, words).stdout_exactly("raw ****\n**** end").stderr("err *\n").success();
    assert_eq!(done.stderr, "err ****\n");
}

#[test]
fn the_token_is_masked_in_base64_at_every_alignment() {
    let scene = Scene::new();
    let token = scene.get().fetched("no entry").success().token().to_owned();
    let words = "for before in '' x xx; do
         printf %s \"$before$GENESYSCLOUD_ACCESS_TOKEN\" | base64 -w0; echo; done";
    let done = shell(&scene, words).stdout("*\n*\n*\n").success();
    // The first and the last characters depend on what surrounds the token, and stay.
    for (line, before) in done.stdout.lines().zip(["", "x", "xx"]) {
        let rest = line.replacen("****", "", 1);
        assert!(rest.len() + 4 == line.len() && rest.len() <= 6, "{line}");
        let encoded = BASE64_STANDARD.encode(format!("{before}{token}"));
        assert!(!line.contains(&encoded[4..encoded.len() - 4]), "{line}");
    }
}

/// What `script` prints, in which no run of the token is, and none of the token's base64 at any alignment.
#[track_caller]
fn shows_no_run(script: &str) -> String {
    let scene = Scene::new();
    let token = scene.get().fetched("no entry").success().token().to_owned();
    let encoded = ["", "x", "xx"].map(|before| BASE64_STANDARD.encode(format!("{before}{token}")));
    let call = shell(&scene, script).env("URL", scene.server.api_url());
    let done = call.any_stdout().success();
    // The first and the last characters of a base64 text depend on what surrounds the token.
    let encoded = encoded.iter().map(|encoded| &encoded[4..encoded.len() - 4]);
    for form in encoded.chain([token.as_str()]) {
        let runs = (0..=form.len() - 16).map(|at| &form[at..at + 16]);
        let shown: Vec<&str> = runs.filter(|run| done.stdout.contains(run)).collect();
        assert!(shown.is_empty(), "{} runs, such as {}", shown.len(), shown[0]);
    }
    done.stdout
}

#[test]
fn of_a_token_that_fold_breaks_no_run_is_shown_at_any_width_and_offset() {
    let shown = shows_no_run(
        "for width in 16 20 64 80; do
           before=
           while [ ${#before} -lt $width ]; do
             echo \"$before$GENESYSCLOUD_ACCESS_TOKEN.\" | fold -w $width
             before=\"$before=\"
           done
         done",
    );
    assert!(shown.matches("****").count() >= 16 + 20 + 64 + 80);
}

#[test]
fn of_a_token_in_base64_no_run_is_shown_at_any_width_and_offset() {
    let shown = shows_no_run(
        "for width in 16 64 76; do
           before=
           while [ ${#before} -lt $width ]; do
             printf %s \"$before$GENESYSCLOUD_ACCESS_TOKEN.\" | base64 -w $width
             before=\"${before}x\"
           done
         done",
    );
    assert!(shown.matches("****").count() >= 16 + 64 + 76);
}

#[test]
fn of_a_token_in_a_dump_the_text_shows_no_run_at_any_offset() {
    let shown = shows_no_run(
        "before=
         while [ ${#before} -lt 16 ]; do
           printf %s \"$before$GENESYSCLOUD_ACCESS_TOKEN.\" | hexdump -C
           before=\"$before=\"
         done",
    );
    assert!(shown.matches("|****|").count() >= 16 * 4);
}

#[test]
fn of_a_token_in_a_trace_of_curl_no_run_is_shown_at_any_offset() {
    // Lines of 64 characters, and rows of 16.
    for (flag, width, least) in [("--trace-ascii", 64, 1), ("--trace", 16, 4)] {
        let shown = shows_no_run(&format!(
            "before=
             while [ ${{#before}} -lt {width} ]; do
               curl -sS -o /dev/null {flag} - -H \"X: $before$GENESYSCLOUD_ACCESS_TOKEN\" \"$URL/\"
               before=\"$before=\"
             done"
        ));
        assert!(shown.matches("****").count() >= width * least);
    }
}

#[test]
fn of_a_token_that_wget_debugs_no_run_is_shown() {
    let header = r#""Authorization: Bearer $GENESYSCLOUD_ACCESS_TOKEN""#;
    let shown = shows_no_run(&format!("wget -d -t 1 -O /dev/null --header {header} \"$URL/\" 2>&1 || true"));
    assert!(shown.contains("Authorization: Bearer ****\n"), "{shown}");
}

#[test]
fn hundreds_of_megabytes_of_base64_that_are_no_token_pass_unchanged() {
    const MEGABYTES: usize = 300;
    let scene = Scene::new();
    // Of a prime length, so that it is cut elsewhere each time.
    let mut state = 1_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let bytes: Vec<u8> = (0..131_072).flat_map(|_| next().to_le_bytes()).collect();
    let text = BASE64_STANDARD.encode(bytes)[..1_398_101].to_owned().into_bytes();
    let repeats = MEGABYTES * 1_000_000 / text.len();
    let mut child = scene.exec(["cat"]).arg("-q").stdin_pipe().spawn();
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = text.clone();
    let writer = std::thread::spawn(move || (0..repeats).try_for_each(|_| stdin.write_all(&input)));
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut output = vec![0; text.len()];
    for turn in 0..repeats {
        stdout.read_exact(&mut output).expect("as much as was written");
        assert!(output == text, "turn {turn} of {repeats}");
    }
    assert_eq!(stdout.read(&mut output).expect("the end"), 0);
    writer.join().expect("no panic").expect("the command reads");
    assert!(child.wait().expect("the program ends").success());
}

#[test]
fn a_prompt_that_ends_in_any_letter_appears_before_the_answer() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    // A prompt that comes only with the command's end is seen too late to be answered: the command gives up.
    let ask = "printf %s \"$0\"; answer=$(timeout 20 head -n 1) && echo \" $answer\"";
    let started: Vec<_> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-_+/=").collect();
    for some in started.chunks(20) {
        let children = some.iter().map(|&letter| {
            let prompt = format!("go on? {}", char::from(letter));
            let call = scene.exec(["sh", "-c", ask, &prompt]).arg("-q").stdout(format!("{prompt} yes\n"));
            (call.clone(), prompt, call.stdin_pipe().spawn())
        });
        for (call, prompt, mut child) in children.collect::<Vec<_>>() {
            let mut shown = vec![0; prompt.len()];
            child.stdout.as_mut().expect("a pipe").read_exact(&mut shown).expect("the prompt");
            // It may have given up.
            let _ = child.stdin.as_mut().expect("a pipe").write_all(b"yes\n");
            let mut done = Done::from(child.wait_with_output().expect("the program ends"));
            done.stdout.insert_str(0, &String::from_utf8_lossy(&shown));
            call.check(&done, 0);
        }
    }
}

#[test]
fn a_prompt_without_a_newline_appears_at_once() {
    let scene = Scene::new();
    let call = shell(&scene, "printf 'go on? '; read answer; echo $answer").stdout("yes\n").stdin_pipe();
    let mut child = call.clone().spawn();
    let mut prompt = [0; 7];
    child.stdout.as_mut().expect("a pipe").read_exact(&mut prompt).expect("the prompt");
    assert_eq!(&prompt, b"go on? ");
    child.stdin.as_mut().expect("a pipe").write_all(b"yes\n").expect("the command reads");
    call.check(&Done::from(child.wait_with_output().expect("the program ends")), 0);
}

#[test]
fn a_megabyte_of_every_byte_value_passes_unchanged() {
    let scene = Scene::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let mut child = scene.exec(["cat"]).arg("-q").stdin_pipe().spawn();
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = bytes.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("no panic").expect("the command reads");
    assert!(output.stdout == bytes, "{} bytes", output.stdout.len());
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", output.stderr);
}

#[test]
fn stdout_and_stderr_into_one_file_keep_their_order() {
    let inner = "i=0; while [ $i -lt 200 ]; do echo $i; echo $i >&2; i=$((i+1)); done";
    let expected: Vec<String> = (0..200).map(|number| format!("{number}\n{number}\n")).collect();
    let whole = format!(r#"exec "$GENESYS_TOKEN" exec -q -- sh -c '{inner}' 2>&1"#);
    script(&Scene::new(), &whole).stdout(expected.concat()).success();
}

#[test]
fn the_commands_exit_code_and_signal_become_the_programs_exit_code() {
    let scene = Scene::new();
    shell(&scene, "exit 42").exit(42);
    shell(&scene, "kill -TERM $$").exit(128 + 15);
}

#[test]
fn a_command_that_can_not_be_started_has_a_shells_exit_code() {
    let scene = Scene::new();
    let missing = "genesys-token: error: cannot run `no-such-command-here`: no such command on PATH\n  \
                   fix: check the spelling and PATH; exec runs programs, not shell built-ins\n";
    let call = scene.exec(["no-such-command-here"]).arg("-q").stderr(missing);
    call.clone().exit(127);
    call.arg("--no-masking").exit(127);
    let not_executable = "genesys-token: error: cannot run `/etc/passwd`: permission denied\n  \
                          fix: make the file executable: chmod +x\n";
    scene.exec(["/etc/passwd"]).arg("-q").stderr(not_executable).exit(126);
}

#[test]
fn a_rejected_credential_never_starts_the_command() {
    let scene = Scene::new();
    let call = scene.exec(["sh", "-c", "echo started"]).credential(CLIENT_ID, &"w".repeat(43));
    call.stderr("genesys-token: error: * refused client 1111…5555: invalid_client\n  …\n").exit(4);
}

#[test]
fn a_secret_from_stdin_is_a_usage_error_since_stdin_belongs_to_the_command() {
    let scene = Scene::new();
    let call = scene.exec(["cat"]).args(["--client-secret-file", "-"]).stdin("secret");
    let error = call.refused(Category::Usage);
    assert_eq!(error.message, "--client-secret-file - reads stdin, which belongs to the command");
}

#[test]
fn a_grandchild_that_keeps_the_output_open_does_not_keep_the_call_waiting() {
    let before = Instant::now();
    shell(&Scene::new(), "sleep 600 & echo done").stdout("done\n").success();
    // No measure of speed: a call that waited for the grandchild would take ten minutes.
    assert!(before.elapsed() < Duration::from_mins(5));
}
