//! Recognizes unsupported file formats, so that a refusal can name the format and the remedy.

use super::{Refusal, refusal};

/// The number of bytes after which a file's format is decided.
pub const HEAD: usize = 1024;

const UNKNOWN: Refusal = refusal("This is not a JPEG, PNG or WebP image.");
const HEIC: Refusal = refusal(
    "This is a HEIC (HEIF) photo, which browsers do not display. Export it as JPEG; iPhones take JPEG with Settings > Camera > \
     Formats > Most Compatible.",
);
const AVIF: Refusal = refusal("This is an AVIF image. Save it as JPEG, PNG or WebP.");
const GIF: Refusal = refusal("This is a GIF image. Save it as PNG or JPEG.");
const BMP: Refusal = refusal("This is a BMP image. Save it as PNG or JPEG.");
const TIFF: Refusal =
    refusal("This is a TIFF image or a camera's raw photo. Export it as JPEG or PNG.");
const RAW: Refusal = refusal("This is a camera's raw photo. Export it as JPEG.");
const SVG: Refusal = refusal("This is an SVG drawing. Export it as PNG.");
const PDF: Refusal = refusal("This is a PDF document. Export the page as JPEG or PNG.");
const JPEG_2000: Refusal = refusal("This is a JPEG 2000 image. Save it as a standard JPEG.");
const JPEG_XL: Refusal = refusal("This is a JPEG XL image. Save it as JPEG, PNG or WebP.");
const JPEG_XR: Refusal = refusal("This is a JPEG XR image. Save it as a standard JPEG.");
const ICO: Refusal = refusal("This is an ICO icon. Save it as PNG.");
const PSD: Refusal = refusal("This is a Photoshop document. Export it as JPEG or PNG.");
const POSTSCRIPT: Refusal = refusal("This is a PostScript document. Export it as JPEG or PNG.");
const VIDEO: Refusal = refusal("This is a video. Save one frame of it as JPEG or PNG.");
const WEB_PAGE: Refusal =
    refusal("This is an HTML page, not an image. Use the URL of the image itself.");
const ZIP: Refusal = refusal("This is a ZIP archive. Extract it and upload the images.");

/// Signatures: the first bytes of formats.
const SIGNATURES: [(&[u8], Refusal); 21] = [
    (b"GIF8", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"IIRO", RAW),
    (b"IIU\0", RAW),
    (b"FUJIFILMCCD-RAW", RAW),
    (b"II\xBC", JPEG_XR),
    (b"%PDF-", PDF),
    (b"%!PS", POSTSCRIPT),
    (b"\0\0\0\x0CjP  \r\n\x87\n", JPEG_2000),
    (b"\xFF\x4F\xFF\x51", JPEG_2000),
    (b"\0\0\0\x0CJXL \r\n\x87\n", JPEG_XL),
    (b"\xFF\x0A", JPEG_XL),
    (b"\0\0\x01\0", ICO),
    (b"\0\0\x02\0", ICO),
    (b"8BPS", PSD),
    (b"\x1A\x45\xDF\xA3", VIDEO),
    (b"\0\0\x01\xBA", VIDEO),
    (b"PK\x03\x04", ZIP),
];

/// Returns the refusal of a file that begins with these bytes and is neither JPEG, PNG nor WebP.
pub fn refuse(head: &[u8]) -> Refusal {
    let known = SIGNATURES
        .into_iter()
        .find(|(signature, _)| head.starts_with(signature));
    if let Some((_, refusal)) = known {
        return refusal;
    }
    if is_bitmap(head) {
        return BMP;
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"AVI ") {
        return VIDEO;
    }
    if let Some(brands) = brands(head) {
        return by_brand(brands);
    }
    by_markup(head).unwrap_or(UNKNOWN)
}

/// Returns the refusal of an unsupported media type, such as `image/heic`; `None` if the type is unknown.
pub fn refuse_type(name: &str) -> Option<Refusal> {
    let name = name.strip_prefix("image/").unwrap_or(name);
    Some(match name.strip_prefix("x-").unwrap_or(name) {
        "heic" | "heif" | "heic-sequence" | "heif-sequence" => HEIC,
        "avif" | "avif-sequence" => AVIF,
        "gif" => GIF,
        "bmp" | "ms-bmp" => BMP,
        "tiff" | "tif" | "adobe-dng" => TIFF,
        "svg+xml" | "svg" => SVG,
        "jp2" | "jpx" | "jpm" | "j2k" => JPEG_2000,
        "jxl" => JPEG_XL,
        "jxr" | "vnd.ms-photo" => JPEG_XR,
        "icon" | "ico" | "vnd.microsoft.icon" => ICO,
        "vnd.adobe.photoshop" | "photoshop" => PSD,
        "application/pdf" => PDF,
        "application/zip" => ZIP,
        "text/html" => WEB_PAGE,
        other if other.starts_with("video/") => VIDEO,
        _ => return None,
    })
}

/// Whether the bytes are a BMP: "BM" and a header length that Windows or OS/2 defines, to exclude texts.
fn is_bitmap(head: &[u8]) -> bool {
    let length = head.get(14..).and_then(|rest| rest.first_chunk::<4>());
    let length = length.map(|bytes| u32::from_le_bytes(*bytes));
    head.starts_with(b"BM") && matches!(length, Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// Returns the brands of an ISO base media file (ISO/IEC 14496-12): the major one, then the compatible ones.
fn brands(head: &[u8]) -> Option<&[[u8; 4]]> {
    let length = usize::try_from(u32::from_be_bytes(*head.first_chunk()?)).ok()?;
    let (kind, rest) = head.get(4..)?.split_first_chunk::<4>()?;
    match kind {
        b"ftyp" => {
            let end = length.checked_sub(8)?.min(rest.len());
            Some(rest.get(..end)?.as_chunks().0)
        }
        // QuickTime without a brand.
        b"moov" | b"mdat" | b"wide" | b"free" | b"skip" => Some(&[]),
        _ => None,
    }
}

fn by_brand(brands: &[[u8; 4]]) -> Refusal {
    let has = |names: &[&[u8; 4]]| brands.iter().any(|brand| names.contains(&brand));
    if has(&[b"avif", b"avis"]) {
        AVIF
    } else if has(&[
        b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1",
    ]) {
        HEIC
    } else if has(&[b"crx "]) {
        RAW
    } else if has(&[b"jp2 ", b"jpx ", b"jpm ", b"jph "]) {
        JPEG_2000
    } else {
        VIDEO
    }
}

/// Finds SVG and HTML after a byte order mark, white space, declarations and comments.
fn by_markup(head: &[u8]) -> Option<Refusal> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let head = head.trim_ascii_start().to_ascii_lowercase();
    if !head.starts_with(b"<") {
        return None;
    }
    let holds = |word: &[u8]| memchr::memmem::find(&head, word).is_some();
    if holds(b"<svg") {
        Some(SVG)
    } else if holds(b"<!doctype html") || holds(b"<html") || holds(b"<head") {
        Some(WEB_PAGE)
    } else {
        None
    }
}
