//! The paths that a file names.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;

/// A path as its segments, such as `["crate", "store", "keys"]`.
pub(super) type Path = Vec<String>;

/// The paths of a file.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// Every one that begins with `crate`, `self` or `super`, with a child module, or with a name that is imported; `*` ends
    /// those of a glob.
    pub(super) named: BTreeSet<Path>,
    /// Those of a `use`, by the name that they get.
    pub(super) imported: BTreeMap<String, Path>,
}

/// The paths of a file with these child modules.
pub(super) fn of(text: &str, children: &BTreeSet<&str>) -> Paths {
    let code = without_comments_and_texts(text);
    let tokens: Vec<&str> = tokens(&code).collect();
    let mut paths = Paths::default();
    let mut of_imports = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before)).copied();
        let begins_in_crate = matches!(*token, "crate" | "self" | "super") && !matches!(before, Some("::" | "$"));
        let is_first = is_name(token) && !matches!(before, Some("::" | "$" | "."));
        if !is_first || tokens.get(index + 1) != Some(&"::") {
            continue;
        }
        if begins_in_crate || children.contains(token) {
            let mut rest = tokens.iter().skip(index).copied().peekable();
            let mut found = Vec::new();
            tree(&mut rest, &mut Vec::new(), &mut found);
            if before == Some("use") {
                paths.imported.extend(found.iter().map(|Leaf { name, path }| (name.clone(), path.clone())));
            }
            paths.named.extend(found.into_iter().map(|leaf| leaf.path));
        } else {
            of_imports.push(index);
        }
    }
    for index in of_imports {
        let mut found = Vec::new();
        tree(&mut tokens.iter().skip(index).copied().peekable(), &mut Vec::new(), &mut found);
        for Leaf { path, .. } in found {
            let import = path.first().and_then(|first| paths.imported.get(first));
            let full = import.map(|import| import.iter().chain(path.iter().skip(1)).cloned().collect());
            paths.named.extend(full);
        }
    }
    paths
}

/// The end of a path, and the name that it has in a `use`.
struct Leaf {
    name: String,
    path: Path,
}

/// One tree of a `use`, or one path.
fn tree<'a>(tokens: &mut Peekable<impl Iterator<Item = &'a str>>, prefix: &mut Path, leaves: &mut Vec<Leaf>) {
    let depth = prefix.len();
    let mut alias = None;
    loop {
        match tokens.next() {
            Some("{") => {
                while tokens.peek().is_some_and(|next| *next != "}") {
                    tree(tokens, prefix, leaves);
                    tokens.next_if_eq(&",");
                }
                tokens.next();
                break;
            }
            Some(segment) if is_name(segment) => prefix.push(segment.to_owned()),
            Some("*") => {
                prefix.push("*".to_owned());
                leaves.push(Leaf { name: "*".to_owned(), path: prefix.clone() });
                break;
            }
            _ => break,
        }
        if tokens.next_if_eq(&"::").is_none() {
            if tokens.next_if_eq(&"as").is_some() {
                alias = tokens.next().map(str::to_owned);
            }
            if prefix.len() > depth {
                let path = prefix.clone();
                let name =
                    alias.or_else(|| path.iter().rfind(|segment| *segment != "self").cloned()).unwrap_or_default();
                leaves.push(Leaf { name, path });
            }
            break;
        }
    }
    prefix.truncate(depth);
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn tokens(code: &str) -> impl Iterator<Item = &str> {
    let mut rest = code;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = if of_name(first) {
            rest.find(|letter| !of_name(letter)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(token)
    })
}

/// The code with blanks where comments and texts were; a quote within a character (`'"'`) counts as none.
fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['/', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        code.push_str(before);
        let length = if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with('"') {
            end_of_text(from)
        } else if from.starts_with("'\"'") {
            3
        } else if from.starts_with("'\\") {
            from.get(2..).and_then(|rest| rest.find('\'')).map_or(1, |end| end + 3)
        } else {
            code.push_str(from.get(..1).unwrap_or_default());
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        code.push(' ');
        rest = from.get(length..).unwrap_or_default();
    }
    code.push_str(rest);
    code
}

/// Bytes of a text from its first quote to behind its last.
fn end_of_text(from: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in from.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    from.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        of(text, &BTreeSet::from(["child"])).named.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn trees_are_taken_apart() {
        let text = "use crate::a::{b, c::{D, E as F}, self};\nuse super::g::*;";
        assert_eq!(paths(text), ["crate::a::b", "crate::a::c::D", "crate::a::c::E", "crate::a::self", "super::g::*"]);
        let imported = of(text, &BTreeSet::new()).imported;
        assert_eq!(imported.into_keys().collect::<Vec<_>>(), ["*", "D", "F", "a", "b"]);
    }

    #[test]
    fn paths_in_code_and_children_are_found() {
        let text =
            "use child::Thing;\npub use other::Thing;\nlet x = crate::time::now(); child::f(); pub(crate) fn g() {}";
        assert_eq!(paths(text), ["child::Thing", "child::f", "crate::time::now"]);
    }

    #[test]
    fn what_is_named_through_an_import_is_found() {
        let text = "use super::sealing;\nfn f() { sealing::open(x.other::<T>(), y::z()); }";
        assert_eq!(paths(text), ["super::sealing", "super::sealing::open"]);
    }

    #[test]
    fn comments_texts_and_other_crates_do_not_count() {
        let text = "//! [`crate::a`]\nlet x = \"crate::b \\\" crate::c\"; $crate::d::e; let q = '\"'; use crate::f;";
        assert_eq!(paths(text), ["crate::f"]);
    }
}
