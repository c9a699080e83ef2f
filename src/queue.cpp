#include "queue.hpp"

#include "error.hpp"
#include "platform.hpp"
#include "reset.hpp"
#include "wait.hpp"

#include <algorithm>
#include <chrono>

namespace slickq::detail {
namespace {

using std::chrono::milliseconds;

// Creators without a state of their own (slick-queue before 1.4) are seen at work now and then. What looks like no
// queue for longer than this is none; what stays blank for longer has nobody who is about to begin.
constexpr milliseconds creators_grace{100};

// ---------------------------------------------------------------- what was asked

// The complete geometry to create; throws if the request does not make one.
geometry to_create(const queue_request& request) {
    geometry shape = request.shape;
    if (request.read_only) fail(SLICKQ_E_ARGUMENT, "a queue can't be created read-only: open it read-only");
    if (shape.capacity == 0 || shape.element_size == 0) {
        fail(SLICKQ_E_ARGUMENT, "to create a queue give its capacity and element size (got %u and %u)", shape.capacity,
             shape.element_size);
    }
    if (shape.items_per_slot == 0) shape.items_per_slot = 1;
    const bool several = shape.items_per_slot != 1;
    if (shape.layout == layout::any) shape.layout = slq_layout(true, several);
    const bool takes_several = shape.layout == layout::slq2 || shape.layout == layout::slq3;
    if (several != takes_several) {
        fail(SLICKQ_E_ARGUMENT, "layout %s takes %s, but items per slot is %u",
             layout_name(shape.layout),
             takes_several ? "items per slot of 2 or more" : "one item per slot", shape.items_per_slot);
    }
    if (shape.created_length() > longest_segment) {
        fail(SLICKQ_E_ARGUMENT, "%u elements of %u bytes need a segment of %llu bytes, but it may have %llu at most: use fewer, or smaller ones",
             shape.capacity, shape.element_size, static_cast<unsigned long long>(shape.created_length()),
             static_cast<unsigned long long>(longest_segment));
    }
    return shape;
}

// Values that no queue has, whatever is in the segment.
void check_request(const queue_request& request) {
    const geometry& shape = request.shape;
    const producer_modes& asked = request.producing;
    if (shape.capacity != 0 && (!std::has_single_bit(shape.capacity) || shape.capacity > max_capacity)) {
        fail(SLICKQ_E_ARGUMENT, "the capacity must be a power of two up to 2^31, not %u", shape.capacity);
    }
    if (shape.items_per_slot != 0 && !std::has_single_bit(shape.items_per_slot)) {
        fail(SLICKQ_E_ARGUMENT, "items per slot must be a power of two, not %u", shape.items_per_slot);
    }
    if (shape.capacity != 0 && shape.items_per_slot > shape.capacity) {
        fail(SLICKQ_E_ARGUMENT, "items per slot (%u) must not exceed the capacity (%u)", shape.items_per_slot,
             shape.capacity);
    }
    if (shape.layout > layout::wide) {
        fail(SLICKQ_E_ARGUMENT, "%u is the number of no layout", static_cast<std::uint32_t>(shape.layout));
    }
    if (request.permissions > 0777) {
        fail(SLICKQ_E_ARGUMENT, "permission bits are up to 0777, not %#o", request.permissions);
    }
    if (request.read_only && (asked.is_lossless || asked.is_single_producer || asked.is_prompt_producer)) {
        fail(SLICKQ_E_ARGUMENT, "%s is about producing, which a read-only handle can't do",
             asked.is_lossless          ? "lossless"
             : asked.is_single_producer ? "single producer"
                                        : "prompt producer");
    }
}

void require_platform(layout wanted) {
    const platform_support support = check_platform(wanted);
    if (!support.is_supported) fail(SLICKQ_E_UNSUPPORTED, "%s", support.sentence);
}

void require_match(const char* what, std::uint32_t asked, std::uint32_t found, const std::string& name) {
    if (asked == 0 || asked == found) return;
    fail(SLICKQ_E_MISMATCH, "segment '%s': its %s is %u, but %u was asked for", name.c_str(), what, found, asked);
}

void require_match(const geometry& asked, const geometry& found, const std::string& name) {
    if (asked.layout != layout::any && asked.layout != found.layout) {
        fail(SLICKQ_E_MISMATCH, "segment '%s': its layout is %s, but %s was asked for", name.c_str(),
             layout_name(found.layout),
             layout_name(asked.layout));
    }
    require_match("capacity", asked.capacity, found.capacity, name);
    require_match("element size", asked.element_size, found.element_size, name);
    require_match("items per slot", asked.items_per_slot, found.items_per_slot, name);
}

// ---------------------------------------------------------------- making and finding

void require_registry(const queue& q, const geometry& shape, const extension* extra) {
    if (extra != nullptr) return;
    fail(SLICKQ_E_UNSUPPORTED, "queue '%s' can't be lossless, or have groups: %s", q.name.c_str(),
         shape.layout == layout::wide ? "a wide segment has no room for them" : "libslickq did not make its segment");
}

// All that can fail comes before a segment is formatted, and before its name is given to it.
void require_feasible(const queue_request& request, const geometry& shape, const std::string& name) {
    require_platform(shape.layout);
    if (request.producing.is_lossless && shape.layout == layout::wide) {
        fail(SLICKQ_E_UNSUPPORTED, "queue '%s' can't be lossless: a wide segment has no room for who registers",
             name.c_str());
    }
}

std::unique_ptr<queue> begin_queue(const queue_request& request) {
    auto begun = std::make_unique<queue>();
    begun->request = request;
    return begun;
}

std::unique_ptr<queue> begin_queue(const queue_request& request, const named_object& object) {
    auto begun = begin_queue(request);
    begun->name = object.name();
    begun->identity = object.identity();
    begun->is_read_only = object.mode() == named_object::access::read_only;
    return begun;
}

// has_all_memory: see named_object::first_hole(). The extension area is looked for only where it is.
void complete(queue& q, segment&& memory, const geometry& shape, bool is_creator, extension* extra,
              bool has_all_memory) noexcept {
    q.ring = ring(memory.base(), shape, extra);
    q.shape = shape;
    q.birth = birth_of(extra);
    q.memory = std::move(memory);
    q.is_creator = is_creator;
    const queue_request& request = q.request;
    const producer_modes granted = begin_producing(q.ring, q.single, request.producing);
    q.is_lossless = granted.is_lossless;
    q.is_single_producer = granted.is_single_producer;
    if (q.is_lossless) std::construct_at(&q.flow, q.ring);
    if (!q.is_lossless && !q.is_read_only) {
        q.for_one = q.is_single_producer                  ? short_way::single_producer
                    : q.ring.adds_up_to() != 0 ? short_way::by_adding
                                               : short_way::none;
    }
    // Who only reads allocates nothing: what has no memory stays as it is.
    if (has_all_memory) q.memory.settle(request.memory_advice, used_length(q.memory.length(), shape));
}

void complete_new(queue& q, segment&& memory, const geometry& shape) noexcept {
    finish_format(memory.base(), memory.length(), shape);
    extension* const extra = find_extension(memory.base(), memory.length(), shape);
    complete(q, std::move(memory), shape, true, extra, true);
}

// What was found is a queue, and the one that was asked for: adopts it.
void complete_found(queue& q, segment&& memory, const geometry& shape, const named_object& object) {
    const std::uint64_t used = used_length(memory.length(), shape);
    if (!q.is_read_only) object.allocate(0, used);
    const bool has_all_memory = object.first_hole() >= used;
    extension* extra = nullptr;
    if (has_all_memory || object.first_hole(shape.extension_offset()) >= used) {
        extra = find_extension(memory.base(), memory.length(), shape);
    }
    if (q.request.producing.is_lossless) require_registry(q, shape, extra);
    complete(q, std::move(memory), shape, false, extra, has_all_memory);
}

// Waits for whoever is making the segment, then adopts what is there. Returns nullptr if the name was taken away
// meanwhile. `takes_over` (else nullptr): what to make of a segment whose creator did not even begin.
std::unique_ptr<queue> attach(const named_object& object, const queue_request& request, const geometry* takes_over,
                              deadline& until) {
    auto begun = begin_queue(request, object);
    segment memory;
    for (;;) {
        const std::uint64_t length = object.length();
        if (length >= header_length && length != memory.length()) memory = segment::map(object, length);
        const std::uint64_t examined = length < header_length ? length : std::min(length, memory.length());
        const examination found = examine(memory.base(), examined, request.shape.element_size,
                                          [&] { return object.first_hole(); }, segment::page_length());
        if (found.verdict == SLICKQ_OK) {
            require_match(request.shape, found.shape, object.name());
            require_platform(found.shape.layout);
            complete_found(*begun, std::move(memory), found.shape, object);
            return begun;
        }
        const bool in_grace = until.waited() < creators_grace;
        if (takes_over != nullptr && found.is_blank && takes_over->is_slq() && length >= takes_over->segment_length() &&
            !in_grace) {
            object.allocate(0, used_length(length, *takes_over));
            if (begin_format(memory.base())) {
                complete_new(*begun, std::move(memory), *takes_over);
                return begun;
            }
            continue;
        }
        if (object.is_unlinked()) return nullptr;
        const bool may_change = found.may_change() || (found.verdict == SLICKQ_E_NOT_A_QUEUE && in_grace);
        if (!may_change || until.passed()) {
            // Nothing else looks like the beginning of a queue, or has no length at all.
            const bool is_only_a_queue = found.verdict == SLICKQ_E_HALF_MADE || length == 0;
            fail(found.verdict, "segment '%s': %s%s", object.name().c_str(), found.reason.c_str(),
                 is_only_a_queue
                     ? "; if no process is at it any more, its creator died: remove the name"
                 : found.may_change() ? "; a queue that is being made looks so, and so does a shared cursor"
                                      : "");
        }
        until.pause();
    }
}

// Makes the queue, and then gives it its name; nullptr if that is taken.
std::unique_ptr<queue> make(const std::string& name, const queue_request& request, const geometry& shape,
                            deadline& until) {
    for (auto way = named_object::making::unnamed;; way = named_object::making::by_other_name) {
        auto object = named_object::create(name, shape.created_length(), request.permissions, way);
        if (!object) return nullptr;
        auto begun = begin_queue(request, *object);
        segment memory = segment::map(*object, shape.created_length());
        if (!begin_format(memory.base())) { // where objects have their name from the start: a peer was quicker
            object->publish();
            return attach(*object, request, nullptr, until);
        }
        complete_new(*begun, std::move(memory), shape);
        switch (object->publish()) {
        case named_object::naming::done: return begun;
        case named_object::naming::taken: return nullptr;
        case named_object::naming::again: break;
        }
    }
}

} // namespace

std::unique_ptr<queue> create_local_queue(const queue_request& request) {
    check_request(request);
    const geometry shape = to_create(request);
    require_feasible(request, shape, "");
    auto begun = begin_queue(request);
    complete_new(*begun, segment::make_private(shape.created_length(), request.memory_advice.hugetlb), shape);
    return begun;
}

std::unique_ptr<queue> open_queue(const char* name, const queue_request& request, how manner) {
    const std::string full_name = named_object::checked_name(name);
    check_request(request);
    const bool creates = manner != how::open;
    geometry shape;
    if (creates) {
        shape = to_create(request);
        require_feasible(request, shape, full_name);
    } else {
        require_platform(request.shape.layout);
    }

    const auto mode = request.read_only ? named_object::access::read_only : named_object::access::read_write;
    deadline until(request.timeout_ns);
    for (int round = 0;; ++round) {
        if (manner != how::create) {
            if (auto object = named_object::open(full_name, mode)) {
                if (auto found = attach(*object, request, creates ? &shape : nullptr, until)) {
                    if (!request.takes_half_reset) await_reset(found->ring, found->name, until);
                    return found;
                }
            } else if (!creates) {
                fail(SLICKQ_E_NOT_FOUND, "there is no segment '%s'", full_name.c_str());
            }
        }
        if (creates) {
            if (auto made = make(full_name, request, shape, until)) return made;
            if (manner == how::create) fail(SLICKQ_E_EXISTS, "segment '%s' exists already", full_name.c_str());
        }
        // The name came or went between two calls. Once more at least, but not for ever.
        if (round > 0 && until.passed()) {
            fail(SLICKQ_E_NOT_FOUND, "segment '%s' keeps being removed while it is opened", full_name.c_str());
        }
    }
}

void require_registry(const queue& q) { require_registry(q, q.shape, q.ring.extension()); }

std::unique_ptr<queue> reopen_queue(const queue& q) {
    if (q.name.empty()) fail(SLICKQ_E_UNSUPPORTED, "a local queue has no name to open it by");
    return open_queue(q.name.c_str(), q.request, how::open);
}

namespace {

// Where the system can't tell objects apart, the segments' own identities do. One that has none counts as ours if its
// shape is.
bool is_ours(const queue& q, const named_object& object) {
    if (q.identity.is_known() && object.identity().is_known()) return object.identity() == q.identity;
    const std::uint64_t length = object.length();
    if (length < header_length) return false;
    segment memory = segment::map(object, length);
    const examination found = examine(memory.base(), length, q.shape.element_size, [&] { return object.first_hole(); },
                                      segment::page_length());
    return found.verdict == SLICKQ_OK && found.shape == q.shape &&
           birth_of(find_extension(memory.base(), length, q.shape)).identity == q.birth.identity;
}

} // namespace

epoch_view epoch_of(const queue& q) noexcept { return registry(q.ring).epoch(); }

wait_result wait_for_record(const queue& q, std::uint64_t cursor, std::int64_t deadline_ns) {
    const cancel_watch cancelled(q);
    return wait_until(
        q.ring.arrivals(q.is_read_only), deadline_ns, [&] { return q.ring.is_ready(cursor); }, [] { return forever; },
        [&] { return cancelled.is_asked(); });
}

void cancel_waits(queue& q) noexcept {
    q.cancellations.fetch_add(1, std::memory_order_seq_cst); // as publish:B
    wake_waiting(q);
}

name_state state_of_name(const queue& q) {
    if (q.name.empty()) fail(SLICKQ_E_UNSUPPORTED, "a local queue has no name");
    const auto object = named_object::open(q.name, named_object::access::read_only);
    if (!object) return name_state::gone;
    return is_ours(q, *object) ? name_state::ours : name_state::taken;
}

} // namespace slickq::detail
