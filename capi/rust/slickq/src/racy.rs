//! Access to the ring's bytes while others may be writing them.
//!
//! Producers can overwrite any element under a reader's eyes, and lap a producer that is still writing, in this
//! process or in another. So nobody ever has a reference into the ring: neither `&[T]`, whose bytes must not change,
//! nor `&mut [T]`, which must be the only way to them. Every access is a relaxed atomic one through a raw pointer, as
//! the library's own are, so that such a race is no data race: what comes out are bytes, old or new. (Neither C++ nor
//! Rust says what atomic accesses of different sizes to the same byte do; every machine that this runs on performs
//! each of them whole.) Whether they belonged together is then asked of the library, `slickq_queue_validate()`, which
//! orders these loads before its own by an acquire fence.

use crate::pod::Pod;
use slickq_sys as sys;
use std::marker::PhantomData;
use std::mem::{align_of, size_of, MaybeUninit};
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, AtomicU8, Ordering::Relaxed};

/// A record in the ring that producers may be overwriting: what was read of it is true only if the function that gave
/// it out says so afterwards. Any bytes are a value of a [`Pod`] type, so reading is safe; believing it too early is
/// not wise.
#[derive(Debug)]
pub struct Racy<'r, T> {
    record: &'r sys::slickq_record,
    width: usize,
    values: PhantomData<T>,
}

impl<'r, T: Pod> Racy<'r, T> {
    /// # Safety
    /// What the record's data points at is mapped for `'r`, and aligned to `T`.
    #[inline]
    pub(crate) unsafe fn new(record: &'r sys::slickq_record, width: usize) -> Self {
        Racy { record, width, values: PhantomData }
    }

    fn first(&self) -> *const T {
        self.record.data.cast()
    }

    /// How many values it has: its elements times [`Queue::width`](crate::Queue::width).
    pub fn len(&self) -> usize {
        self.record.count as usize * self.width
    }

    /// Never: a record has at least one element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index of its first element.
    pub fn index(&self) -> u64 {
        self.record.index
    }

    /// How many elements it has.
    pub fn count(&self) -> u32 {
        self.record.count
    }

    /// Elements skipped just before it because producers had lapped the cursor.
    pub fn lost(&self) -> u64 {
        self.record.lost
    }

    /// One value, as it is now.
    ///
    /// # Panics
    /// If there is no such value.
    #[inline]
    pub fn get(&self, at: usize) -> T {
        assert!(at < self.len(), "value {at} of a record that has {}", self.len());
        // SAFETY: inside the record, which is mapped.
        unsafe { load(self.first().add(at)) }
    }

    /// All values in turn, each as it is when it is its turn.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len()).map(move |at| self.get(at))
    }

    /// Copies the values to the end of a vector.
    pub fn append_to(&self, values: &mut Vec<T>) {
        let length = self.len();
        values.reserve(length);
        // SAFETY: the record is mapped, the vector has room for that many values, and any bytes are values.
        unsafe {
            copy_out(self.first().cast(), values.as_mut_ptr().add(values.len()).cast(), length * size_of::<T>());
            values.set_len(values.len() + length);
        }
    }

    /// The first value's address, for those who take the race upon themselves. Valid while the closure runs.
    pub fn as_ptr(&self) -> *const T {
        self.first()
    }
}

macro_rules! by_words {
    ($load:ident, $store:ident, $atomic:ty, $word:ty) => {
        /// # Safety
        /// `from` is valid for `bytes` and aligned to the word, whose multiple `bytes` is; `to` is valid for as many.
        #[inline(always)]
        unsafe fn $load(from: *const u8, to: *mut u8, bytes: usize) {
            for at in (0..bytes).step_by(size_of::<$word>()) {
                // SAFETY: see above; `to` need not be aligned.
                unsafe { to.add(at).cast::<$word>().write_unaligned((*from.add(at).cast::<$atomic>()).load(Relaxed)) };
            }
        }

        /// # Safety
        /// As above, with the two exchanged.
        #[inline(always)]
        unsafe fn $store(from: *const u8, to: *mut u8, bytes: usize) {
            for at in (0..bytes).step_by(size_of::<$word>()) {
                // SAFETY: see above.
                unsafe {
                    (*to.add(at).cast::<$atomic>()).store(from.add(at).cast::<$word>().read_unaligned(), Relaxed)
                };
            }
        }
    };
}
by_words!(load_u8, store_u8, AtomicU8, u8);
by_words!(load_u16, store_u16, AtomicU16, u16);
by_words!(load_u32, store_u32, AtomicU32, u32);
by_words!(load_u64, store_u64, AtomicU64, u64);

