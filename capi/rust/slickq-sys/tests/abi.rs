//! The declarations of this crate agree with the C header: a C compiler is given both. Every function is declared
//! again in C, as src/lib.rs has it, every constant compared, and every struct laid out again and compared field by
//! field.
//!
//! The header is that of `SLICKQ_INCLUDE_DIR`, or else the repository's.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const RUST: &str = include_str!("../src/lib.rs");

fn include_directory() -> PathBuf {
    std::env::var_os("SLICKQ_INCLUDE_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../include"), PathBuf::from)
}

fn header() -> String {
    let path = include_directory().join("slickq/slickq.h");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

// ---------------------------------------------------------------- what src/lib.rs says

struct Constant<'a> {
    name: &'a str,
    value: String,
}

fn constants() -> Vec<Constant<'static>> {
    let mut all = Vec::new();
    for line in RUST.lines() {
        if let Some((name, rest)) = line.strip_prefix("pub const ").and_then(|rest| rest.split_once(": ")) {
            let value = rest.split_once(" = ").unwrap().1.trim_end_matches(';');
            let value = value.replace("i64::MAX", "INT64_MAX").replace("u64::MAX", "UINT64_MAX");
            all.push(Constant { name, value });
        }
    }
    all
}

struct Struct<'a> {
    name: &'a str,
    fields: Vec<(&'a str, &'a str)>, // name, Rust type
}

fn structs() -> Vec<Struct<'static>> {
    let mut all = Vec::new();
    for text in RUST.split("\npub struct ").skip(1) {
        let (name, rest) = text.split_once(" {\n").unwrap();
        let body = rest.split_once("\n}").unwrap().0;
        let field =
            |line: &'static str| line.trim().trim_start_matches("pub ").trim_end_matches(',').split_once(": ").unwrap();
        all.push(Struct { name, fields: body.lines().map(field).collect() });
    }
    all
}

struct Function {
    name: String,
    parameters: Vec<String>, // Rust types
    result: String,
}

fn functions() -> Vec<Function> {
    let block = RUST.split_once("extern \"C\" {").unwrap().1;
    let words = block.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut all = Vec::new();
    for text in words.split("pub fn ").skip(1) {
        let declaration = text.split_once(';').unwrap().0;
        let (name, rest) = declaration.split_once('(').unwrap();
        let (parameters, result) = rest.split_once(')').unwrap();
        all.push(Function {
            name: name.to_owned(),
            parameters: parameters
                .split(", ")
                .filter_map(|one| Some(one.split_once(": ")?.1.trim_end_matches(',').trim().to_owned()))
                .collect(),
            result: result.trim_start_matches(" -> ").to_owned(),
        });
    }
    all
}

/// A Rust type in C, with the name of what has it.
fn declare(rust: &str, name: &str) -> String {
    if let Some(array) = rust.strip_prefix('[') {
        let (of, length) = array.trim_end_matches(']').split_once("; ").unwrap();
        return format!("{}[{length}]", declare(of, name));
    }
    format!("{} {name}", c_type(rust))
}

fn c_type(rust: &str) -> String {
    if let Some(target) = rust.strip_prefix("*const ") {
        return format!("{} const *", c_type(target));
    }
    if let Some(target) = rust.strip_prefix("*mut ") {
        return format!("{} *", c_type(target));
    }
    match rust {
        "" | "c_void" => "void",
        "c_char" => "char",
        "c_int" => "int",
        "u8" => "uint8_t",
        "u32" => "uint32_t",
        "u64" => "uint64_t",
        "i64" => "int64_t",
        "usize" => "size_t",
        of_the_library if of_the_library.starts_with("slickq_") => of_the_library,
        other => panic!("src/lib.rs uses a type that this test does not know: {other:?}"),
    }
    .to_owned()
}

// ---------------------------------------------------------------- in C

