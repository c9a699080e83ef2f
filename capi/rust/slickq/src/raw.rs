//! Between the library's structs and texts and those of Rust.

use crate::error::{ok, Error, ErrorKind, Result};
use slickq_sys as sys;
use std::ffi::{CStr, CString};
use std::mem::{size_of, MaybeUninit};
use std::os::raw::c_char;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The structs that can grow: they begin with their size.
///
/// # Safety
/// The first field is `struct_size: u32`, and all zero is a value.
pub(crate) unsafe trait Grows {}

macro_rules! grow {
    ($($name:ident)*) => {$(
        // SAFETY: integers and raw pointers, beginning with struct_size.
        unsafe impl Grows for sys::$name {}
    )*};
}
grow!(slickq_queue_info slickq_reader_info slickq_consumer_info slickq_group_info slickq_inspection slickq_epoch_info);
grow!(slickq_options slickq_reader_options slickq_worker_options);

/// All zero but for its size.
pub(crate) fn sized<S: Grows>() -> S {
    let mut zero = MaybeUninit::<S>::zeroed();
    // SAFETY: what Grows promises.
    unsafe {
        zero.as_mut_ptr().cast::<u32>().write(size_of::<S>() as u32);
        zero.assume_init()
    }
}

/// What a function put into such a struct.
pub(crate) fn fill<S: Grows>(call: impl FnOnce(*mut S) -> sys::slickq_status) -> Result<S> {
    let mut info = sized::<S>();
    ok(call(&mut info))?;
    Ok(info)
}

#[inline]
pub(crate) fn no_record() -> sys::slickq_record {
    sys::slickq_record { data: std::ptr::null(), index: 0, lost: 0, count: 0, flags: 0 }
}

/// Those of a table's entries that there are.
pub(crate) fn entries<S: Grows>(most: u32, call: impl Fn(u32, *mut S) -> sys::slickq_status) -> Result<Vec<(u32, S)>> {
    let mut all = Vec::new();
    for number in 0..most {
        let mut info = sized::<S>();
        match call(number, &mut info) {
            sys::SLICKQ_EMPTY => {}
            status => {
                ok(status)?;
                all.push((number, info));
            }
        }
    }
    Ok(all)
}

pub(crate) fn identity(bytes: [u8; 16]) -> Option<[u8; 16]> {
    (bytes != [0; 16]).then_some(bytes)
}

pub(crate) fn moment(nanoseconds: i64) -> Option<SystemTime> {
    u64::try_from(nanoseconds).ok().filter(|since| *since != 0).map(|since| UNIX_EPOCH + Duration::from_nanos(since))
}

pub(crate) fn text(from: *const c_char) -> String {
    // SAFETY: a NUL-terminated text of the library, or inside a struct that it filled.
    unsafe { CStr::from_ptr(from) }.to_string_lossy().into_owned()
}

/// A name for the library.
pub(crate) fn c_string(name: &str) -> Result<CString> {
    CString::new(name).map_err(|_| Error::new(ErrorKind::Name, format!("the name {name:?} has a NUL inside")))
}
