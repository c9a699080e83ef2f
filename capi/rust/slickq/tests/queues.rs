//! Making, opening, describing and removing queues.

mod common;

use common::Name;
use slickq::{inspect, remove, ErrorKind, Layout, NameState, Options, Queue, Start};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Tick {
    price: f64,
    size: u32,
    venue: u32,
}
slickq::impl_pod!(Tick { price: f64, size: u32, venue: u32 });

#[test]
fn structs_travel_between_handles() {
    let name = Name::new();
    let made = Queue::<Tick>::open_or_create(&name, 64).unwrap();
    let opened = Queue::<Tick>::open(&name).unwrap();
    assert!(made.info().is_creator && !opened.info().is_creator);
    assert_eq!((opened.capacity(), opened.element_size(), opened.width()), (64, 16, 1));
    assert_eq!((opened.info().layout, opened.info().name), (Layout::Slq1, format!("/{}", &*name)));

    let ticks = [Tick { price: 1.5, size: 2, venue: 3 }, Tick { price: -0.0, size: u32::MAX, venue: 0 }];
    assert_eq!(made.producer().unwrap().write(&ticks), Ok(0));
    assert_eq!(*opened.reader(Start::Oldest).unwrap().read().unwrap(), ticks);
    opened.close().unwrap();
}

#[test]
fn the_element_size_is_insisted_on_or_adopted() {
    let name = Name::new();
    let _made = Options::new().capacity(8).element_size(12).create::<f32>(&name).unwrap();
    assert_eq!(Queue::<f32>::open(&name).unwrap_err().kind(), ErrorKind::Mismatch);

    let triples = Options::new().element_size(12).open::<f32>(&name).unwrap();
    assert_eq!(triples.width(), 3);
    triples.producer().unwrap().write(&[1.0, 2.0, 3.0]).unwrap();
    let refused = triples.producer().unwrap().write(&[1.0, 2.0]).unwrap_err();
    assert!(refused.to_string().contains("2 values"), "{refused}");

    let bytes = Options::new().element_size(0).open::<u8>(&name).unwrap();
    assert_eq!((bytes.element_size(), bytes.width()), (12, 12));
    let mut reader = bytes.reader(Start::Oldest).unwrap();
    let record = reader.read().unwrap();
    assert_eq!((record.count(), record.len()), (1, 12));
    assert_eq!(record[..4], 1.0f32.to_le_bytes());

    // A u64 does not fit into 12 bytes a whole number of times.
    let refused = Options::new().element_size(0).open::<u64>(&name).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Mismatch);
    assert!(refused.message().contains("12 bytes") && refused.message().contains("8 bytes"), "{refused}");
    assert_eq!(Options::new().capacity(8).element_size(12).local::<u64>().unwrap_err().kind(), ErrorKind::Argument);
}

