//! Finds libslickq, in this order, without any network:
//!
//! 1. `SLICKQ_LIB_DIR`: the directory of the shared library. Running what was linked against it is up to the caller
//!    (`LD_LIBRARY_PATH`, an rpath).
//! 2. `pkg-config slickq`: an installed one.
//! 3. The repository that this crate lies in: built by CMake into `OUT_DIR`, and linked statically.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{exit, Command, Stdio};

fn main() {
    for name in ["SLICKQ_LIB_DIR", "PKG_CONFIG_PATH", "PKG_CONFIG", "CMAKE"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    if let Some(directory) = env::var_os("SLICKQ_LIB_DIR") {
        link_directory(Path::new(&directory));
    } else if !link_installed() {
        build_repository();
    }
}

fn link_directory(directory: &Path) {
    println!("cargo:rustc-link-search=native={}", directory.display());
    println!("cargo:rustc-link-lib=dylib=slickq");
}

/// False where there is no pkg-config, or it knows no slickq of this version or a later one with the same ABI.
fn link_installed() -> bool {
    let tool = env::var_os("PKG_CONFIG").unwrap_or_else(|| "pkg-config".into());
    let version = format!("slickq >= {}", env!("CARGO_PKG_VERSION"));
    let found = Command::new(tool).args(["--libs", version.as_str()]).stderr(Stdio::null()).output();
    let flags = match found {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        _ => return false,
    };
    for flag in flags.split_whitespace() {
        if let Some(directory) = flag.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={directory}");
        } else if let Some(library) = flag.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={library}");
        }
    }
    true
}

fn build_repository() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../..");
    if !root.join("slickq.def").exists() {
        fail("no libslickq: set SLICKQ_LIB_DIR to its directory, or install it so that `pkg-config slickq` finds it");
    }
    for part in ["CMakeLists.txt", "cmake", "include", "src", "capi/slickq.cpp"] {
        println!("cargo:rerun-if-changed={}", root.join(part).display());
    }
    let build = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("cmake");
    let mut configure: Vec<&OsStr> = vec!["-S".as_ref(), root.as_ref(), "-B".as_ref(), build.as_ref()];
    configure.extend(
        [
            "-DCMAKE_BUILD_TYPE=Release",
            "-DCMAKE_POSITION_INDEPENDENT_CODE=ON",
            "-DSLICKQ_BUILD_TESTS=OFF",
            "-DSLICKQ_BUILD_TOOL=OFF",
            "-DSLICKQ_BUILD_BENCH=OFF",
            "-DSLICKQ_INSTALL=OFF",
        ]
        .map(OsStr::new),
    );
    cmake(&configure);
    cmake(&["--build".as_ref(), build.as_ref(), "--target".as_ref(), "slickq_static".as_ref()]);
    println!("cargo:rustc-link-search=native={}", build.display());
    println!("cargo:rustc-link-lib=static=slickq");
    let is_apple = env::var("CARGO_CFG_TARGET_VENDOR").as_deref() == Ok("apple");
    println!("cargo:rustc-link-lib=dylib={}", if is_apple { "c++" } else { "stdc++" });
}

fn cmake(arguments: &[&OsStr]) {
    let tool = env::var_os("CMAKE").unwrap_or_else(|| "cmake".into());
    match Command::new(tool).args(arguments).status() {
        Ok(status) if status.success() => {}
        Ok(status) => fail(&format!("cmake could not build the repository's libslickq: {status}")),
        Err(error) => fail(&format!("cmake is needed to build the repository's libslickq, and cannot be run: {error}")),
    }
}

fn fail(message: &str) -> ! {
    eprintln!("slickq-sys: {message}");
    exit(1)
}