/// One value out of the ring.
///
/// # Safety
/// `from` is mapped and aligned to `T`.
#[inline(always)]
pub(crate) unsafe fn load<T: Pod>(from: *const T) -> T {
    let mut value = MaybeUninit::<T>::uninit();
    let (shared, own) = (from.cast::<u8>(), value.as_mut_ptr().cast::<u8>());
    // SAFETY: the type's alignment is that of its words, and its size a multiple of it. Any bytes are a value.
    unsafe {
        match align_of::<T>() {
            1 => load_u8(shared, own, size_of::<T>()),
            2 => load_u16(shared, own, size_of::<T>()),
            4 => load_u32(shared, own, size_of::<T>()),
            _ => load_u64(shared, own, size_of::<T>()),
        }
        value.assume_init()
    }
}

/// One value into the ring.
///
/// # Safety
/// `to` is mapped for writing and aligned to `T`.
#[inline(always)]
pub(crate) unsafe fn store<T: Pod>(to: *mut T, value: T) {
    let (own, shared) = (std::ptr::addr_of!(value).cast::<u8>(), to.cast::<u8>());
    // SAFETY: as in load(); plain data has no padding, every byte of it is initialised.
    unsafe {
        match align_of::<T>() {
            1 => store_u8(own, shared, size_of::<T>()),
            2 => store_u16(own, shared, size_of::<T>()),
            4 => store_u32(own, shared, size_of::<T>()),
            _ => store_u64(own, shared, size_of::<T>()),
        }
    }
}

/// The bytes before the first whole word of `bytes` bytes at `shared`, and those words' bytes.
fn split(shared: *const u8, bytes: usize) -> (usize, usize) {
    let head = ((shared as usize).wrapping_neg() % size_of::<u64>()).min(bytes);
    (head, (bytes - head) / size_of::<u64>() * size_of::<u64>())
}

/// Bytes out of the ring, by words where they lie aligned there.
///
/// # Safety
/// `shared` is mapped for `bytes` bytes, and `own` is the caller's own memory of that size.
pub(crate) unsafe fn copy_out(shared: *const u8, own: *mut u8, bytes: usize) {
    let (head, words) = split(shared, bytes);
    // SAFETY: three parts of the two ranges, the middle one aligned.
    unsafe {
        load_u8(shared, own, head);
        load_u64(shared.add(head), own.add(head), words);
        load_u8(shared.add(head + words), own.add(head + words), bytes - head - words);
    }
}

/// Bytes into the ring.
///
/// # Safety
/// `shared` is mapped for writing `bytes` bytes, and `own` are as many that nobody else is writing.
pub(crate) unsafe fn copy_in(own: *const u8, shared: *mut u8, bytes: usize) {
    let (head, words) = split(shared, bytes);
    // SAFETY: as above.
    unsafe {
        store_u8(own, shared, head);
        store_u64(own.add(head), shared.add(head), words);
        store_u8(own.add(head + words), shared.add(head + words), bytes - head - words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_every_byte_and_no_other_at_any_alignment() {
        for offset in 0..9 {
            for bytes in 0..40 {
                let source: Vec<u8> = (1..=bytes as u8).collect();
                let mut shared = [0xEEu8; 64];
                let mut back = vec![0u8; bytes];
                // SAFETY: all inside the arrays, which nobody else touches.
                unsafe {
                    copy_in(source.as_ptr(), shared.as_mut_ptr().add(offset), bytes);
                    copy_out(shared.as_ptr().add(offset), back.as_mut_ptr(), bytes);
                }
                assert_eq!(back, source);
                assert!(shared[..offset].iter().chain(&shared[offset + bytes..]).all(|byte| *byte == 0xEE));
            }
        }
    }

    #[test]
    fn single_values_of_any_alignment() {
        fn there_and_back<T: Pod + PartialEq + std::fmt::Debug>(value: T, mut place: T) {
            // SAFETY: a value's own place.
            unsafe {
                store(&mut place, value);
                assert_eq!(load(&place), value);
            }
        }
        there_and_back([1u8, 2, 3], [0; 3]);
        there_and_back([1u16, 2, 3], [0; 3]);
        there_and_back([1.5f32, 2.5, 3.5], [0.0; 3]);
        there_and_back([1u64, u64::MAX], [0; 2]);
        there_and_back(u128::MAX / 3, 0);
    }
}
