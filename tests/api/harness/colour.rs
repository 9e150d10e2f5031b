//! Generated colour profiles.

use moxcms::ColorProfile;

/// Returns the profile of Display P3.
pub fn display_p3() -> Vec<u8> {
    ColorProfile::new_display_p3().encode().unwrap()
}

/// Returns a grey profile with this gamma.
pub fn grey(gamma: f32) -> Vec<u8> {
    ColorProfile::new_gray_with_gamma(gamma).encode().unwrap()
}

/// Returns a CMYK profile in which cyan is red, with a lookup table of 2 steps for each ink.
pub fn cmyk() -> Vec<u8> {
    let mut table = b"mft2\0\0\0\0\x04\x03\x02\0".to_vec();
    for row in [[1, 0, 0], [0, 1, 0], [0, 0, 1]] {
        table.extend(row.map(|one: u32| one << 16).map(u32::to_be_bytes).concat());
    }
    table.extend([0, 2, 0, 2]);
    table.extend([0, 0, 0xFF, 0xFF].repeat(4));
    for inks in 0..16 {
        let (cyan, other) = (inks & 8 != 0, inks & 7);
        // L, a and b: white, red, and black if there is any other ink.
        let colour: [u16; 3] = match (cyan, other) {
            (false, 0) => [0xFF00, 0x8000, 0x8000],
            (true, 0) => [0x8800, 0xD000, 0xC000],
            _ => [0, 0x8000, 0x8000],
        };
        table.extend(colour.map(u16::to_be_bytes).concat());
    }
    table.extend([0, 0, 0xFF, 0xFF].repeat(3));
    profile(*b"CMYK", &[(b"A2B0", &table)])
}

/// Returns a profile with these tags.
pub fn profile(space: [u8; 4], tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let be_bytes = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let (mut entries, mut data) = (be_bytes(tags.len()).to_vec(), Vec::new());
    let start = 132 + 12 * tags.len();
    for (name, tag) in tags {
        entries.extend([**name, be_bytes(start + data.len()), be_bytes(tag.len())].concat());
        data.extend_from_slice(tag);
    }
    let mut head = vec![0; 128];
    head[..4].copy_from_slice(&be_bytes(start + data.len()));
    head[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    head[12..16].copy_from_slice(b"prtr");
    head[16..20].copy_from_slice(&space);
    head[20..24].copy_from_slice(b"Lab ");
    head[24..36].copy_from_slice(&[7, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    head[36..40].copy_from_slice(b"acsp");
    head[68..80].copy_from_slice(b"\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D");
    [head, entries, data].concat()
}

/// Returns an ICC segment of a JPEG with a part of a profile.
pub fn segment(part: &[u8], number: u8, count: u8) -> Vec<u8> {
    [b"ICC_PROFILE\0".as_slice(), &[number, count], part].concat()
}

/// Returns the body of a PNG chunk with a compressed profile.
pub fn packed(profile: &[u8]) -> Vec<u8> {
    let mut encoder =
        flate2::write::ZlibEncoder::new(b"ICC\0\0".to_vec(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, profile).unwrap();
    encoder.finish().unwrap()
}