#[test]
fn refusals_say_why() {
    let name = Name::new();
    assert_eq!(Queue::<u8>::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(remove(&name).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(Queue::<u8>::local(100).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(Queue::<u8>::open_or_create("a\0b", 8).unwrap_err().kind(), ErrorKind::Name);
    assert_eq!(Queue::<u8>::open_or_create("a/b", 8).unwrap_err().kind(), ErrorKind::Name);

    let _made = Options::new().capacity(8).create::<u8>(&name).unwrap();
    let taken = Options::new().capacity(8).create::<u8>(&name).unwrap_err();
    assert_eq!((taken.kind(), taken.name()), (ErrorKind::Exists, "SLICKQ_E_EXISTS"));
    assert!(taken.to_string().contains(&*name), "{taken}");
    assert_eq!(std::io::Error::from(taken).kind(), std::io::ErrorKind::AlreadyExists);
    let other = Queue::<u8>::open_or_create(&name, 16).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Mismatch);
    assert!(other.message().contains('8') && other.message().contains("16"), "{other}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_systems_error_is_handed_on() {
    // A segment may be so long, but no address space has room for it.
    let refused = Options::new().capacity(1 << 31).element_size(1 << 24).create::<u8>(&Name::new()).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::NoSpace | ErrorKind::NoMemory | ErrorKind::Os), "{refused:?}");
    assert!(refused.os_error().is_some(), "{refused:?}");
}

#[test]
fn layouts_and_several_items_per_slot() {
    for layout in [Layout::Slq0, Layout::Slq1, Layout::Packed, Layout::Wide] {
        if layout.check_platform().is_err() {
            continue;
        }
        let queue = Options::new().capacity(8).layout(layout).local::<u32>().unwrap();
        assert_eq!(queue.info().layout, layout);
        queue.producer().unwrap().write(&[7]).unwrap();
        assert_eq!(queue.cursor(Start::Oldest).unwrap().read().unwrap(), 7);
        let last = queue.read_last();
        assert_eq!(last.is_ok(), layout != Layout::Slq0, "{last:?}");
    }
    let queue = Options::new().capacity(8).items_per_slot(4).local::<u32>().unwrap();
    assert_eq!((queue.info().layout, queue.info().items_per_slot), (Layout::Slq3, 4));
    assert_eq!((Layout::Slq3.to_string(), Layout::try_from(4)), ("SLQ3".into(), Ok(Layout::Slq3)));
    assert_eq!(Layout::try_from(99).unwrap_err().kind(), ErrorKind::Argument);
}

#[test]
fn options_reach_the_library() {
    let name = Name::new();
    let options = Options::new().capacity(1024).permissions(0o600).prefault(true).lossless(true);
    let info = options.create::<u64>(&name).unwrap().info();
    assert!(info.is_shared && info.is_lossless && !info.is_single_producer && !info.is_read_only);

    let reading = Options::new().read_only(true).timeout(Duration::ZERO).open::<u64>(&name).unwrap();
    assert!(reading.info().is_read_only);
    let mut producer = reading.producer().unwrap();
    assert!(matches!(producer.write(&[1]), Err(slickq::NotWritten::Failed(e)) if e.kind() == ErrorKind::ReadOnly));
    assert_eq!(producer.reservation(0, 1).unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(reading.reset().unwrap_err().kind(), ErrorKind::ReadOnly);

    let single =
        Options::new().capacity(8).single_producer(true).huge_pages(true).hugetlb(true).local::<u64>().unwrap();
    assert!(single.info().is_single_producer && !single.info().is_prompt_producer && !single.info().is_shared);
}

#[test]
fn an_orphan_notices_and_follows() {
    let name = Name::new();
    let old = Queue::<u32>::open_or_create(&name, 8).unwrap();
    assert_eq!(old.name_state(), Ok(NameState::Ours));
    remove(&name).unwrap();
    assert_eq!(old.name_state(), Ok(NameState::Gone));
    let new = Queue::<u32>::open_or_create(&name, 8).unwrap();
    assert_eq!(old.name_state(), Ok(NameState::Taken));
    new.producer().unwrap().write(&[9]).unwrap();
    assert_eq!(old.reattach().unwrap().read_last().unwrap(), (0, vec![9]));
    assert_eq!(old.read_last(), Err(slickq::NotRead::Empty));
}

#[test]
fn inspecting_what_is_there() {
    let name = Name::new();
    assert_eq!(inspect(&name, 0).unwrap_err().kind(), ErrorKind::NotFound);
    let queue = Queue::<u32>::open_or_create(&name, 8).unwrap();
    queue.producer().unwrap().write_batch(&[1, 2, 3]).unwrap();
    let seen = inspect(&name, 0).unwrap();
    assert_eq!(seen.verdict, Ok(()));
    assert_eq!((seen.layout, seen.capacity, seen.element_size, seen.marker), (Layout::Slq1, 8, 4, 0x534C_5131));
    assert_eq!((seen.next_index, seen.last_published, seen.published), (3, Some(2), 3));

    let other = Name::new();
    let _cell = slickq::SharedCursor::create(&other, 0, 0).unwrap();
    assert!(inspect(&other, 0).unwrap().verdict.is_err());
}

#[test]
fn a_reset_empties_it() {
    let queue = Queue::<u32>::local(8).unwrap();
    queue.producer().unwrap().write(&[1]).unwrap();
    assert_eq!(queue.next_index(), Ok(1));
    queue.reset().unwrap();
    assert_eq!((queue.next_index(), queue.read_last()), (Ok(0), Err(slickq::NotRead::Empty)));
    let epoch = queue.epoch().unwrap();
    assert_eq!((epoch.resets, epoch.reserved_before, epoch.is_resetting), (1, 1, false));
}

#[test]
fn a_segment_has_an_identity() {
    let (name, other) = (Name::new(), Name::new());
    let made = Queue::<u32>::open_or_create(&name, 8).unwrap();
    let opened = Queue::<u32>::open(&name).unwrap().info();
    let found = inspect(&name, 0).unwrap();
    assert!(opened.identity.is_some());
    assert_eq!((made.info().identity, found.identity), (opened.identity, opened.identity));
    assert_ne!(Queue::<u32>::open_or_create(&other, 8).unwrap().info().identity, opened.identity);
    let age = opened.created.unwrap().elapsed().unwrap();
    assert!(age < Duration::from_secs(60), "{age:?}");
    assert_eq!(found.created, opened.created);
}

#[test]
fn indices_are_compared_across_their_wrap() {
    let last = (1 << 48) - 1;
    for layout in [Layout::Slq1, Layout::Packed] {
        assert_eq!((layout.distance(last, 1), layout.distance(1, last)), (2, -2));
        assert_eq!((layout.add(last, 2), layout.add(1, -2)), (1, last));
    }
    assert_eq!(Layout::Wide.distance(last, 1), 1 - last as i64);
}
