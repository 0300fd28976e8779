//! What becomes of a panic: a program says which of the two it wants.

/// Nothing in this program can panic. If something could, it would not link: nobody has the function that is then called.
#[macro_export]
macro_rules! panics_do_not_link {
    () => {
        #[panic_handler]
        fn panic(_: &::core::panic::PanicInfo<'_>) -> ! {
            unsafe extern "C" {
                fn something_in_this_program_can_panic() -> !;
            }
            // SAFETY: never linked, so never called.
            unsafe { something_in_this_program_can_panic() }
        }
    };
}

/// A panic ends the program, with a status that says so: for programs that test.
#[macro_export]
macro_rules! panics_end_it {
    () => {
        #[panic_handler]
        fn panic(_: &::core::panic::PanicInfo<'_>) -> ! {
            $crate::Say.text("panic").line();
            $crate::exit(101)
        }
    };
}
