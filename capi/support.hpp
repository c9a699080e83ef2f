// support.hpp - what every part of the C shell needs: checks of arguments, structs that grow, handles.
#pragma once

#include <slickq/slickq.h>

#include "error.hpp"
#include "handles.hpp"
#include "queue.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace slickq::capi {

using namespace slickq::detail;

#define SLICKQ_TEXT_OF(number) #number
#define SLICKQ_TEXT(number) SLICKQ_TEXT_OF(number)
inline constexpr char version_text[] =
    SLICKQ_TEXT(SLICKQ_VERSION_MAJOR) "." SLICKQ_TEXT(SLICKQ_VERSION_MINOR) "." SLICKQ_TEXT(SLICKQ_VERSION_PATCH);

// ---------------------------------------------------------------- checks

inline slickq_status is_null(const char* what) noexcept { return report(SLICKQ_E_NULL, "%s is NULL", what); }

#define SLICKQ_REQUIRE(pointer)                             \
    do {                                                    \
        if ((pointer) == nullptr) return is_null(#pointer); \
    } while (false)

inline slickq_status is_no_handle(const void* handle, const char* kind) noexcept {
    if (handle == nullptr) return is_null(kind);
    return report(SLICKQ_E_HANDLE, "%p is no open %s handle: it was closed, or never was one", handle, kind);
}

// Defines `name` as what `handle` points at, or leaves the calling function.
#define SLICKQ_QUEUE(name, handle)                                                                   \
    auto* const name = static_cast<slickq::detail::queue*>(find_handle(handle_kind::queue, handle)); \
    if (name == nullptr) return is_no_handle(handle, "queue")

inline slickq_status is_read_only(const queue& q) noexcept {
    return report(SLICKQ_E_READ_ONLY, "queue '%s' was opened read-only, and this call writes to it", q.name.c_str());
}

// The same for a reader, and a worker, by those who include reader.hpp or worker.hpp.
#define SLICKQ_READER(name, handle)                                                                    \
    auto* const name = static_cast<slickq::detail::reader*>(find_handle(handle_kind::reader, handle)); \
    if (name == nullptr) return is_no_handle(handle, "reader");                                        \
    if (!name->is_ours()) return is_of_parent("reader")

#define SLICKQ_WORKER(name, handle)                                                                    \
    auto* const name = static_cast<slickq::detail::worker*>(find_handle(handle_kind::worker, handle)); \
    if (name == nullptr) return is_no_handle(handle, "worker");                                        \
    if (!name->is_ours()) return is_of_parent("worker")

inline slickq_status is_of_parent(const char* kind) noexcept {
    return report(SLICKQ_E_HANDLE, "the %s is registered for the process that this one was forked from: open another",
                  kind);
}

inline slickq_status is_bad_count(const queue& q, std::uint32_t count) noexcept {
    return report(SLICKQ_E_ARGUMENT, "the count must be from 1 to the capacity, %llu, not %u",
                  static_cast<unsigned long long>(q.ring.capacity()), count);
}

inline slickq_status is_bad_index(const queue& q, std::uint64_t index) noexcept {
    return report(SLICKQ_E_ARGUMENT, "%llu is no index of this queue: they go up to %llu",
                  static_cast<unsigned long long>(index), static_cast<unsigned long long>(q.ring.index_mask()));
}

// ---------------------------------------------------------------- structs that grow

// Copies what both sides know; what only the caller knows must be zero.
template <class Struct>
Struct read_struct(const Struct* given) {
    const std::uint32_t length = given->struct_size;
    if (length < sizeof(length)) fail(SLICKQ_E_ARGUMENT, "struct_size is %u: set it to sizeof(the struct)", length);
    Struct known{};
    std::memcpy(&known, given, std::min<std::size_t>(length, sizeof known));
    const auto* bytes = reinterpret_cast<const unsigned char*>(given);
    for (std::size_t i = sizeof known; i < length; ++i) {
        if (bytes[i] != 0) fail(SLICKQ_E_ARGUMENT, "byte %zu of the struct is set, but unknown to libslickq %s", i,
                                version_text);
    }
    return known;
}

template <class Struct>
slickq_status write_struct(Struct filled, Struct* wanted) noexcept {
    const std::uint32_t length = wanted->struct_size;
    if (length < sizeof(length)) {
        return report(SLICKQ_E_ARGUMENT, "struct_size is %u: set it to sizeof(the struct)", length);
    }
    filled.struct_size = length;
    std::memcpy(wanted, &filled, std::min<std::size_t>(length, sizeof filled));
    return SLICKQ_OK;
}

// ---------------------------------------------------------------- handles

// Makes an object, and a handle for it. The place for the handle comes first: it can run out, and what `make` does
// may be more than can be taken back.
template <class Make, class Handle>
slickq_status hand_out(handle_kind kind, Handle** handle, Make make) {
    handle_place place(kind);
    if (!place.is_there()) fail(SLICKQ_E_LIMIT, "%zu handles of this kind are open: close some", handle_limit);
    *handle = reinterpret_cast<Handle*>(place.issue(make().release()));
    return SLICKQ_OK;
}

} // namespace slickq::capi
