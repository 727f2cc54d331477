//! The blocks of docs/fleet.md about a shared cache, with a real server.

use std::fs;

use loopback_login_server::{Certificate, PemFiles};

use crate::harness::redis_server::RedisServer;
use crate::pages::{Block, blocks};
use crate::scene::{Scene, substituted};

/// The indented lines behind `name: |` of a manifest.
fn file_of(manifest: &str, name: &str) -> String {
    let (_, rest) = manifest.split_once(&format!("  {name}: |\n")).unwrap_or_else(|| panic!("no {name}"));
    let lines = rest.lines().map_while(|line| line.strip_prefix("    "));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The server that the manifest makes, with its files in `scene`.
fn server(manifest: &Block, scene: &Scene) -> (RedisServer, PemFiles) {
    let pem = Certificate::Good.write_pem(scene.dir());
    let rights = scene.path("users.acl");
    fs::write(&rights, file_of(&manifest.text, "users.acl")).expect("a file");
    let config = [
        ("tls-port 6379", "tls-port PORT".to_owned()),
        ("/tls/tls.crt", pem.certificate.display().to_string()),
        ("/tls/tls.key", pem.private_key.display().to_string()),
        ("/config/users.acl", rights.display().to_string()),
    ];
    let config = config.iter().fold(file_of(&manifest.text, "valkey.conf"), |config, (part, real)| {
        assert!(config.contains(part), "{manifest} has no {part:?}");
        config.replace(part, real)
    });
    (RedisServer::with(&config), pem)
}

/// The machines of the variables' block, of which the second one takes the token of the first one.
pub(crate) fn machines_share_by_the_variables(block: &Block) {
    let scene = Scene::new();
    let all = blocks();
    let manifest = all.iter().find(|other| other.page == block.page && other.language == "yaml");
    let (server, pem) = server(manifest.expect("a manifest"), &scene);
    let password = scene.path("password");
    fs::write(&password, "CHANGE-ME\n").expect("a file");
    let variables = substituted(
        block,
        &[
            ("rediss://valkey.jenkins.svc", &format!("rediss://localhost:{}", server.port())),
            ("/run/secrets/valkey/password", &password.display().to_string()),
            ("/run/secrets/valkey/ca.crt", &pem.ca.display().to_string()),
        ],
    );
    let machine = |name: &str| {
        let get = format!("{variables}\ngenesys-token get\ngenesys-token doctor --format json >doctor.json");
        scene.script(&get).cache(&scene.path(name)).any_stdout().any_stderr().success()
    };
    assert!(!machine("first").stderr.contains("not shared"));
    assert!(machine("second").stderr.contains("(from the shared cache)"));
    let findings = fs::read_to_string(scene.path("doctor.json")).expect("its findings");
    assert!(findings.contains("\"shared cache\""), "{findings}");
}

/// The pod's variables are those of the block that is run.
pub(crate) fn the_pod_has_the_variables(block: &Block) {
    let all = blocks();
    let variables = variables(&all, block);
    let exports = variables.text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    for (name, value) in exports {
        let line = format!("{{ name: {name}, value: {value} }}");
        assert!(block.text.contains(&line), "{block} has no {line}");
    }
}

fn variables<'b>(all: &'b [Block], of_page: &Block) -> &'b Block {
    let sets = |block: &&Block| block.text.contains("export GENESYS_TOKEN_SHARED_CACHE=");
    all.iter().filter(|other| other.page == of_page.page).find(sets).expect("the block of variables")
}

/// The manifest's configuration and rights are those of a server that serves.
pub(crate) fn the_manifest_makes_a_server(block: &Block) {
    machines_share_by_the_variables(variables(&blocks(), block));
}
