#include "lease.hpp"

#if defined(__linux__)
#  include <cerrno>
#  include <cstddef>
#  include <mutex>
#  include <new>
#  include <vector>

#  include <fcntl.h>
#  include <pthread.h>
#  include <sys/mman.h>
#  include <sys/stat.h>
#  include <unistd.h>
#endif

namespace slickq::detail {

#if defined(__linux__) && defined(F_OFD_SETLK)

namespace {

// The mappings that hold this process's leases. A child of fork() has none of them, and must not unmap what is there by
// then.
struct holding {
    named_object::identity_type segment;
    registry::id member;
    void* page;
};

struct holdings {
    std::mutex mutex;
    std::vector<holding> all;
};

holdings& our_holdings() noexcept {
    static holdings* const made = [] {
        // Never destroyed: who closes something while the process ends may come later.
        alignas(holdings) static std::byte room[sizeof(holdings)];
        static holdings* of_parent;
        of_parent = new (room) holdings;
        ::pthread_atfork([] { of_parent->mutex.lock(); }, [] { of_parent->mutex.unlock(); },
                         [] {
                             of_parent->all.clear();
                             of_parent->mutex.unlock();
                         });
        return of_parent;
    }();
    return *made;
}

std::size_t page_length() noexcept { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

// Another opening of the queue's file; -1 if its name leads elsewhere, or may not be opened so.
int open_again(const queue& q, int flags) noexcept {
    if (q.name.empty()) return -1;
    const int file = ::shm_open(q.name.c_str(), flags | O_NONBLOCK, 0);
    if (file == -1) return -1;
    struct stat status;
    const bool is_it = ::fstat(file, &status) == 0 && static_cast<std::uint64_t>(status.st_dev) == q.identity.device &&
                       static_cast<std::uint64_t>(status.st_ino) == q.identity.number;
    if (is_it) return file;
    ::close(file);
    return -1;
}

struct flock lock_of(registry::id member) noexcept {
    struct flock wanted {};
    wanted.l_type = F_WRLCK;
    wanted.l_whence = SEEK_SET;
    wanted.l_start = static_cast<off_t>(lease_offset(member));
    wanted.l_len = 1;
    return wanted;
}

// `file` is another opening than the holder's.
liveness ask(int file, registry::id member) noexcept {
    struct flock seen = lock_of(member);
    if (::fcntl(file, F_OFD_GETLK, &seen) != 0) return liveness::unknown;
    return seen.l_type == F_UNLCK ? liveness::dead : liveness::alive;
}

// nullptr: it is not kept by the mapping.
void* keep_mapped(const queue& q, int file, registry::id member) noexcept {
    const std::size_t length = page_length();
    void* const page = ::mmap(nullptr, length, PROT_NONE, MAP_SHARED, file, 0);
    ::close(file);
    if (page == MAP_FAILED) return nullptr;
    if (::madvise(page, length, MADV_DONTFORK) == 0) {
        const int other = open_again(q, O_RDONLY);
        const bool is_seen = other != -1 && ask(other, member) == liveness::alive;
        if (other != -1) ::close(other);
        if (is_seen) return page;
    }
    ::munmap(page, length);
    return nullptr;
}

// Not while another thread forks: its child would get the descriptor, and with it the lock.
lease_state take(const queue& q, registry::id member) noexcept {
    holdings& ours = our_holdings();
    const std::lock_guard lock(ours.mutex);
    const int file = open_again(q, O_RDWR);
    if (file == -1) return lease_state::none;
    struct flock wanted = lock_of(member);
    if (::fcntl(file, F_OFD_SETLK, &wanted) != 0) {
        const bool is_others = errno == EAGAIN || errno == EACCES;
        ::close(file);
        return is_others ? lease_state::taken : lease_state::none;
    }
    void* const page = keep_mapped(q, file, member);
    if (page == nullptr) return lease_state::none;
    try {
        ours.all.push_back({q.identity, member, page});
    } catch (...) {
        ::munmap(page, page_length());
        return lease_state::none;
    }
    return lease_state::held;
}

} // namespace

lease_state take_lease(const queue& q, registry::id member) noexcept {
    const int error = errno;
    const lease_state taken = take(q, member);
    errno = error;
    return taken;
}

void drop_lease(const queue& q, registry::id member) noexcept {
    const int error = errno;
    holdings& ours = our_holdings();
    const std::lock_guard lock(ours.mutex);
    for (holding& h : ours.all) {
        if (h.member != member || !(h.segment == q.identity)) continue;
        ::munmap(h.page, page_length());
        h = ours.all.back();
        ours.all.pop_back();
        break;
    }
    errno = error;
}

bool judge::open_file() const noexcept {
    if (file_ == not_opened) {
        file_ = open_again(queue_, O_RDONLY | O_CLOEXEC);
        if (file_ == -1) file_ = none;
    }
    return file_ != none;
}

liveness judge::operator()(const process_identity& who) const noexcept {
    const int error = errno;
    liveness found = liveness::unknown;
    if (who.lease != 0 && open_file()) found = ask(file_, who.lease);
    if (found == liveness::unknown) found = liveness_by_number(who);
    errno = error;
    return found;
}

void judge::close_file() const noexcept {
    const int error = errno;
    ::close(file_);
    errno = error;
}

#else

lease_state take_lease(const queue&, registry::id) noexcept { return lease_state::none; }
void drop_lease(const queue&, registry::id) noexcept {}
liveness judge::operator()(const process_identity& who) const noexcept { return liveness_by_number(who); }
bool judge::open_file() const noexcept { return false; }
void judge::close_file() const noexcept {}

#endif

} // namespace slickq::detail
