//! What may travel through a queue: plain data.

use std::mem::{align_of, size_of};

/// Types whose values are nothing but bytes, so that a queue can carry them between threads, processes and languages.
///
/// Implemented for the integers, the floating-point numbers and arrays of them. For a struct of your own use
/// [`impl_pod!`](crate::impl_pod), which needs no `unsafe`: it proves the conditions below at compile time.
///
/// # Safety
///
/// Whoever implements it promises:
/// - any bytes of its size are a valid value. (What a reader gets was validated, but not who wrote it, and as what;
///   and inside [`Cursor::read_with`](crate::Cursor::read_with) bytes of two records may be mixed.) So no `bool`,
///   `char`, enum, reference, `NonZero...`;
/// - it has no padding: every byte of a value is initialised. Padding could not be copied into shared memory soundly,
///   and would leak what was there before;
/// - it has no interior mutability, owns nothing, and means the same in another process: no pointers.
///
/// Its alignment may be 16 at most and its size not 0: a queue refuses others at compile time. Peers in other
/// languages and other builds agree on the layout of a struct only if it is `#[repr(C)]`.
pub unsafe trait Pod: Copy + Send + Sync + 'static {}

macro_rules! numbers {
    ($($name:ty)*) => {$(
        // SAFETY: all bit patterns are values, and a number has no padding.
        unsafe impl Pod for $name {}
    )*};
}
numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

// SAFETY: elements follow each other without padding, and each is plain data.
unsafe impl<T: Pod, const N: usize> Pod for [T; N] {}

/// Refuses, when it is evaluated at compile time, what no queue can carry.
pub(crate) struct Carried<T>(T);

impl<T: Pod> Carried<T> {
    pub(crate) const IS_POSSIBLE: () = {
        assert!(size_of::<T>() != 0, "a queue's elements have at least one byte");
        assert!(align_of::<T>() <= 16, "the elements of a ring are aligned to 16 bytes at most");
    };
}

/// Implements [`Pod`] for a struct whose fields, all of them given, are plain data and leave no padding between them.
///
/// The struct should be `#[repr(C)]`, and must be `Copy`. That the fields are all there, have those types, are [`Pod`]
/// and leave no padding is checked at compile time.
///
/// ```
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct Tick { price: f64, size: u32, venue: u32 }
/// slickq::impl_pod!(Tick { price: f64, size: u32, venue: u32 });
/// ```
///
/// Padding, a field that is not plain data, and one that was left out are refused:
///
/// ```compile_fail,E0080
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct Padded { small: u8, large: u32 }
/// slickq::impl_pod!(Padded { small: u8, large: u32 });
/// ```
/// ```compile_fail,E0277
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct Flagged { is_set: bool }
/// slickq::impl_pod!(Flagged { is_set: bool });
/// ```
/// ```compile_fail,E0027
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct Pair { first: u32, second: f32 }
/// slickq::impl_pod!(Pair { first: u32 });
/// ```
#[macro_export]
macro_rules! impl_pod {
    ($name:ident { $($field:ident : $of:ty),+ $(,)? }) => {
        const _: () = {
            const fn is_pod<T: $crate::Pod>() -> usize {
                ::std::mem::size_of::<T>()
            }
            // The pattern names every field, and the bindings have the types given.
            #[allow(dead_code, clippy::all)]
            fn has_these_fields(value: $name) {
                let $name { $($field),+ } = value;
                $(let _: $of = $field;)+
            }
            assert!(::std::mem::size_of::<$name>() == 0 $(+ is_pod::<$of>())+, "there is padding between the fields");
        };
        // SAFETY: checked above: the fields are all there is, each of them plain data, without padding.
        unsafe impl $crate::Pod for $name {}
    };
}
