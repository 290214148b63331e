//! Names that look alike, folded to one text.
//!
//! ```text
//! NFKC ─▶ case folding ─▶ skeleton ─▶ case folding ─▶ skeleton ─▶ letters and digits alone
//! ```
//! NFKC (UAX 15) takes away width, font and position of letters, the skeleton (UTS 39, section 4) which script they are
//! of. Skeletons have capitals of their own (a zero's is `O`, a Cherokee `Ꮇ`'s is `M`), so case and look are folded twice;
//! after that nothing changes any more. But look can be lost on the way there: the Greek `Ν` looks like `N`, its small letter
//! like `v`, and NFKC makes of the `c` that is the lunate sigma `ϲ` an ordinary one. So a name that is not ASCII has a
//! second fold, before which the skeleton is taken of the name as it is. Two names are alike if they share a fold.

use std::sync::LazyLock;

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::skeleton;

/// The folds of a name, in time linear in its length; an empty text for a name without letters and digits.
pub fn folds(name: &str) -> Vec<String> {
    if name.is_ascii() {
        return vec![name.bytes().map(of_ascii).collect()];
    }
    let plain: String = name.nfkc().collect();
    let by_look: String = skeleton(name).nfkc().collect();
    vec![fold(&plain), fold(&by_look)]
}

/// The fold of one ASCII character. That of a text of them is those of its characters one after the other: none of them is
/// changed by what stands beside it.
fn of_ascii(byte: u8) -> &'static str {
    static FOLDS: LazyLock<Vec<String>> =
        LazyLock::new(|| (0..=0x7f_u8).map(|byte| fold(char::from(byte).encode_utf8(&mut [0; 4]))).collect());
    FOLDS.get(usize::from(byte)).map_or("", String::as_str)
}

fn fold(text: &str) -> String {
    let once = case_and_look(text);
    case_and_look(&once).chars().filter(|character| is_letter_or_digit(*character)).collect()
}

fn case_and_look(text: &str) -> String {
    skeleton(&UniCase::unicode(text).to_folded_case()).collect()
}

/// Vowel signs are letters in this sense, accents are not.
fn is_letter_or_digit(character: char) -> bool {
    character.is_alphabetic() || character.general_category() == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        let others = folds(other);
        folds(one).iter().any(|fold| others.contains(fold))
    }

    #[test]
    fn names_that_look_alike_are_alike() {
        for (name, others) in [
            (
                "cvv",
                &[
                    "CVV",
                    "Cvv",
                    " cvv ",
                    "c_v-v",
                    "c.v/v",
                    "\"cvv\"",
                    "cvv%",
                    "cv\u{200b}v",
                    "\u{feff}cvv",
                    "c\u{301}v\u{308}v",
                    "ｃｖｖ",
                    "𝐜𝐯𝐯",
                    "ⓒⓥⓥ",
                    "сvv",
                    "СVV",
                    "ϲνν",
                    "ᏟᏙᏙ",
                    "ⅽⅴⅴ",
                    "ćvv",
                    "¢vv",
                ][..],
            ),
            ("password", &["PASSW0RD", "paſsword", "ＰＡＳＳＷＯＲＤ", "раsswоrd", "pass word"]),
            ("token", &["ΤΟΚΕΝ", "Тoken", "ТОКЕN", "t0ken"]),
            ("pan", &["PAΝ", "ΡΑΝ", "рan"]),
            ("medical", &["Ꮇedical", "rnedical", "MEDICAL"]),
            ("größe", &["GRÖSSE", "gro\u{308}ße", "grosse"]),
            ("пароль", &["ПАРОЛЬ", "пaроль"]),
            ("नाम", &["नाम "]),
        ] {
            for other in others {
                assert!(alike(name, other) && alike(other, name), "{name} {other}");
            }
        }
    }

    #[test]
    fn names_that_do_not_look_alike_are_not() {
        for (one, other) in [
            ("cvv", "cvv2"),
            ("cvv", "cvc"),
            ("cvv", "cw"),
            ("cvv", "card_cvv"),
            ("pin", "pln"),
            ("pin", "PLN"),
            ("PIN", "pan"),
            // Alike in this mixture of cases alone: not seen, as SECURITY.md says.
            ("PIN", "PlN"),
            ("नाम", "नम"),
            ("ชื่อ", "ชอ"),
            ("имя", "има"),
            ("名前", "名"),
        ] {
            assert!(!alike(one, other) && !alike(other, one), "{one} {other}");
        }
    }

    #[test]
    fn a_name_without_letters_and_digits_folds_to_nothing() {
        for name in ["", "-", "·.·", "🎂", "\u{301}", "\u{200b}"] {
            assert!(folds(name).iter().all(String::is_empty), "{name}");
        }
        for name in ["a", "7", "٧", "名"] {
            assert!(folds(name).iter().all(|fold| !fold.is_empty()), "{name}");
        }
    }

    #[test]
    fn folding_twice_is_folding_to_the_end() {
        for character in '\0'..='\u{1ffff}' {
            for fold in folds(character.encode_utf8(&mut [0; 4])) {
                assert_eq!(super::fold(&fold), fold, "{}", character.escape_unicode());
            }
        }
    }

    #[test]
    fn the_tables_are_of_one_version_of_unicode() {
        let (major, minor, update) = unicode_normalization::UNICODE_VERSION;
        let normalization = (u64::from(major), u64::from(minor), u64::from(update));
        assert_eq!(unicode_security::UNICODE_VERSION, normalization);
        assert_eq!(unicode_properties::UNICODE_VERSION, normalization);
        // The youngest pair of letters that case folding knows: Unicode 17 brought it.
        assert_eq!(UniCase::unicode("\u{a7ce}").to_folded_case(), "\u{a7cf}");
    }

    proptest! {
        #[test]
        fn ascii_is_folded_as_everything_else_is(name in "[ -~]{0,40}") {
            let plain: String = name.nfkc().collect();
            prop_assert_eq!(folds(&name), [fold(&plain)]);
        }

        #[test]
        fn a_name_is_like_itself_whatever_is_put_between_its_letters(name in "\\PC{1,20}", separator in "[-_ .:/]") {
            let spread: String = name.chars().flat_map(|character| [separator.clone(), character.to_string()]).collect();
            prop_assert!(!name.is_ascii() || alike(&name, &spread));
            prop_assert!(alike(&name, &name));
        }
    }
}
