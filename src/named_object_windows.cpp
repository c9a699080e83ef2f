// Pagefile-backed file mappings under the name as given: what slick::queue and Python's SharedMemory use on Windows.
// They have their length and their memory (committed) from the start, and vanish with their last handle or view. They
// stand under their name while they are formatted.
#include "named_object.hpp"

#include "error.hpp"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

namespace slickq::detail {

std::string named_object::checked_name(const char* name) {
    const char* text = name[0] == '/' ? name + 1 : name;
    if (text[0] == '\0') fail(SLICKQ_E_NAME, "a segment's name can't be empty");
    return text;
}

std::optional<named_object> named_object::create(const std::string& name, std::uint64_t length, unsigned, making) {
    const HANDLE handle = ::CreateFileMappingA(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, static_cast<DWORD>(length >> 32),
                                               static_cast<DWORD>(length), name.c_str());
    const DWORD error = ::GetLastError();
    if (handle == nullptr) {
        fail_os(static_cast<int>(error), "segment '%s' of %llu bytes can't be created", name.c_str(),
                static_cast<unsigned long long>(length));
    }
    if (error == ERROR_ALREADY_EXISTS) {
        ::CloseHandle(handle);
        return std::nullopt;
    }
    return named_object(name, handle, access::read_write);
}

std::optional<named_object> named_object::open(const std::string& name, access mode) {
    const DWORD wanted = mode == access::read_only ? FILE_MAP_READ : FILE_MAP_READ | FILE_MAP_WRITE;
    const HANDLE handle = ::OpenFileMappingA(wanted, FALSE, name.c_str());
    if (handle == nullptr) {
        const DWORD error = ::GetLastError();
        if (error == ERROR_FILE_NOT_FOUND) return std::nullopt;
        fail_os(static_cast<int>(error), "segment '%s' can't be opened", name.c_str());
    }
    return named_object(name, handle, mode);
}

void named_object::remove(const std::string& name) {
    fail(SLICKQ_E_UNSUPPORTED, "segment '%s': on Windows a name goes with its last handle and can't be removed", name.c_str());
}

named_object::naming named_object::publish() { return naming::done; }

named_object::named_object(named_object&& other) noexcept
    : name_(std::move(other.name_)), handle_(other.handle_), mode_(other.mode_), identity_(other.identity_) {
    other.handle_ = nullptr;
}

named_object::~named_object() {
    if (handle_ != nullptr) ::CloseHandle(handle_);
}

// The system tells it only of a view, rounded up to pages.
std::uint64_t named_object::length() const {
    void* view = ::MapViewOfFile(handle_, FILE_MAP_READ, 0, 0, 0);
    if (view == nullptr) fail_os(static_cast<int>(::GetLastError()), "segment '%s' can't be examined", name_.c_str());
    MEMORY_BASIC_INFORMATION information{};
    const SIZE_T answered = ::VirtualQuery(view, &information, sizeof information);
    ::UnmapViewOfFile(view);
    if (answered == 0) fail(SLICKQ_E_OS, "segment '%s': its length can't be told", name_.c_str());
    return information.RegionSize;
}

void named_object::allocate(std::uint64_t, std::uint64_t) const {}
std::uint64_t named_object::first_hole(std::uint64_t) const { return length(); }

bool named_object::is_unlinked() const { return false; }

boost::interprocess::mapping_handle_t named_object::get_mapping_handle() const noexcept {
    return boost::interprocess::mapping_handle_t{handle_, true};
}

} // namespace slickq::detail
