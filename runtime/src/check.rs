//! What holds unless a caller made a mistake.

/// Stops where `$fits` does not hold, and `$says` why; with `$other`, gives that where it cannot stop.
///
/// With `std`, and in every build with debug assertions, to stop is to panic. On a microcontroller nobody would read the message, and what
/// panics brings more code than a small network has: there, a release build ends the function, and does nothing. No network that
/// `network!` writes comes so far.
macro_rules! check {
    ($fits:expr, $says:literal) => {
        $crate::check::check!($fits, $says, ())
    };
    ($fits:expr, $says:literal, $other:expr) => {
        if !$fits {
            #[cfg(any(feature = "std", debug_assertions))]
            panic!($says);
            #[cfg(not(any(feature = "std", debug_assertions)))]
            {
                let _ = ::core::format_args!($says);
                return $other;
            }
        }
    };
}
pub(crate) use check;

/// The first `at` numbers, and the rest.
#[inline]
#[track_caller]
pub(crate) fn split<T>(numbers: &mut [T], at: usize) -> (&mut [T], &mut [T]) {
    check!(at <= numbers.len(), "memory is shorter than planned", (&mut [], &mut []));
    numbers.split_at_mut(at)
}
