// named_object.hpp - an open handle to a named piece of shared memory, as the peers name and make it: shm_open on POSIX, a
// pagefile-backed file mapping on Windows. Boost's own objects differ from that (no EINTR handling or allocation on POSIX, a
// file emulation on Windows), so this stands in their place under boost::interprocess::mapped_region.
#pragma once

#include "wait.hpp"

#include <boost/interprocess/interprocess_fwd.hpp>
#include <boost/interprocess/detail/os_file_functions.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace slickq::detail {

class named_object {
public:
    enum class access { read_only, read_write };

    // The name as the system wants it: one leading '/' on POSIX. Throws SLICKQ_E_NAME.
    static std::string checked_name(const char* name);

    // Makes an object of `length` bytes, all allocated and zero; nullopt if the name is taken. permissions: 0 for the default.
    // Another process may open it before it has its length. After an error the name is free again.
    static std::optional<named_object> create(const std::string& name, std::uint64_t length, unsigned permissions);

    // nullopt if there is none.
    static std::optional<named_object> open(const std::string& name, access mode);

    // Throws SLICKQ_E_NOT_FOUND if there is none.
    static void remove(const std::string& name);
    // For clearing up after another error, which is the one to report.
    static void try_remove(const std::string& name) noexcept;

    named_object(named_object&& other) noexcept;
    named_object& operator=(named_object&&) = delete;
    ~named_object();

    std::uint64_t length() const; // bytes, now

    // Makes sure that the first `length` bytes have memory behind them, whoever gave the object its length.
    void allocate(std::uint64_t length) const;

    // Tells objects apart that had the same name, as long as one of them is mapped. On Windows they can't be: a name lives as
    // long as its object.
    struct identity_type {
        std::uint64_t device = 0;
        std::uint64_t number = 0;
        bool operator==(const identity_type&) const = default;
    };
    const identity_type& identity() const noexcept { return identity_; }

    // Whether its name was removed (on Windows names live as long as their objects).
    bool is_unlinked() const;

    access mode() const noexcept { return mode_; }
    const std::string& name() const noexcept { return name_; }

    // What mapped_region asks of a memory-mappable object.
    boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept;

private:
    named_object(std::string name, boost::interprocess::file_handle_t handle, access mode)
        : name_(std::move(name)), handle_(handle), mode_(mode) {}

    std::string name_;
    boost::interprocess::file_handle_t handle_;
    access mode_;
    identity_type identity_;
};

} // namespace slickq::detail
