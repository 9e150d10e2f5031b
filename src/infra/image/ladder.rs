//! The widths that sizes are made in: few, so that nobody can order a million of them.

/// In pixels, smallest first.
pub const WIDTHS: [u32; 6] = [160, 320, 640, 960, 1280, 1920];

/// How a picture meets the box that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The whole picture fits into the box.
    Contain,
    /// The picture fills the box, and what stands over is cropped by whoever shows it.
    Cover,
}

/// The box that is asked for, in pixels. A side that is left out is as long as it comes.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub fit: Fit,
}

/// The widths that are smaller than the picture's own, smallest first.
pub fn below(width: u32) -> &'static [u32] {
    let end = WIDTHS.partition_point(|step| *step < width);
    &WIDTHS[..end]
}

/// The height in proportion of a picture that is made this wide: rounded, at least 1.
pub fn height_of((width, height): (u32, u32), made: u32) -> u32 {
    let whole = u64::from(width.max(1));
    let scaled = (u64::from(height) * u64::from(made) + whole / 2) / whole;
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// The smallest width of the ladder that has all the pixels the box can show; none when only the original has them, or
/// when no box is asked for.
pub fn pick(picture: (u32, u32), want: Want) -> Option<u32> {
    // Compared by cross products, because a height is rounded: a box of 640 x 427 is met by 640 wide of 3:2.
    let (width, height) = (u64::from(picture.0), u64::from(picture.1));
    let by_width = want.width.map(u64::from);
    let by_height = want
        .height
        .map(|asked| (u64::from(asked) * width).div_ceil(height.max(1)));
    let needed = match (by_width, by_height, want.fit) {
        (Some(one), Some(other), Fit::Contain) => one.min(other),
        (Some(one), Some(other), Fit::Cover) => one.max(other),
        (one, other, _) => one.or(other)?,
    };
    let enough = |step: &&u32| {
        let by_rounding = by_height == Some(needed)
            && want
                .height
                .is_some_and(|asked| height_of(picture, **step) >= asked);
        u64::from(**step) >= needed || by_rounding
    };
    below(picture.0).iter().find(enough).copied()
}
