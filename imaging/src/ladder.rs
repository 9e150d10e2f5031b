//! The widths of the generated sizes: few, so that clients can't request an unlimited number of sizes.

/// In pixels, ascending. The sizes of an image are deleted by name, so a width of a released version stays listed.
pub const WIDTHS: [u32; 6] = [160, 320, 640, 960, 1280, 1920];

/// How an image is fitted to the requested box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The whole image fits into the box.
    Contain,
    /// The image fills the box, and the client crops the overflow.
    Cover,
}

/// The requested box in pixels. A missing side is not limited.
#[derive(Clone, Copy, Debug)]
pub struct RequestedBox {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub fit: Fit,
}

/// Returns the widths that are smaller than this one, ascending.
pub fn below(width: u32) -> &'static [u32] {
    let end = WIDTHS.partition_point(|step| *step < width);
    &WIDTHS[..end]
}

/// Returns the proportional height of an image that is resized to the width `made`: rounded, at least 1.
pub fn height_of((width, height): (u32, u32), made: u32) -> u32 {
    let whole = u64::from(width.max(1));
    let scaled = (u64::from(height) * u64::from(made) + whole / 2) / whole;
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// Returns the smallest width of the ladder that covers the box. `None` if only the original does, or no box is
/// requested.
pub fn select_width(image: (u32, u32), want: RequestedBox) -> Option<u32> {
    // Compared by cross products, because heights are rounded: 640 wide of 3:2 satisfies a box of 640 x 427.
    let (width, height) = (u64::from(image.0), u64::from(image.1));
    let by_width = want.width.map(u64::from);
    let by_height = want
        .height
        .map(|requested| (u64::from(requested) * width).div_ceil(height.max(1)));
    let needed = match (by_width, by_height, want.fit) {
        (Some(one), Some(other), Fit::Contain) => one.min(other),
        (Some(one), Some(other), Fit::Cover) => one.max(other),
        (one, other, _) => one.or(other)?,
    };
    let enough = |step: &&u32| {
        let by_rounding = by_height == Some(needed)
            && want
                .height
                .is_some_and(|requested| height_of(image, **step) >= requested);
        u64::from(**step) >= needed || by_rounding
    };
    below(image.0).iter().find(enough).copied()
}
