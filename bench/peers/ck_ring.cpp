// Concurrency Kit's ck_ring.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_CK

#    include "../workloads/all.hpp"
#    include "ck_calls.h"

namespace bench {

namespace {

struct calls {
    int (*push)(ck_ring*, void*, const void*);
    int (*pop)(ck_ring*, void*, void*);
};

template <std::size_t Bytes> constexpr calls spsc_calls{};
template <> constexpr calls spsc_calls<8>{bench_ck_spsc_push_8, bench_ck_spsc_pop_8};
template <> constexpr calls spsc_calls<64>{bench_ck_spsc_push_64, bench_ck_spsc_pop_64};
template <> constexpr calls spsc_calls<256>{bench_ck_spsc_push_256, bench_ck_spsc_pop_256};
template <> constexpr calls spsc_calls<1024>{bench_ck_spsc_push_1024, bench_ck_spsc_pop_1024};

template <std::size_t Bytes> constexpr calls mpmc_calls{};
template <> constexpr calls mpmc_calls<8>{bench_ck_mpmc_push_8, bench_ck_mpmc_pop_8};
template <> constexpr calls mpmc_calls<64>{bench_ck_mpmc_push_64, bench_ck_mpmc_pop_64};
template <> constexpr calls mpmc_calls<256>{bench_ck_mpmc_push_256, bench_ck_mpmc_pop_256};
template <> constexpr calls mpmc_calls<1024>{bench_ck_mpmc_push_1024, bench_ck_mpmc_pop_1024};

template <std::size_t Bytes, bool Many>
class ck_peer {
public:
    using item = bench::item<Bytes>;
    static constexpr traits about{.in_processes = true, .many_producers = Many, .many_consumers = Many, .is_lossy = false};
    static constexpr calls use_calls = Many ? mpmc_calls<Bytes> : spsc_calls<Bytes>;

    ck_peer(arena& memory, const shape& wanted)
        : ring_(static_cast<ck_ring*>(memory.allocate(bench_ck_bytes()))), buffer_(memory.allocate(wanted.capacity * sizeof(item))) {
        bench_ck_init(ring_, wanted.capacity);
    }

    class producer {
    public:
        explicit producer(ck_peer& peer) : ring_(peer.ring_), buffer_(peer.buffer_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            return static_cast<std::uint32_t>(use_calls.push(ring_, buffer_, &made));
        }

    private:
        ck_ring* ring_;
        void* buffer_;
    };

    class consumer {
    public:
        explicit consumer(ck_peer& peer) : ring_(peer.ring_), buffer_(peer.buffer_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got{};
            if (use_calls.pop(ring_, buffer_, &got) == 0) return 0;
            use(got);
            return 1;
        }

    private:
        ck_ring* ring_;
        void* buffer_;
    };

private:
    ck_ring* ring_;
    void* buffer_;
};

template <std::size_t Bytes> using ck_spsc = ck_peer<Bytes, false>;
template <std::size_t Bytes> using ck_mpmc = ck_peer<Bytes, true>;

} // namespace

void add_ck_ring(registry& all) {
    enlist<ck_spsc>(all, "ck_spsc");
    enlist<ck_mpmc>(all, "ck_mpmc");
}

} // namespace bench

#else

void bench::add_ck_ring(registry& all) { all.add_missing("ck_spsc, ck_mpmc", "ck_ring.h (libck-dev)"); }

#endif
