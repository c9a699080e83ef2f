#include "queue.hpp"

#include "error.hpp"
#include "format.hpp"
#include "platform.hpp"
#include "reset.hpp"
#include "wait.hpp"

#include <algorithm>
#include <chrono>

namespace slickq::detail {
namespace {

using std::chrono::milliseconds;

// Creators without a state of their own (slick-queue before 1.4) are seen at work now and then. What looks like no queue
// for longer than this is none; what stays blank for longer has nobody who is about to begin.
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
    return shape;
}

// Values that no queue has, whatever is in the segment.
void check_request(const queue_request& request) {
    const geometry& shape = request.shape;
    if (shape.capacity != 0 && (!std::has_single_bit(shape.capacity) || shape.capacity > max_capacity)) {
        fail(SLICKQ_E_ARGUMENT, "the capacity must be a power of two up to 2^31, not %u", shape.capacity);
    }
    if (shape.items_per_slot != 0 && !std::has_single_bit(shape.items_per_slot)) {
        fail(SLICKQ_E_ARGUMENT, "items per slot must be a power of two, not %u", shape.items_per_slot);
    }
    if (shape.capacity != 0 && shape.items_per_slot > shape.capacity) {
        fail(SLICKQ_E_ARGUMENT, "items per slot (%u) must not exceed the capacity (%u)", shape.items_per_slot, shape.capacity);
    }
    if (shape.layout > layout::wide) {
        fail(SLICKQ_E_ARGUMENT, "%u is the number of no layout", static_cast<std::uint32_t>(shape.layout));
    }
    if (request.permissions > 0777) {
        fail(SLICKQ_E_ARGUMENT, "permission bits are up to 0777, not %#o", request.permissions);
    }
    if (request.read_only && (request.lossless || request.single_producer || request.prompt_producer)) {
        fail(SLICKQ_E_ARGUMENT, "%s is about producing, which a read-only handle can't do",
             request.lossless          ? "lossless"
             : request.single_producer ? "single producer"
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

std::unique_ptr<queue> assemble(segment&& memory, const geometry& shape, bool is_creator) {
    auto made = std::make_unique<queue>();
    made->ring = ring(memory.base(), shape, find_annex(memory.base(), memory.length(), shape));
    made->shape = shape;
    made->memory = std::move(memory);
    made->is_creator = is_creator;
    return made;
}

std::unique_ptr<queue> assemble(segment&& memory, const geometry& shape, bool is_creator, const named_object& object) {
    auto made = assemble(std::move(memory), shape, is_creator);
    made->name = object.name();
    made->identity = object.identity();
    made->is_read_only = object.mode() == named_object::access::read_only;
    return made;
}

// Waits for whoever is making the segment, then adopts what is there. Returns nullptr if the name was taken away meanwhile.
// `takes_over` (else nullptr): what to make of a segment whose creator did not even begin.
std::unique_ptr<queue> attach(const named_object& object, const queue_request& request, const geometry* takes_over,
                              deadline& until) {
    segment memory;
    for (;;) {
        const std::uint64_t length = object.length();
        if (length >= header_length && length != memory.length()) memory = segment::map(object, length);
        const examination found = examine(memory.base(), std::min(length, memory.length()), request.shape.element_size);
        if (found.verdict == SLICKQ_OK) {
            require_match(request.shape, found.shape, object.name());
            require_platform(found.shape.layout);
            return assemble(std::move(memory), found.shape, false, object);
        }
        const bool in_grace = until.waited() < creators_grace;
        if (takes_over != nullptr && found.is_blank && takes_over->is_slq() && length >= takes_over->segment_length() &&
            !in_grace) {
            object.allocate(std::min(length, takes_over->created_length()));
            if (begin_format(memory.base())) {
                finish_format(memory.base(), memory.length(), *takes_over);
                return assemble(std::move(memory), *takes_over, true, object);
            }
            continue;
        }
        if (object.is_unlinked()) return nullptr;
        const bool may_change = found.may_change() || (found.verdict == SLICKQ_E_NOT_A_QUEUE && in_grace);
        if (!may_change || until.passed()) {
            fail(found.verdict, "segment '%s': %s%s", object.name().c_str(), found.reason.c_str(),
                 found.may_change() ? "; if no process is at it any more, its creator died: remove the name" : "");
        }
        until.pause();
    }
}

// Formats an object that this process has just made, unless a peer was quicker.
std::unique_ptr<queue> format_new(const named_object& object, const queue_request& request, const geometry& shape,
                                  deadline& until) {
    segment memory;
    try {
        memory = segment::map(object, shape.created_length());
    } catch (...) {
        named_object::try_remove(object.name());
        throw;
    }
    if (!begin_format(memory.base())) return attach(object, request, nullptr, until);
    finish_format(memory.base(), memory.length(), shape);
    return assemble(std::move(memory), shape, true, object);
}

// Gives the queue what else was asked for.
std::unique_ptr<queue> keep(const queue_request& request, std::unique_ptr<queue> opened) {
    opened->request = request;
    if (request.lossless) {
        require_roster(*opened);
        opened->is_lossless = true;
        std::construct_at(&opened->gate, opened->ring);
    }
    if (request.prompt_producer && !request.lossless) opened->ring.begin_promptly(); // lossless admits no exception
    if (request.single_producer && opened->ring.can_be_alone()) {
        opened->is_alone = true;
        opened->ring.begin_alone(opened->sole);
    }
    if (!opened->is_lossless && !opened->is_read_only) {
        opened->for_one = opened->is_alone                  ? short_way::alone
                          : opened->ring.adds_up_to() != 0 ? short_way::by_adding
                                                           : short_way::none;
    }
    opened->memory.settle(request.residence);
    return opened;
}

} // namespace

std::unique_ptr<queue> create_local_queue(const queue_request& request) {
    check_request(request);
    const geometry shape = to_create(request);
    require_platform(shape.layout);
    segment memory = segment::make_private(shape.created_length(), request.residence.hugetlb);
    finish_format(memory.base(), memory.length(), shape);
    return keep(request, assemble(std::move(memory), shape, true));
}

std::unique_ptr<queue> open_queue(const char* name, const queue_request& request, how manner) {
    const std::string full_name = named_object::checked_name(name);
    check_request(request);
    const bool creates = manner != how::open;
    geometry shape;
    if (creates) shape = to_create(request);
    require_platform(creates ? shape.layout : request.shape.layout);

    const auto mode = request.read_only ? named_object::access::read_only : named_object::access::read_write;
    deadline until(request.timeout_ns);
    for (;;) {
        if (creates) {
            if (auto object = named_object::create(full_name, shape.created_length(), request.permissions)) {
                if (auto made = format_new(*object, request, shape, until)) return keep(request, std::move(made));
            } else if (manner == how::create) {
                fail(SLICKQ_E_EXISTS, "segment '%s' exists already", full_name.c_str());
            }
        }
        if (auto object = named_object::open(full_name, mode)) {
            if (auto found = attach(*object, request, creates ? &shape : nullptr, until)) {
                if (!request.takes_half_reset) await_reset(found->ring, found->name, until);
                return keep(request, std::move(found));
            }
        } else if (!creates) {
            fail(SLICKQ_E_NOT_FOUND, "there is no segment '%s'", full_name.c_str());
        }
        // The name came or went between two calls. Once more, but not for ever.
        if (until.passed()) fail(SLICKQ_E_NOT_FOUND, "segment '%s' keeps being removed while it is opened", full_name.c_str());
    }
}

void require_roster(const queue& q) {
    if (q.ring.annex() != nullptr) return;
    fail(SLICKQ_E_UNSUPPORTED, "queue '%s' can't be lossless, or have groups: %s", q.name.c_str(),
         q.shape.layout == layout::wide ? "a wide segment has no room for them" : "libslickq did not make its segment");
}

std::unique_ptr<queue> reopen_queue(const queue& q) {
    if (q.name.empty()) fail(SLICKQ_E_UNSUPPORTED, "a local queue has no name to open it by");
    return open_queue(q.name.c_str(), q.request, how::open);
}

name_state state_of_name(const queue& q) {
    if (q.name.empty()) fail(SLICKQ_E_UNSUPPORTED, "a local queue has no name");
    const auto object = named_object::open(q.name, named_object::access::read_only);
    if (!object) return name_state::gone;
    return object->identity() == q.identity ? name_state::ours : name_state::taken;
}

} // namespace slickq::detail
