//! The build script watches all that the library is compiled from, and does not build for the wrong machine.

#[allow(dead_code)]
#[path = "../build.rs"]
mod script;

use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().unwrap()
}

/// What CMakeLists.txt names as sources of the library, or #includes lead to, is watched, itself or by its directory.
#[test]
fn every_source_is_watched() {
    let root = repository();
    let watched = script::sources(&root);
    for file in &watched {
        assert!(file.exists(), "{} is watched, and does not exist", file.display());
    }
    let lists = std::fs::read_to_string(root.join("CMakeLists.txt")).unwrap();
    let names = lists.split(|c: char| c.is_whitespace() || "()\"".contains(c));
    let compiled: Vec<_> = names.filter(|name| name.ends_with(".cpp") && !name.contains('$')).collect();
    assert!(compiled.iter().any(|name| name.starts_with("capi/")), "{compiled:?}");
    for name in compiled.iter().chain(&["capi/support.hpp", "slickq.def", "CMakeLists.txt"]) {
        let path = root.join(name);
        assert!(watched.iter().any(|part| path.starts_with(part)), "{name} is not watched");
    }
}

/// Run as cargo would for another target, without a word on how to build for it.
#[test]
fn another_target_is_refused_with_a_sentence() {
    let directory = std::env::temp_dir().join(format!("slickq_build_script_{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let program = directory.join("script");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs");
    let built = Command::new(rustc)
        .args(["--edition", "2021", "-o"])
        .arg(&program)
        .arg(script)
        .env("CARGO_PKG_VERSION", env!("CARGO_PKG_VERSION"))
        .status();
    assert!(built.unwrap().success());
    let mut run = Command::new(&program);
    for name in script::CROSS_PKG_CONFIG.iter().chain(&["SLICKQ_LIB_DIR", "CMAKE_TOOLCHAIN_FILE"]) {
        run.env_remove(name);
    }
    let said = run
        .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
        .env("OUT_DIR", &directory)
        .env("TARGET", "aarch64-unknown-linux-gnu")
        .env("HOST", "x86_64-unknown-linux-gnu")
        .output()
        .unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    let text = String::from_utf8_lossy(&said.stderr);
    assert!(!said.status.success());
    assert!(text.contains("aarch64-unknown-linux-gnu") && text.contains("CMAKE_TOOLCHAIN_FILE"), "{text}");
    assert!(!String::from_utf8_lossy(&said.stdout).contains("rustc-link-lib"), "something was linked");
}
