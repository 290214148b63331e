//! Pages of lists: sizes and opaque tokens.
//!
//! A token is version ‖ first 8 bytes of SHA-256 over the list and the key ‖ key, in Base64: the key is that of the last
//! item of its page, the list is the method with its arguments. The hash has no secret: it keeps a token from being spoilt,
//! or taken to another list, by mistake. A caller who makes one up gets a page that begins elsewhere, of a list that the
//! caller may read anyway. So nothing may be believed of a key but its form.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;

use crate::Violations;
use crate::bound::at_most;

/// Size of a page where the caller says 0.
const DEFAULT_SIZE: u32 = 50;
/// Largest page, in items.
const MAX_SIZE: u32 = 1000;
/// Bytes of items above which a page is cut short: with what surrounds them an answer stays below the 4 MiB that clients take by
/// default.
pub const MAX_BYTES: usize = at_most(1 << 20);

const VERSION: u8 = 2;
/// Bytes of the hash that ties a key to its list.
const HASH: usize = 8;
/// Longest token accepted, in characters.
const MAX_TOKEN: usize = 1024;
/// What is said of a token that is none.
const REFUSED: &str = "must be the next_page_token of the same list with the same arguments";

/// One page of a list, as asked for.
#[derive(Debug, Clone)]
pub struct Page {
    list: List,
    size: u32,
    after: Option<String>,
}

impl Page {
    /// Reads `page_size` and `page_token`. `list` says which list it is: the method with its parent and filters, so
    /// that a token of another list is refused. On a violation the page is the first one.
    pub fn parse(list: &[&str], page_size: i32, page_token: &str, violations: &mut Violations) -> Self {
        let size = match u32::try_from(page_size) {
            Ok(0) => DEFAULT_SIZE,
            Ok(size) => size.min(MAX_SIZE),
            Err(_) => {
                violations.add("page_size", "must not be negative");
                DEFAULT_SIZE
            }
        };
        let list = List::new(list);
        let after = if page_token.is_empty() {
            None
        } else {
            let key = list.key_of(page_token);
            if key.is_none() {
                violations.add("page_token", REFUSED);
            }
            key
        };
        Self { list, size, after }
    }

    /// How many items it has at most: 1 to 1000.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// How many rows to read: one more than the page has, to know whether another one follows.
    pub fn limit(&self) -> i64 {
        i64::from(self.size) + 1
    }

    /// Key of the last item of the page before, any text that PostgreSQL takes; none for the first page.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The same, for a list whose keys are not any text. A key that is none is a violation.
    pub fn after_parsed<K: FromStr>(&self, violations: &mut Violations) -> Option<K> {
        let key = self.after()?.parse().ok();
        if key.is_none() {
            violations.add("page_token", REFUSED);
        }
        key
    }

    /// Cuts `items` (read with [`Page::limit`]) to the page, and makes the token of the next page, empty on the last.
    pub fn cut<T>(&self, items: &mut Vec<T>, key: impl FnOnce(&T) -> String) -> String {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if items.len() <= size {
            return String::new();
        }
        items.truncate(size);
        items.last().map(|last| self.token_after(&key(last))).unwrap_or_default()
    }

    /// The same, with a shorter page where the items would have more than [`MAX_BYTES`] together; one stays in any case.
    pub fn cut_to_bytes<T>(
        &self,
        items: &mut Vec<T>,
        bytes_of: impl Fn(&T) -> usize,
        key: impl FnOnce(&T) -> String,
    ) -> String {
        let mut bytes = 0_usize;
        let fits = |item: &T| {
            bytes = bytes.saturating_add(bytes_of(item));
            bytes <= MAX_BYTES
        };
        let fitting = items.iter().map(fits).take_while(|fits| *fits).count().max(1);
        let size = usize::try_from(self.size).unwrap_or(usize::MAX).min(fitting);
        Self { size: u32::try_from(size).unwrap_or(u32::MAX), ..self.clone() }.cut(items, key)
    }

    /// The same, where more items may have been left out already than those that there are.
    pub fn cut_again<T>(&self, items: &mut Vec<T>, is_cut: bool, key: impl Fn(&T) -> String) -> String {
        let token = self.cut(items, &key);
        let last = items.last().filter(|_| is_cut && token.is_empty());
        last.map_or(token, |last| self.token_after(&key(last)))
    }

    /// The token of the page that begins after the item with this key.
    pub fn token_after(&self, key: &str) -> String {
        let mut token = vec![VERSION];
        token.extend_from_slice(&self.list.hash_with(key.as_bytes()));
        token.extend_from_slice(key.as_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }
}

/// A list: the method with its arguments, hashed.
#[derive(Clone)]
struct List(digest::Context);

impl List {
    fn new(parts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        Self(context)
    }