fn program() -> String {
    let mut c = String::from("#include <slickq/slickq.h>\n");
    for one in constants() {
        writeln!(c, "_Static_assert({0} == {1}, \"{0}\");", one.name, one.value).unwrap();
    }
    for one in structs() {
        let name = one.name;
        let fields: String = one.fields.iter().map(|(field, of)| format!("{}; ", declare(of, field))).collect();
        writeln!(c, "struct rust_{name} {{ {fields}}};").unwrap();
        writeln!(c, "_Static_assert(sizeof({name}) == sizeof(struct rust_{name}), \"size of {name}\");").unwrap();
        for (field, _) in &one.fields {
            writeln!(
                c,
                "_Static_assert(offsetof({name}, {field}) == offsetof(struct rust_{name}, {field}) && \
                 _Generic(&(({name} *)0)->{field}, __typeof__(&((struct rust_{name} *)0)->{field}): 1, default: 0), \
                 \"{name}.{field}\");"
            )
            .unwrap();
        }
    }
    for one in functions() {
        let parameters = if one.parameters.is_empty() {
            "void".to_owned()
        } else {
            one.parameters.iter().map(|of| c_type(of)).collect::<Vec<_>>().join(", ")
        };
        writeln!(c, "{} {}({parameters});", c_type(&one.result), one.name).unwrap();
    }
    c
}

/// What the C compiler has to say about a program; nothing if it is correct.
fn compile(program: &str) -> String {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut child = Command::new(compiler)
        .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c", "-", "-I"])
        .arg(include_directory())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a C compiler, which rustc needs as well to link");
    child.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

#[test]
fn declarations_agree_with_the_header() {
    let said = compile(&program());
    assert!(said.is_empty(), "{said}");
}

#[test]
fn a_difference_would_be_noticed() {
    let program = program();
    for (from, to, blamed) in [
        ("SLICKQ_E_STALE == -60", "SLICKQ_E_STALE == -61", "SLICKQ_E_STALE"),
        (
            "uint32_t capacity; uint32_t element_size;",
            "uint32_t element_size; uint32_t capacity;",
            "slickq_options.capacity",
        ),
        ("int64_t timeout_ns;", "uint64_t timeout_ns;", "slickq_options.timeout_ns"),
        (
            "slickq_status slickq_queue_validate(slickq_queue *, uint64_t)",
            "slickq_status slickq_queue_validate(slickq_queue *, int64_t)",
            "slickq_queue_validate",
        ),
    ] {
        assert!(program.contains(from), "{from}");
        assert!(compile(&program.replacen(from, to, 1)).contains(blamed), "{blamed}");
    }
}

/// What the header declares and this crate leaves out: its own version and what only C needs.
#[test]
fn nothing_of_the_header_is_missing() {
    let header = header();
    let mut declared = BTreeSet::new();
    for line in header.lines() {
        if let Some(rest) = line.strip_prefix("SLICKQ_API ") {
            let before = rest.split_once('(').unwrap().0;
            declared.insert(before.rsplit([' ', '*']).next().unwrap().to_owned());
        } else if let Some(name) = line.strip_prefix("typedef struct ").and_then(|rest| rest.strip_suffix(" {")) {
            declared.insert(name.to_owned());
        }
    }
    let code = without_comments(&header);
    let words: Vec<&str> = code
        .split(|letter: char| !(letter.is_alphanumeric() || "_=#".contains(letter)))
        .filter(|word| !word.is_empty())
        .collect();
    for pair in words.windows(2) {
        let constant = if pair[0] == "#define" {
            pair[1]
        } else if pair[1] == "=" {
            pair[0]
        } else {
            continue;
        };
        if !["SLICKQ_API", "SLICKQ_SLICKQ_H", "SLICKQ_ENUM"].contains(&constant)
            && !constant.starts_with("SLICKQ_VERSION_")
            && !constant.starts_with("__")
            && !constant.ends_with("_INIT")
        {
            declared.insert(constant.to_owned());
        }
    }
    assert!(declared.len() > 150, "the header was not understood: {declared:?}");

    let mut ours = BTreeSet::new();
    ours.extend(constants().iter().map(|one| one.name.to_owned()));
    ours.extend(structs().iter().map(|one| one.name.to_owned()));
    ours.extend(functions().iter().map(|one| one.name.clone()));
    let missing: Vec<_> = declared.difference(&ours).collect();
    assert!(missing.is_empty(), "missing from src/lib.rs: {missing:?}");
}

fn without_comments(c: &str) -> String {
    c.split("/*")
        .enumerate()
        .map(|(n, part)| if n == 0 { part } else { part.split_once("*/").map_or("", |found| found.1) })
        .collect()
}

#[test]
fn the_library_is_there() {
    // SAFETY: takes nothing and cannot fail.
    assert!(unsafe { slickq_sys::slickq_abi_version() } >= slickq_sys::SLICKQ_ABI_VERSION);
}
