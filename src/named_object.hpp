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

    // Makes an object of `length` bytes, all allocated and zero, which is to be filled and then published; nullopt if
    // the name is taken. permissions: 0 for the default. On Linux nobody else sees it until then. Elsewhere it stands
    // under its name at once, for an instant without a length. If it is not published, it goes with this handle, and
    // so does a name that it has.
    enum class making {
        unnamed,      // as far as the system has that
        by_other_name // what else keeps it from being found meanwhile
    };
    static std::optional<named_object> create(const std::string& name, std::uint64_t length, unsigned permissions,
                                              making way = making::unnamed);

    // Gives what create() made its name, where it has none yet. Nothing has changed unless the answer is `done`.
    enum class naming {
        done,
        taken, // another object has the name
        again  // it can't get a name: make it once more, by_other_name
    };
    naming publish();

    // nullopt if there is none.
    static std::optional<named_object> open(const std::string& name, access mode);

    // Throws SLICKQ_E_NOT_FOUND if there is none.
    static void remove(const std::string& name);

    named_object(named_object&& other) noexcept;
    named_object& operator=(named_object&&) = delete;
    ~named_object();

    std::uint64_t length() const; // bytes, now

    // Makes sure that `length` bytes from `offset` on, which it has, have memory behind them, whoever gave the object
    // its length. Throws SLICKQ_E_NO_SPACE.
    void allocate(std::uint64_t offset, std::uint64_t length) const;

    // Up to where, from `offset` on, its bytes have memory. On Linux a peer's object may have holes: bytes that read
    // as zero, and get memory when they are first touched, even to read them; if there is none left, that ends the
    // process (SIGBUS).
    std::uint64_t first_hole(std::uint64_t offset = 0) const;

    // Tells objects apart that had the same name, as long as one of them is mapped. All zero: the system has no such
    // thing (Windows, where a name lives as long as its object, and macOS).
    struct identity_type {
        std::uint64_t device = 0;
        std::uint64_t number = 0;
        bool is_known() const noexcept { return device != 0 || number != 0; }
        bool operator==(const identity_type&) const = default;
    };
    const identity_type& identity() const noexcept { return identity_; }

    // Whether its name was removed, as far as that can be told (on Windows names live as long as their objects).
    bool is_unlinked() const;

    access mode() const noexcept { return mode_; }
    const std::string& name() const noexcept { return name_; }

    // What mapped_region asks of a memory-mappable object.
    boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept;

private:
    named_object(std::string name, boost::interprocess::file_handle_t handle, access mode)
        : name_(std::move(name)), handle_(handle), mode_(mode) {}

    // The parts in which POSIX systems differ: named_object_linux.cpp and named_object_bsd.cpp.
    static std::size_t longest_name() noexcept; // behind the '/'
    static int flags_to_open() noexcept;
    void take_back() noexcept; // what was made and not published

    std::string name_;
    boost::interprocess::file_handle_t handle_;
    access mode_;
    identity_type identity_;
    bool is_published_ = true;
    std::string private_name_; // under which it lies meanwhile; empty: under none, or its own
};

} // namespace slickq::detail
