//! The program against its step, and its settings.

use super::*;

#[test]
fn is_told_what_makes_no_sense() {
    for variable in
        ["GENESYS_TOKEN_TIMEOUT", "GENESYS_TOKEN_VERIFY", "GENESYS_TOKEN_LOG", "GENESYS_TOKEN_MIN_TTL"]
    {
        let (server, cache) = (server(), dir());
        let call = Call::new("doctor", &server, cache.path()).env(variable, "maybe");
        let json: Value = serde_json::from_str(&call.args(["--format", "json"]).run().stdout).expect("JSON");
        let first = &json["checks"].as_array().expect("a list")[1];
        assert_eq!((&first["name"], &first["status"]), (&"settings".into(), &"failed".into()), "{json}");
        assert!(first.to_string().contains(variable), "{first}");
        assert_eq!(server.token_requests(), 0);
    }
}

#[test]
fn ends_in_time_however_slowly_the_server_shakes_hands() {
    let cache = dir();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
    std::thread::spawn(move || {
        use std::io::Write as _;
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                // The head of a long record, and then a byte now and then.
                let mut alive = stream.write_all(&[0x16, 3, 3, 0x3f, 0xff]).is_ok();
                while alive {
                    std::thread::sleep(Duration::from_millis(50));
                    alive = stream.write_all(&[0]).is_ok();
                }
            });
        }
    });
    let server = server();
    let before = Instant::now();
    let call = Call::new("doctor", &server, cache.path()).login_url(&url).args(["--timeout", "1s"]);
    assert_first(&server, call.without("GENESYS_TOKEN_CA_CERT"), "tls", 6, &["did not end in time"]);
    // Not a measure of speed: the server itself would go on for half an hour.
    assert!(before.elapsed() < Duration::from_secs(30), "{:?}", before.elapsed());
}

#[test]
fn is_of_another_release_than_the_step() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).args(["--for-step", "99"]);
    assert_first(&server, call, "program", 2, &["of different releases"]);
}
