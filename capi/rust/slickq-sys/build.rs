//! Finds libslickq, in this order, without any network:
//!
//! 1. `SLICKQ_LIB_DIR`: the directory of the shared library. Running what was linked against it is up to the caller
//!    (`LD_LIBRARY_PATH`, an rpath).
//! 2. `pkg-config slickq`: an installed one.
//! 3. The repository that this crate lies in: built by CMake into `OUT_DIR`, and linked statically.
//!
//! For another target than this machine the first way always works. pkg-config is asked if it is told that it may answer for
//! the target (`PKG_CONFIG`, `PKG_CONFIG_ALLOW_CROSS` or `PKG_CONFIG_SYSROOT_DIR` is set), and the repository is built with the
//! toolchain file of CMake that `CMAKE_TOOLCHAIN_FILE` names. Without them the build ends with a sentence that says so.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{exit, Command, Stdio};

fn main() {
    let names = ["SLICKQ_LIB_DIR", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "CMAKE", "CMAKE_TOOLCHAIN_FILE"];
    for name in names.iter().chain(&CROSS_PKG_CONFIG) {
        println!("cargo:rerun-if-env-changed={name}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    if let Some(directory) = env::var_os("SLICKQ_LIB_DIR") {
        link_directory(Path::new(&directory));
    } else if !(pkg_config_may_answer() && link_installed()) {
        build_repository();
    }
}

pub const CROSS_PKG_CONFIG: [&str; 3] = ["PKG_CONFIG", "PKG_CONFIG_ALLOW_CROSS", "PKG_CONFIG_SYSROOT_DIR"];

/// Whether the library is for another machine, or another system, than the one that builds it.
fn is_cross() -> bool {
    env::var_os("TARGET") != env::var_os("HOST")
}

fn pkg_config_may_answer() -> bool {
    !is_cross() || CROSS_PKG_CONFIG.iter().any(|name| env::var_os(name).is_some())
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
    if is_cross() && env::var_os("CMAKE_TOOLCHAIN_FILE").is_none() {
        fail(&no_toolchain(&env::var("TARGET").unwrap_or_default(), &env::var("HOST").unwrap_or_default()));
    }
    for source in sources(&root) {
        println!("cargo:rerun-if-changed={}", source.display());
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

/// All that the library is made of. Of capi/ only its own files: below it lies this crate with its build directory. A file that
/// is added there is named in CMakeLists.txt.
pub fn sources(root: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> =
        ["CMakeLists.txt", "slickq.def", "cmake", "include", "src"].iter().map(|part| root.join(part)).collect();
    let shell = std::fs::read_dir(root.join("capi")).map(|files| files.flatten().map(|file| file.path()));
    let is_source = |path: &PathBuf| matches!(path.extension().and_then(OsStr::to_str), Some("cpp" | "hpp" | "h"));
    all.extend(shell.into_iter().flatten().filter(is_source));
    all
}

fn no_toolchain(target: &str, host: &str) -> String {
    format!(
        "the repository's libslickq would be built for {host}, and not for {target}: set SLICKQ_LIB_DIR to the directory of one \
         for {target}, or CMAKE_TOOLCHAIN_FILE to a toolchain file with which CMake builds it"
    )
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
