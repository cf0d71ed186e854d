//! Where the window stands, for the program that starts anew in its own place.

use std::fmt;

/// The variable in which the program tells itself.
pub(crate) const VARIABLE: &str = "VAULTMARK_WINDOW_PLACE";
/// No screen is larger, in pixels.
const MOST: i32 = 32_768;

/// Position and size on the screen, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
    /// Whether it fills the screen; the size is that before.
    pub maximized: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { x, y, width, height, maximized } = self;
        write!(f, "{x},{y},{width},{height},{}", u8::from(*maximized))
    }
}

impl Place {
    /// What [`VARIABLE`] says; none where it says nothing or nothing sensible.
    pub(crate) fn told() -> Option<Self> {
        Self::parse(&std::env::var(VARIABLE).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<i32> = text.split(',').map_while(|part| part.parse().ok()).collect();
        let [x, y, width, height, maximized] = numbers[..] else { return None };
        let sensible = [x, y].iter().all(|n| n.abs() < MOST)
            && [width, height].iter().all(|n| (1..MOST).contains(n));
        sensible.then_some(Self { x, y, width, height, maximized: maximized == 1 })
    }

    /// Where the window of a view stands.
    #[cfg(target_os = "linux")]
    pub(crate) fn of(view: &webkit2gtk::WebView) -> Option<Self> {
        use gtk::prelude::*;

        let window = view.toplevel()?.downcast::<gtk::Window>().ok()?;
        let ((x, y), (width, height)) = (window.position(), window.size());
        Some(Self { x, y, width, height, maximized: window.is_maximized() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_again_and_nonsense_is_not() {
        let place = Place { x: -5, y: 30, width: 1280, height: 800, maximized: true };
        assert_eq!(Place::parse(&place.to_string()), Some(place));
        for wrong in ["", "1,2,3,4", "1,2,0,4,0", "1,2,3,99999,0", "a,b,c,d,e", "1,2,3,4,0,9"] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }
}
