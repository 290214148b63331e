//! The group against itself, against X25519 alone, against NIST's vectors, and against shares that must be refused.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Seek as _, SeekFrom};

use ml_kem::Seed;
use ml_kem::array::Array;
use serde_json::Value;

use super::*;

const CLIENT_SHARE: usize = 1216;
const SERVER_SHARE: usize = 1120;

fn exchange() -> (Box<dyn ActiveKeyExchange>, CompletedKeyExchange) {
    let client = X25519MlKem768.start().unwrap();
    let server = X25519MlKem768.start_and_complete(client.pub_key()).unwrap();
    (client, server)
}

fn is_refused<T>(outcome: Result<T, Error>) -> bool {
    matches!(outcome.err(), Some(Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare)))
}

#[test]
fn both_sides_come_to_one_secret_with_shares_of_the_drafts_lengths() {
    let (client, server) = exchange();
    assert_eq!((client.pub_key().len(), server.pub_key.len()), (CLIENT_SHARE, SERVER_SHARE));
    assert_eq!((client.group(), server.group), (NamedGroup::X25519MLKEM768, NamedGroup::X25519MLKEM768));
    let secret = client.complete(&server.pub_key).unwrap();
    assert_eq!(secret.secret_bytes().len(), SECRETS);
    assert_eq!(secret.secret_bytes(), server.secret.secret_bytes());
    let (_, another) = exchange();
    assert_ne!(secret.secret_bytes(), another.secret.secret_bytes());
}

#[test]
fn each_half_of_the_secret_is_one_of_the_two() {
    let (mut parts, seed) = (Vec::new(), SecretBytes::<64>::from_slice(&[7; 64]).unwrap());
    let (ml_kem, x25519) = (key_pair(&seed), X25519.start().unwrap());
    parts.extend_from_slice(&ml_kem.encapsulation_key().to_bytes());
    parts.extend_from_slice(x25519.pub_key());
    let server = X25519MlKem768.start_and_complete(&parts).unwrap();
    let (ciphertext, point) = server.pub_key.split_at(CIPHERTEXT);
    let (first, second) = server.secret.secret_bytes().split_at(32);
    assert_eq!(first, ml_kem.decapsulate(&Array::try_from(ciphertext).unwrap()).as_slice());
    assert_eq!(second, x25519.complete(point).unwrap().secret_bytes());
}

#[test]
fn a_server_with_x25519_alone_takes_the_half_that_it_knows() {
    let client = X25519MlKem768.start().unwrap();
    let (group, share) = client.hybrid_component().unwrap();
    assert_eq!((group, share), (NamedGroup::X25519, &client.pub_key()[ENCAPSULATION_KEY..]));
    let server = X25519.start_and_complete(share).unwrap();
    let secret = client.complete_hybrid_component(&server.pub_key).unwrap();
    assert_eq!(secret.secret_bytes(), server.secret.secret_bytes());
}

#[test]
fn a_share_of_another_length_is_refused() {
    let (client, server) = exchange();
    let share = client.pub_key().to_vec();
    let longer = |share: &[u8]| [share, &[0]].concat();
    for wrong in [&[][..], &share[..32], &share[..ENCAPSULATION_KEY], &share[1..], &longer(&share), &server.pub_key] {
        assert!(is_refused(X25519MlKem768.start_and_complete(wrong)), "{} bytes", wrong.len());
    }
    let answer = &server.pub_key;
    for wrong in [&[][..], &answer[..32], &answer[..CIPHERTEXT], &answer[1..], &longer(answer), &share] {
        assert!(is_refused(exchange().0.complete(wrong)), "{} bytes", wrong.len());
    }
}