    /// What ties a key to this list. No list has a part of this length, so no key is taken for one.
    fn hash_with(&self, key: &[u8]) -> [u8; HASH] {
        let mut context = self.0.clone();
        context.update(&u64::MAX.to_be_bytes());
        context.update(key);
        context.finish().as_ref().first_chunk().copied().unwrap_or_default()
    }

    fn key_of(&self, token: &str) -> Option<String> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (hash, key) = rest.split_first_chunk::<HASH>()?;
        if *version != VERSION || *hash != self.hash_with(key) || key.is_empty() || key.contains(&0) {
            return None;
        }
        String::from_utf8(key.to_vec()).ok()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [&str; 2] = ["ListRecords", "tenants/acme/collections/patients"];

    fn parse(list: &[&str], size: i32, token: &str) -> (Page, Vec<String>) {
        let mut violations = Violations::new();
        let page = Page::parse(list, size, token, &mut violations);
        let fields = violations.iter().map(|(field, _)| field.to_owned()).collect();
        (page, fields)
    }

    #[test]
    fn a_token_is_refused_for_any_other_list_and_when_changed() {
        let token = parse(&LIST, 0, "").0.token_after("r-17");
        assert_eq!(parse(&["ListRecords", "tenants/other"], 0, &token).1, ["page_token"]);
        assert_eq!(parse(&["ListRecordstenants/acme/collections/patients"], 0, &token).1, ["page_token"]);
        for cut in 1..token.len() {
            assert_eq!(parse(&LIST, 0, &token[..cut]).1, ["page_token"], "{cut}");
            let spoilt: String =
                token.chars().enumerate().map(|(at, char)| if at == cut { 'A' } else { char }).collect();
            assert_eq!(parse(&LIST, 0, &spoilt).1.len(), usize::from(spoilt != token), "{spoilt}");
        }
        for bad in ["=", "AA", "not a token", "AQ", &"A".repeat(2000), &format!("{token}=")] {
            assert_eq!(parse(&LIST, 0, bad).1, ["page_token"], "{bad}");
        }
    }

    #[test]
    fn a_made_up_token_has_a_key_of_the_right_form_or_is_refused() {
        let page = parse(&LIST, 0, "").0;
        for key in ["\0", "r\0", "", &"r".repeat(1024)] {
            assert_eq!(parse(&LIST, 0, &page.token_after(key)).1, ["page_token"], "{key:?}");
        }
        let number = |key: &str| {
            let mut violations = Violations::new();
            let page = Page::parse(&LIST, 0, &page.token_after(key), &mut violations);
            (page.after_parsed::<u32>(&mut violations), violations.iter().count())
        };
        assert_eq!(number("17"), (Some(17), 0));
        for key in ["-1", "4294967296", "r-17", "1 ", "\0"] {
            assert_eq!(number(key), (None, 1), "{key:?}");
        }
        assert_eq!(page.after_parsed::<u32>(&mut Violations::new()), None, "no first page");
    }

    #[test]
    fn a_page_is_cut_to_its_bytes_and_never_to_nothing() {
        let third = MAX_BYTES / 3;
        for (each, size, kept) in [(1, 0, 4), (third, 0, 3), (third + 1, 0, 2), (MAX_BYTES + 1, 0, 1), (third, 2, 2)] {
            let (mut items, page) = (["a", "b", "c", "d"].map(str::to_owned).to_vec(), parse(&LIST, size, "").0);
            let token = page.cut_to_bytes(&mut items, |_| each, Clone::clone);
            assert_eq!(items.len(), kept, "{each} {size}");
            assert_eq!(parse(&LIST, 0, &token).0.after(), items.last().map(String::as_str).filter(|_| kept < 4));
        }
    }

    #[test]
    fn a_token_leads_to_the_item_after_its_key() {
        let token = parse(&LIST, 0, "").0.token_after("r-17");
        let (page, violations) = parse(&LIST, 0, &token);
        assert_eq!((page.after(), violations.len()), (Some("r-17"), 0));
    }

    #[test]
    fn sizes_have_a_default_and_a_ceiling_and_no_sign() {
        assert_eq!(parse(&LIST, 0, "").0.size(), 50);
        assert_eq!(parse(&LIST, 7, "").0.size(), 7);
        assert_eq!(parse(&LIST, i32::MAX, "").0.size(), 1000);
        assert_eq!(parse(&LIST, -1, "").1, ["page_size"]);
    }

    #[test]
    fn the_last_page_has_no_token() {
        let (page, _) = parse(&LIST, 2, "");
        let mut last = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(page.cut(&mut last, Clone::clone), "");
        let mut more = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(page.cut(&mut more, Clone::clone), page.token_after("b"));
        assert_eq!(more, ["a", "b"]);
    }
}
