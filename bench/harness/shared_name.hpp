// A name for a shared-memory segment that nobody else uses, and that is gone afterwards, also if the bench is interrupted.
#ifndef BENCH_SHARED_NAME_HPP
#define BENCH_SHARED_NAME_HPP

#include <string>

namespace bench {

class shared_name {
public:
    shared_name();
    shared_name(const shared_name&) = delete;
    shared_name& operator=(const shared_name&) = delete;
    ~shared_name(); // removes the segment and the message queue of that name, if there are any

    const char* c_str() const noexcept { return name_.c_str(); } // with its '/'

private:
    std::string name_;
    unsigned place_;
};

// From here on SIGINT, SIGTERM and SIGALRM remove all names before they end the process.
void remove_names_when_interrupted();

} // namespace bench

#endif
