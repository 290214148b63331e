//! Golden files: what the product does today, reviewed when it changes.

use std::path::PathBuf;

/// Whether golden files are to be written instead of compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// The text of a golden file.
pub(crate) fn read(name: &str) -> String {
    let path = path(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; {}", path.display(), how(name)))
}

/// Fails where `text` differs from the golden file.
pub(crate) fn compare(name: &str, text: &str) {
    if updating() {
        std::fs::write(path(name), text).unwrap();
        return;
    }
    let golden = read(name);
    let (mut missing, mut new) = (Vec::new(), Vec::new());
    missing.extend(golden.lines().filter(|line| !text.lines().any(|other| other == *line)));
    new.extend(text.lines().filter(|line| !golden.lines().any(|other| other == *line)));
    let differs = format!("- {}\n+ {}", missing.join("\n- "), new.join("\n+ "));
    assert!(golden == text, "differs from tests/golden/{name}:\n{differs}\n{}", how(name));
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn how(name: &str) -> String {
    format!(
        "if that is meant: UPDATE_GOLDEN=1 cargo test -p strongroom-tests --test system, and review the change of {name}"
    )
}
