#include "segment.hpp"

#include "error.hpp"

#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include <limits>

namespace slickq::detail {
namespace {

namespace ipc = boost::interprocess;

// Boost makes the call; its error becomes ours, with the name behind it.
template <class Map>
ipc::mapped_region mapped(const char* what, std::uint64_t length, Map map) {
    // Beyond this Boost's and the system's arithmetic would overflow.
    if (length > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - 65536) {
        fail(SLICKQ_E_NO_MEMORY, "%s: %llu bytes are more than can be mapped", what, static_cast<unsigned long long>(length));
    }
    try {
        return map();
    } catch (const ipc::interprocess_exception& error) {
        fail_os(error.get_native_error(), "%s: its %llu bytes can't be mapped", what, static_cast<unsigned long long>(length));
    }
}

} // namespace

void segment::unmap::operator()(boost::interprocess::mapped_region* region) const noexcept { delete region; }

segment::segment(boost::interprocess::mapped_region&& region)
    : region_(new boost::interprocess::mapped_region(std::move(region))),
      base_(static_cast<std::byte*>(region_->get_address())),
      length_(region_->get_size()) {}

segment segment::make_private(std::uint64_t length) {
    return segment(mapped("local queue", length, [&] { return ipc::anonymous_shared_memory(static_cast<std::size_t>(length)); }));
}

segment segment::map(const named_object& object, std::uint64_t length) {
    const ipc::mode_t mode = object.mode() == named_object::access::read_only ? ipc::read_only : ipc::read_write;
    const std::string what = "segment '" + object.name() + "'";
    return segment(mapped(what.c_str(), length,
                          [&] { return ipc::mapped_region(object, mode, 0, static_cast<std::size_t>(length)); }));
}

} // namespace slickq::detail
