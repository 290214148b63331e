//! Key exchange: X25519MLKEM768 first, X25519 for peers without it.
//!
//! Whoever records connections today can read them with a quantum computer built later, if X25519 alone made their keys. So
//! ML-KEM-768 (FIPS 203) and X25519 (RFC 7748) both make them, and whoever wants to read has to break both. Shares and secret
//! are those of draft-ietf-tls-ecdhe-mlkem, section 4:
//!
//! | | ML-KEM-768 | then X25519 | together |
//! |---|---|---|---|
//! | the client's share | encapsulation key, 1184 bytes | 32 bytes | 1216 bytes |
//! | the server's share | ciphertext, 1088 bytes | 32 bytes | 1120 bytes |
//! | the secret | 32 bytes | 32 bytes | 64 bytes |
//!
//! X25519 is ring's; ML-KEM is no validated module, so [`SupportedKxGroup::fips`] stays false.

use ml_kem::kem::Decapsulate as _;
use ml_kem::ml_kem_768::Ciphertext;
use ml_kem::{DecapsulationKey768, EncapsulationKey768, KeyExport as _};
use rustls::crypto::ring::default_provider;
use rustls::crypto::ring::kx_group::X25519;
use rustls::crypto::{
    ActiveKeyExchange, CompletedKeyExchange, CryptoProvider, GetRandomFailed, SharedSecret, SupportedKxGroup,
};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};
use secret::{RandomError, SecretBytes, scrubbed_deep};
use zeroize::Zeroizing;

/// Bytes of ML-KEM-768's encapsulation key and of its ciphertext (FIPS 203, table 3).
const ENCAPSULATION_KEY: usize = 1184;
const CIPHERTEXT: usize = 1088;
/// Bytes of both secrets together.
const SECRETS: usize = 64;

/// ring's provider with the hybrid group before its own, which are X25519 and, for peers without that, P-256 and P-384.
pub(super) fn provider() -> CryptoProvider {
    let mut provider = default_provider();
    provider.kx_groups.insert(0, &X25519MlKem768);
    provider
}

/// The group X25519MLKEM768.
#[derive(Debug)]
struct X25519MlKem768;

impl SupportedKxGroup for X25519MlKem768 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let x25519 = X25519.start()?;
        // The seed is the pair (d, z) of FIPS 203, section 7.1.
        let seed = SecretBytes::random().map_err(no_randomness)?;
        let ml_kem = key_pair(&seed);
        let share = [ml_kem.encapsulation_key().to_bytes().as_slice(), x25519.pub_key()].concat();
        Ok(Box::new(Started { ml_kem, x25519, share }))
    }

    /// The server's part. It is no `start` and `complete`: what it sends depends on what the client sent.
    fn start_and_complete(&self, client_share: &[u8]) -> Result<CompletedKeyExchange, Error> {
        let (key, point) = client_share.split_first_chunk::<ENCAPSULATION_KEY>().ok_or_else(refused)?;
        let x25519 = X25519.start_and_complete(point)?;
        let message = SecretBytes::random().map_err(no_randomness)?;
        let (ciphertext, secret) = encapsulate(key, &message, &x25519.secret)?;
        let pub_key = [ciphertext.as_slice(), &x25519.pub_key].concat();
        Ok(CompletedKeyExchange { group: self.name(), pub_key, secret })
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

/// A client's key exchange that waits for the server's share. ML-KEM's key wipes itself; ring's does not, but lies on the heap,
/// where the allocator wipes what is freed.
struct Started {
    ml_kem: Box<DecapsulationKey768>,
    x25519: Box<dyn ActiveKeyExchange>,
    share: Vec<u8>,
}

impl ActiveKeyExchange for Started {
    fn complete(self: Box<Self>, server_share: &[u8]) -> Result<SharedSecret, Error> {
        let (ciphertext, point) = server_share.split_first_chunk::<CIPHERTEXT>().ok_or_else(refused)?;
        let x25519 = self.x25519.complete(point)?;
        Ok(decapsulate(&self.ml_kem, ciphertext, &x25519))
    }

    /// X25519's share goes along by itself: a server without ML-KEM takes it, with no further round trip.
    fn hybrid_component(&self) -> Option<(NamedGroup, &[u8])> {
        Some((self.x25519.group(), self.x25519.pub_key()))
    }

    fn complete_hybrid_component(self: Box<Self>, server_share: &[u8]) -> Result<SharedSecret, Error> {
        self.x25519.complete(server_share)
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        X25519MlKem768.name()
    }
}

/// `ML-KEM.KeyGen` (FIPS 203, section 7.1), its randomness given.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "a key that is moved leaves its bytes in each frame that it comes through"
)]
fn key_pair(seed: &SecretBytes<64>) -> Box<DecapsulationKey768> {
    scrubbed_deep(|| Box::new(DecapsulationKey768::from_seed((*seed.expose()).into())))
}

/// `ML-KEM.Encaps` (FIPS 203, section 7.2), its randomness given; the ciphertext, and the secret with X25519's behind it.
///
/// A key with a number of 3329 or more in it is refused, which is the standard's modulus check: the crate makes it wherever
/// it takes a key.
fn encapsulate(
    key: &[u8; ENCAPSULATION_KEY],
    message: &SecretBytes<32>,
    x25519: &SharedSecret,
) -> Result<(Ciphertext, SharedSecret), Error> {
    let key = EncapsulationKey768::new(key.into()).ok().ok_or_else(refused)?;
    Ok(scrubbed_deep(|| {
        let (ciphertext, ml_kem) = key.encapsulate_deterministic(message.expose().into());
        (ciphertext, both(&Zeroizing::new(ml_kem), x25519))
    }))
}

/// `ML-KEM.Decaps` (FIPS 203, section 7.3); the secret with X25519's behind it. A ciphertext that was not made for the key
/// has a secret too, which its maker does not know.
fn decapsulate(key: &DecapsulationKey768, ciphertext: &[u8; CIPHERTEXT], x25519: &SharedSecret) -> SharedSecret {
    scrubbed_deep(|| both(&Zeroizing::new(key.decapsulate(ciphertext.into())), x25519))
}

/// ML-KEM's secret, then X25519's. It is wiped when rustls drops it.
fn both(ml_kem: &[u8], x25519: &SharedSecret) -> SharedSecret {
    let mut secret = Vec::with_capacity(SECRETS);
    secret.extend_from_slice(ml_kem);
    secret.extend_from_slice(x25519.secret_bytes());
    secret.into()
}

fn refused() -> Error {
    PeerMisbehaved::InvalidKeyShare.into()
}

fn no_randomness(_error: RandomError) -> Error {
    GetRandomFailed.into()
}

#[cfg(test)]
mod tests;
