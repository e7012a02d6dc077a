//! The allocator, and when it gives memory back.

use std::ffi::c_long;

use libmimalloc_sys::{mi_option_set_default, mi_option_t};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3, which the bindings do not name.
const PURGE_DELAY: mi_option_t = 15;

/// Long enough for memory that is asked for again at once, as pages do.
const PURGE_DELAY_MS: c_long = 10;

/// Has freed memory given back to the system after [`PURGE_DELAY_MS`], where the environment (`MIMALLOC_PURGE_DELAY`) says
/// nothing else. In the second that is usual, what ingest and sealing free piles up to more than they use.
pub(crate) fn give_back_soon() {
    #[expect(unsafe_code, reason = "a function of C that takes any option and number")]
    // SAFETY: it stores a number, and may be called at any time.
    unsafe {
        mi_option_set_default(PURGE_DELAY, PURGE_DELAY_MS);
    }
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::*;

    /// Should this fail, options have other numbers, or another default, in the allocator's new version.
    #[test]
    fn the_option_is_the_one_meant() {
        #[expect(unsafe_code, reason = "a function of C that takes any option")]
        // SAFETY: it reads a number, and may be called at any time.
        let get = || unsafe { mi_option_get(PURGE_DELAY) };
        assert_eq!(get(), 1_000, "the default, in milliseconds");
        give_back_soon();
        assert_eq!(get(), PURGE_DELAY_MS);
    }
}
