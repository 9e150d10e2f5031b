//! The token of a cart: 256 random bits. The database stores only its keyed hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::core::secret::Secret;
use crate::infra::keys::Keys;

const LENGTH: usize = 32;
/// The length of the text form in characters.
const TEXT_LENGTH: usize = 43;

/// The token of a cart.
pub struct CartToken([u8; LENGTH]);

impl CartToken {
    /// Creates a token.
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// Parses the text form. Returns `None` if it is malformed.
    pub fn parse(text: &Secret) -> Option<Self> {
        let text = Some(text.expose()).filter(|text| text.len() == TEXT_LENGTH)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Returns the text form.
    pub fn encode(&self) -> Secret {
        URL_SAFE_NO_PAD.encode(self.0).into()
    }

    /// Returns the hash to store.
    pub fn hash(&self, keys: &Keys) -> Vec<u8> {
        keys.signing.cart_mac(&self.0).to_vec()
    }

    /// Returns the hashes under all keys.
    pub fn hashes(&self, keys: &Keys) -> Vec<Vec<u8>> {
        keys.all()
            .map(|key| key.cart_mac(&self.0).to_vec())
            .collect()
    }
}
