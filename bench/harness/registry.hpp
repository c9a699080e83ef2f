// Which queues there are in this build, and which there are not.
#ifndef BENCH_REGISTRY_HPP
#define BENCH_REGISTRY_HPP

#include "measure.hpp"

#include <map>
#include <string>
#include <vector>

namespace bench {

struct queue_entry {
    std::string name;
    traits about;
    std::map<std::size_t, measure_function> by_bytes;

    // Empty, or why that queue can't do that.
    std::string why_not(const request& asked, std::size_t bytes) const;
};

// Items of more bytes go through spsc and uncontended only.
inline constexpr std::size_t largest_of_many = 64;

class registry {
public:
    void add(queue_entry entry) { entries_.push_back(std::move(entry)); }
    void add_missing(std::string name, std::string what) { missing_.emplace_back(std::move(name), std::move(what)); }

    const std::vector<queue_entry>& entries() const noexcept { return entries_; }
    const std::vector<std::pair<std::string, std::string>>& missing() const noexcept { return missing_; }
    const queue_entry* find(const std::string& name) const noexcept;

private:
    std::vector<queue_entry> entries_;
    std::vector<std::pair<std::string, std::string>> missing_;
};

// In the files of peers/.
void add_slickq(registry& all);
void add_slickq_groups(registry& all);
void add_slickq_c(registry& all);
void add_slick(registry& all);
void add_boost_lockfree(registry& all);
void add_boost_message_queue(registry& all);
void add_ck_ring(registry& all);
void add_kernel(registry& all);
void add_moodycamel(registry& all);
void add_readerwriterqueue(registry& all);
void add_rte_ring(registry& all);
void add_tbb(registry& all);
void add_zeromq(registry& all);

registry all_queues();

} // namespace bench

#endif
