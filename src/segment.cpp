#include "segment.hpp"

#include "error.hpp"

#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include <algorithm>
#include <cerrno>

#if !defined(_WIN32)
#  include <sys/resource.h>
#endif

namespace slickq::detail {
namespace {

namespace ipc = boost::interprocess;

// Boost makes the call; its error becomes ours, with the name behind it.
template <class Map>
ipc::mapped_region mapped(const char* what, std::uint64_t length, Map map) {
    if (length > longest_segment) {
        fail(SLICKQ_E_NO_MEMORY, "%s: %llu bytes are more than can be mapped", what, static_cast<unsigned long long>(length));
    }
    try {
        return map();
    } catch (const ipc::interprocess_exception& error) {
        const int os_error = error.get_native_error();
        const auto bytes = static_cast<unsigned long long>(length);
#if defined(RLIMIT_AS)
        rlimit limit{};
        if (os_error == ENOMEM && ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
            fail_os(os_error, "%s: its %llu bytes can't be mapped into an address space of %llu (ulimit -v)", what, bytes,
                    static_cast<unsigned long long>(limit.rlim_cur));
        }
#endif
        fail_os(os_error, "%s: its %llu bytes can't be mapped", what, bytes);
    }
}

// What Boost maps.
struct huge_mapping {
    const huge_memory& memory;
    ipc::mapping_handle_t get_mapping_handle() const noexcept {
        return ipc::ipcdetail::mapping_handle_from_file_handle(file_handle());
    }
#if defined(_WIN32)
    ipc::file_handle_t file_handle() const noexcept { return nullptr; } // is_there() is never true
#else
    ipc::file_handle_t file_handle() const noexcept { return memory.descriptor(); }
#endif
};

} // namespace

std::uint64_t segment::page_length() noexcept { return ipc::mapped_region::get_page_size(); }

void segment::settle(const memory_advice& wanted, std::uint64_t length) noexcept {
    memory_advice rest = wanted;
    if (granted_.hugetlb) rest.huge_pages = false;
    const bool has_hugetlb = granted_.hugetlb;
    const bool is_writable = region_->get_mode() == ipc::read_write;
    granted_ = detail::settle(base_, std::min(length, length_), is_writable, rest);
    granted_.hugetlb = has_hugetlb;
}

void segment::unmap::operator()(boost::interprocess::mapped_region* region) const noexcept { delete region; }

segment::segment(boost::interprocess::mapped_region&& region)
    : region_(new boost::interprocess::mapped_region(std::move(region))),
      base_(static_cast<std::byte*>(region_->get_address())),
      length_(region_->get_size()) {}

segment segment::make_private(std::uint64_t length, bool wants_hugetlb) {
    if (wants_hugetlb) {
        if (const huge_memory memory(length); memory.is_there()) {
            segment made(mapped("local queue", memory.length(), [&] {
                return ipc::mapped_region(huge_mapping{memory}, ipc::read_write, 0, static_cast<std::size_t>(memory.length()));
            }));
            made.granted_.hugetlb = true;
            return made;
        }
    }
    return segment(mapped("local queue", length, [&] { return ipc::anonymous_shared_memory(static_cast<std::size_t>(length)); }));
}

segment segment::map(const named_object& object, std::uint64_t length) {
    const ipc::mode_t mode = object.mode() == named_object::access::read_only ? ipc::read_only : ipc::read_write;
    const std::string what = "segment '" + object.name() + "'";
    return segment(mapped(what.c_str(), length,
                          [&] { return ipc::mapped_region(object, mode, 0, static_cast<std::size_t>(length)); }));
}

} // namespace slickq::detail
