//! What a field may be called.
//!
//! The rules hold for names that a caller gives, of fields and of members of objects at any depth. What is stored keeps its
//! name whatever the rules were then: it is carried over, revealed and removed by that name.

use rpc::bound::at_most;
use unicode_normalization::is_nfc;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::skeleton;

/// Longest name of a field, in bytes. Members of objects inside it may have longer ones.
pub const MAX_NAME_BYTES: usize = at_most(128);

/// The rule for the name of a field that is given.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    check_reference(name)?;
    check_characters(name)
}

/// The rule for a name that stands for a field that may be stored already.
pub fn check_reference(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        Err("the name of a field has 1 to 128 bytes")
    } else if name == "*" {
        Err("stands for all fields: no field is called so")
    } else if name.chars().any(char::is_control) {
        Err("the name of a field has no control characters")
    } else {
        Ok(())
    }
}

/// The rule for the characters of a name that is given, at any depth: what looks like one name is one name.
pub fn check_characters(name: &str) -> Result<(), &'static str> {
    if name.trim().len() != name.len() {
        Err("the name of a field does not begin or end with a blank")
    } else if name.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Ok(())
    } else if name.chars().any(is_invisible) {
        Err("the name of a field has no invisible characters, such as control and format characters")
    } else if !is_nfc(name) {
        Err("the name of a field is in Unicode's normalization form C (NFC)")
    } else {
        Ok(())
    }
}

/// Whether nothing is seen of a character: it is a control or format character, ends a line, or is default-ignorable.
fn is_invisible(character: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(character.general_category(), Control | Format | LineSeparator | ParagraphSeparator)
        || is_default_ignorable(character)
}

/// Whether a character has the property `Default_Ignorable_Code_Point`. A skeleton leaves out these and no others (UTS 39,
/// section 4), so the one of such a character alone is empty.
fn is_default_ignorable(character: char) -> bool {
    let mut buffer = [0; 4];
    skeleton(character.encode_utf8(&mut buffer)).next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_without_control_characters() {
        for check in [check_name, check_reference] {
            assert!(check("").is_err());
            assert!(check(&"x".repeat(129)).is_err());
            assert!(check("a\0b").is_err());
            assert!(check("*").is_err());
            assert!(check("größe").is_ok());
        }
        assert!(["", "*", &"x".repeat(129)].iter().all(|name| check_characters(name).is_ok()), "inside objects");
    }

    #[test]
    fn names_with_characters_that_nobody_sees_are_refused() {
        // A zero-width space, a soft hyphen, a joiner, a direction mark, a variation selector, a Hangul filler, a tag, a
        // line separator, an unassigned ignorable one, a mark that encloses numbers.
        for hidden in "\u{200b}\u{ad}\u{200d}\u{202e}\u{fe0f}\u{3164}\u{e0061}\u{2028}\u{fff0}\u{600}\u{7f}\t".chars() {
            for name in [format!("cv{hidden}v"), format!("{hidden}cvv"), format!("cvv{hidden}")] {
                assert!(check_name(&name).is_err(), "{}", name.escape_unicode());
            }
        }
    }

    #[test]
    fn names_with_blanks_around_them_are_refused() {
        for blank in " \t\u{a0}\u{2003}\u{3000}".chars() {
            assert!(check_name(&format!("{blank}cvv")).is_err());
            assert!(check_name(&format!("cvv{blank}")).is_err());
        }
        assert!(check_name("security code").is_ok());
    }

    #[test]
    fn names_in_another_normalization_form_are_refused() {
        assert!(check_name("cafe\u{301}").is_err());
        assert!(check_name("caf\u{e9}").is_ok());
        assert!(check_name("\u{212b}").is_err(), "the ångström sign is always written as another letter");
    }

    #[test]
    fn names_of_many_languages_are_taken() {
        for name in ["größe", "имя", "名前", "이름", "नाम", "ชื่อ", "שם", "اسم", "όνομα", "a_b-c.d/e f", "🎂", "½", "№"]
        {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }

    /// `Default_Ignorable_Code_Point` of DerivedCoreProperties.txt, Unicode 16, which later versions have kept.
    #[test]
    fn the_default_ignorable_characters_are_those_of_unicode() {
        let ranges = [
            0xad..=0xad,
            0x34f..=0x34f,
            0x61c..=0x61c,
            0x115f..=0x1160,
            0x17b4..=0x17b5,
            0x180b..=0x180f,
            0x200b..=0x200f,
            0x202a..=0x202e,
            0x2060..=0x206f,
            0x3164..=0x3164,
            0xfe00..=0xfe0f,
            0xfeff..=0xfeff,
            0xffa0..=0xffa0,
            0xfff0..=0xfff8,
            0x1_bca0..=0x1_bca3,
            0x1_d173..=0x1_d17a,
            0xe_0000..=0xe_0fff,
        ];
        for character in ('\0'..='\u{1ffff}').chain('\u{dffff}'..='\u{e1001}') {
            let expected = ranges.iter().any(|range| range.contains(&u32::from(character)));
            assert_eq!(is_default_ignorable(character), expected, "{}", character.escape_unicode());
        }
    }
}
