//! Names of shared segments that nobody else uses, removed at the end.

use std::sync::atomic::{AtomicU32, Ordering};

pub struct Name(String);

impl Name {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Name(format!("slickq_rust_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
    }
}

impl std::ops::Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let _ = slickq::remove(&self.0);
    }
}
