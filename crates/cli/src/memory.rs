//! The allocator, and when it returns memory to the system.

use std::ffi::c_long;

use libmimalloc_sys::{mi_option_set_default, mi_option_t};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3, which the bindings lack.
const PURGE_DELAY: mi_option_t = 15;

/// Long enough for memory that is reused immediately, as for pages.
const PURGE_DELAY_MS: c_long = 10;

/// Makes the allocator return freed memory to the system after [`PURGE_DELAY_MS`], unless the environment sets
/// `MIMALLOC_PURGE_DELAY`. With the default of a second, memory freed by ingest and sealing accumulates to more than
/// they use.
pub(crate) fn give_back_soon() {
    #[expect(unsafe_code, reason = "a C function that accepts any option and number")]
    // SAFETY: it stores a number, and may be called at any time.
    unsafe {
        mi_option_set_default(PURGE_DELAY, PURGE_DELAY_MS);
    }
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::*;

    /// If this fails, the new version of the allocator has other option numbers or another default.
    #[test]
    fn the_option_is_the_one_meant() {
        #[expect(unsafe_code, reason = "a C function that accepts any option")]
        // SAFETY: it reads a number, and may be called at any time.
        let get = || unsafe { mi_option_get(PURGE_DELAY) };
        assert_eq!(get(), 1_000, "the default, in milliseconds");
        give_back_soon();
        assert_eq!(get(), PURGE_DELAY_MS);
    }
}
