// DPDK's rte_ring, with elements of the item's size. It is made in plain memory with rte_ring_init(): DPDK's environment (EAL, huge
// pages, rte_eal_init()) is not needed and not started.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_RTE_RING

#    include "../workloads/all.hpp"

#    include <rte_ring.h>
#    include <rte_ring_elem.h>

namespace bench {

namespace {

template <std::size_t Bytes, bool Many, std::uint32_t Group>
class rte_peer {
public:
    using item = bench::item<Bytes>;
    static constexpr traits about{
        .in_processes = true, .many_producers = Many, .many_consumers = Many, .is_lossy = false, .group = Group};

    rte_peer(arena& memory, const shape& wanted) {
        const unsigned count = 2 * wanted.capacity; // of which it uses one less
        const ssize_t bytes = ::rte_ring_get_memsize_elem(sizeof(item), count);
        require(bytes > 0, "rte_ring_get_memsize_elem failed");
        ring_ = static_cast<rte_ring*>(memory.allocate(static_cast<std::size_t>(bytes)));
        const unsigned flags = RING_F_EXACT_SZ | (Many ? 0u : unsigned{RING_F_SP_ENQ} | unsigned{RING_F_SC_DEQ});
        require(::rte_ring_init(ring_, "bench", wanted.capacity, flags) == 0, "rte_ring_init failed");
    }

    class producer {
    public:
        explicit producer(rte_peer& peer) : ring_(peer.ring_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made[Group];
            for (std::uint32_t k = 0; k < Group; ++k) fill(made[k], k);
            if constexpr (Many) return ::rte_ring_mp_enqueue_burst_elem(ring_, made, sizeof(item), Group, nullptr);
            else return ::rte_ring_sp_enqueue_burst_elem(ring_, made, sizeof(item), Group, nullptr);
        }

    private:
        rte_ring* ring_;
    };

    class consumer {
    public:
        explicit consumer(rte_peer& peer) : ring_(peer.ring_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got[Group];
            std::uint32_t count;
            if constexpr (Many) count = ::rte_ring_mc_dequeue_burst_elem(ring_, got, sizeof(item), Group, nullptr);
            else count = ::rte_ring_sc_dequeue_burst_elem(ring_, got, sizeof(item), Group, nullptr);
            for (std::uint32_t k = 0; k < count; ++k) use(got[k]);
            return count;
        }

    private:
        rte_ring* ring_;
    };

private:
    rte_ring* ring_;
};

template <std::size_t Bytes> using rte_spsc = rte_peer<Bytes, false, 1>;
template <std::size_t Bytes> using rte_spsc_g16 = rte_peer<Bytes, false, 16>;
template <std::size_t Bytes> using rte_mpmc = rte_peer<Bytes, true, 1>;

} // namespace

void add_rte_ring(registry& all) {
    enlist<rte_spsc>(all, "rte_spsc");
    enlist<rte_spsc_g16>(all, "rte_spsc_g16");
    enlist<rte_mpmc>(all, "rte_mpmc");
}

} // namespace bench

#else

void bench::add_rte_ring(registry& all) { all.add_missing("rte_spsc, rte_mpmc", "libdpdk (libdpdk-dev)"); }

#endif
