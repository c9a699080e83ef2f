//! The examples run, and say what they should. `cargo test` has built them before it runs this.

mod common;

use common::Name;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn example(name: &str) -> Command {
    // target/debug/deps/examples-1234 -> target/debug/examples/NAME
    let mut path: PathBuf = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    Command::new(path)
}

fn run(name: &str) -> String {
    let output = example(name).output().unwrap_or_else(|error| panic!("{name}: {error}: run cargo build --examples"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn broadcast() {
    assert_eq!(run("broadcast").matches(" received, ").count(), 2);
}

#[test]
fn work_sharing() {
    assert!(run("work_sharing").contains("redelivered: [0]"));
}

#[test]
fn lossless() {
    assert!(run("lossless").starts_with("10000 records delivered"));
}

#[test]
fn single_producer() {
    assert!(run("single_producer").contains(" received, "));
}

#[test]
fn waiting() {
    assert!(run("waiting").contains("5 records, then it was told to stop"));
}

#[test]
fn shared() {
    let name = Name::new();
    let mut sender = example("shared").args(["send", &*name]).stdin(Stdio::piped()).spawn().unwrap();
    let receiver = example("shared").args(["recv", &*name]).stdout(Stdio::piped()).spawn().unwrap();
    sender.stdin.take().unwrap().write_all("one\ntwo\n\nthree\n".as_bytes()).unwrap();
    assert!(sender.wait().unwrap().success());
    let output = receiver.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "one\ntwo\nthree\n");
}

#[test]
fn the_agent_answers() {
    let mut agent = example("agent").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let requests = "open - 8 2 0 0 0\nwrite 00010203\nread_copy 0\nread 2\nreader 1 0 0\nnext_record\nnext_record\n\
                    publish 5 1\nnonsense\nquit\n";
    agent.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
    let output = String::from_utf8(agent.wait_with_output().unwrap().stdout).unwrap();
    let answers: Vec<&str> = output.lines().collect();
    assert_eq!(
        answers[..7],
        ["ok 1 8 2 1 2", "ok 0", "ok 2 0 2 00010203", "empty 2", "ok", "ok 0 2 00010203", "SLICKQ_EMPTY 2 0"]
    );
    assert!(answers[7].starts_with("error SLICKQ_E_NOT_RESERVED "), "{}", answers[7]);
    assert_eq!(answers[8..], ["error UNSUPPORTED nonsense"]);
}