#[test]
fn an_encapsulation_key_with_a_number_above_the_modulus_is_refused() {
    let share = X25519MlKem768.start().unwrap().pub_key().to_vec();
    // Two numbers of 12 bits lie in three bytes, the lower bits first (FIPS 203, section 4.2.1).
    let with = |number: u16, at: usize| {
        let mut share = share.clone();
        let [low, high] = number.to_le_bytes();
        share[at] = low;
        share[at + 1] = share[at + 1] & 0xf0 | high;
        share
    };
    for at in [0, 3, 1149] {
        assert!(X25519MlKem768.start_and_complete(&with(3328, at)).is_ok(), "at {at}");
        for number in [3329, 4095] {
            assert!(is_refused(X25519MlKem768.start_and_complete(&with(number, at))), "{number} at {at}");
        }
    }
}

#[test]
fn points_that_make_x25519s_secret_zero_are_refused() {
    // Points of small order: with any key the result is zero (RFC 7748, section 6.1).
    for low in [[0; 32], std::array::from_fn(|index| u8::from(index == 0))] {
        let (client, server) = exchange();
        let share = [&client.pub_key()[..ENCAPSULATION_KEY], &low].concat();
        assert!(is_refused(X25519MlKem768.start_and_complete(&share)));
        let answer = [&server.pub_key[..CIPHERTEXT], &low].concat();
        assert!(is_refused(client.complete(&answer)));
        assert!(is_refused(exchange().0.complete_hybrid_component(&low)));
    }
}

#[test]
fn who_alters_a_share_comes_to_another_secret() {
    for at in [0, CIPHERTEXT - 1, CIPHERTEXT, SERVER_SHARE - 1] {
        let (client, mut server) = exchange();
        server.pub_key[at] ^= 1;
        let secret = client.complete(&server.pub_key).unwrap();
        assert_ne!(secret.secret_bytes(), server.secret.secret_bytes(), "byte {at}");
    }
}

#[test]
fn the_group_is_the_first_and_for_tls_1_3_only_and_claims_no_validation() {
    let provider = provider();
    let names: Vec<_> = provider.kx_groups.iter().map(|group| group.name()).collect();
    assert_eq!(names[..2], [NamedGroup::X25519MLKEM768, NamedGroup::X25519]);
    assert!(X25519MlKem768.usable_for_version(ProtocolVersion::TLSv1_3));
    assert!(!X25519MlKem768.usable_for_version(ProtocolVersion::TLSv1_2));
    assert!(!X25519MlKem768.fips() && !provider.fips());
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/ml_kem_768.json")).unwrap()
}

/// A member of a vector, from hexadecimal.
fn bytes(vector: &Value, name: &str) -> Vec<u8> {
    let digits = vector[name].as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[test]
#[expect(deprecated, reason = "NIST gives decapsulation keys in their expanded form")]
fn keys_are_made_as_nist_makes_them() {
    use ml_kem::ExpandedKeyEncoding as _;
    for vector in vectors()["keyGen"].as_array().unwrap() {
        let seed = [bytes(vector, "d"), bytes(vector, "z")].concat();
        let key = key_pair(&SecretBytes::from_slice(&seed).unwrap());
        assert_eq!(key.encapsulation_key().to_bytes().as_slice(), bytes(vector, "ek"), "{}", vector["tcId"]);
        assert_eq!(key.to_expanded_bytes().as_slice(), bytes(vector, "dk"), "{}", vector["tcId"]);
        assert_eq!(key.to_seed(), Some(Seed::try_from(seed.as_slice()).unwrap()));
    }
}

#[test]
fn secrets_are_encapsulated_as_nist_does() {
    let x25519 = SharedSecret::from(&[9; 32][..]);
    for vector in vectors()["encapsulation"].as_array().unwrap() {
        let key = bytes(vector, "ek").try_into().unwrap();
        let message = SecretBytes::from_slice(&bytes(vector, "m")).unwrap();
        let (ciphertext, secret) = encapsulate(&key, &message, &x25519).unwrap();
        assert_eq!(ciphertext.as_slice(), bytes(vector, "c"), "{}", vector["tcId"]);
        assert_eq!(secret.secret_bytes(), [bytes(vector, "k"), vec![9; 32]].concat(), "{}", vector["tcId"]);
    }
}

#[test]
#[expect(deprecated, reason = "NIST gives decapsulation keys in their expanded form")]
fn secrets_are_decapsulated_as_nist_does_altered_ciphertexts_included() {
    use ml_kem::ExpandedKeyEncoding as _;
    let group = &vectors()["decapsulation"];
    let key = bytes(group, "dk").as_slice().try_into().unwrap();
    let key = DecapsulationKey768::from_expanded_bytes(&key).unwrap();
    for vector in group["tests"].as_array().unwrap() {
        let ciphertext = bytes(vector, "c").as_slice().try_into().unwrap();
        assert_eq!(key.decapsulate(&ciphertext).as_slice(), bytes(vector, "k"), "{}", vector["tcId"]);
    }
}

/// How often each of `wanted` lies in the 64 KiB of stack below `anchor`, read through the kernel: it is dead memory.
fn left_below(anchor: &u8, wanted: &[&[u8]]) -> Vec<usize> {
    let (mut memory, mut below) = (File::open("/proc/self/mem").unwrap(), vec![0; 64 * 1024]);
    let start = std::ptr::from_ref(anchor).addr() - below.len();
    memory.seek(SeekFrom::Start(u64::try_from(start).unwrap())).unwrap();
    memory.read_exact(&mut below).unwrap();
    wanted.iter().map(|secret| below.windows(secret.len()).filter(|window| window == secret).count()).collect()
}

/// The first eight numbers of a private key as they lie in memory; encoded they are of 12 bits each.
#[expect(deprecated, reason = "the seed does not show them")]
fn numbers(key: &DecapsulationKey768) -> Vec<u8> {
    let encoded = ml_kem::ExpandedKeyEncoding::to_expanded_bytes(key);
    let pair = |bytes: &[u8]| [bytes[0], bytes[1] & 0xf, bytes[1] >> 4 | bytes[2] << 4, bytes[2] >> 4];
    encoded[..12].chunks(3).flat_map(pair).collect()
}

#[test]
fn no_secret_is_left_on_the_stack() {
    let anchor = 0;
    let seed = SecretBytes::<64>::random().unwrap();
    let message = SecretBytes::<32>::random().unwrap();
    let key = key_pair(&seed);
    let share = key.encapsulation_key().to_bytes();
    let (share, public) = (share.as_slice().try_into().unwrap(), EncapsulationKey768::new(&share).unwrap());
    let x25519 = SharedSecret::from(&[9; 32][..]);
    let (ciphertext, secret) = encapsulate(&share, &message, &x25519).unwrap();
    let (numbers, secret) = (numbers(&key), &secret.secret_bytes()[..32]);
    let (d, m) = (&seed.expose()[..32], message.expose().as_slice());
    let look_after = |use_of_it: &dyn Fn(), wanted: &[&[u8]]| {
        use_of_it();
        left_below(&anchor, wanted)
    };

    // The control: the crate by itself.
    let made = look_after(&|| _ = black_box(DecapsulationKey768::from_seed((*seed.expose()).into())), &[&numbers]);
    let sent = look_after(&|| _ = black_box(public.encapsulate_deterministic(message.expose().into())), &[secret]);
    let taken = look_after(&|| _ = black_box(key.decapsulate(&ciphertext)), &[secret]);
    assert!(made[0] > 0 && sent[0] > 0 && taken[0] > 0, "the control must find them: {made:?} {sent:?} {taken:?}");

    let ciphertext = ciphertext.as_slice().try_into().unwrap();
    assert_eq!(look_after(&|| _ = black_box(key_pair(&seed)), &[d, &numbers]), [0, 0]);
    assert_eq!(look_after(&|| _ = black_box(encapsulate(&share, &message, &x25519)), &[m, secret]), [0, 0]);
    assert_eq!(
        look_after(&|| _ = black_box(decapsulate(&key, &ciphertext, &x25519)), &[m, secret, &numbers]),
        [0, 0, 0]
    );
}
