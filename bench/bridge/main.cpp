// Throughput and one-way latency from one end to the other, of 64-byte records.
//   bare-throughput URL SUBJECT js|core RECORDS BATCH   a libnats publisher and subscriber, BATCH records a message
//   bare-latency URL SUBJECT js|core ROUNDS             one record at a time
//   bridge-throughput FROM TO RECORDS                   a producer of FROM and a consumer of TO, bridges between
//   bridge-latency FROM TO ROUNDS
// Prints one JSON object. Every record is checked: it has its number.
#include <slickq/slickq.h>

#include <nats/nats.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <time.h>
#include <unistd.h>

namespace {

struct record {
    std::uint64_t number;
    std::int64_t sent_ns;
    std::byte rest[48];
};
static_assert(sizeof(record) == 64);

std::int64_t now_ns() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

void need(natsStatus status, const char* what) {
    if (status == NATS_OK) return;
    std::fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(status));
    std::exit(1);
}

void need(slickq_status status, const char* what) {
    if (status >= 0) return;
    std::fprintf(stderr, "%s: %s\n", what, slickq_last_message());
    std::exit(1);
}

void need(bool is_right, const char* what) {
    if (is_right) return;
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

void print_throughput(std::uint64_t records, std::int64_t ns) {
    std::printf("{\"records_per_second\": %.0f}\n", static_cast<double>(records) * 1e9 / static_cast<double>(ns));
}

void print_latency(std::vector<std::int64_t>& ns) {
    std::sort(ns.begin(), ns.end());
    const auto at = [&](double share) {
        return static_cast<double>(ns[static_cast<std::size_t>(share * static_cast<double>(ns.size() - 1))]) / 1e3;
    };
    std::printf("{\"p50_us\": %.1f, \"p99_us\": %.1f}\n", at(0.5), at(0.99));
}

// A connection, and a subscription that gets what is published to the subject from now on.
struct bare {
    // sends_at_once: the better for latency; else the better for throughput.
    bare(const char* url, const char* subject_name, bool is_jetstream, bool sends_at_once)
        : subject(subject_name), jetstream(is_jetstream) {
        natsOptions* options_of_publisher = nullptr;
        need(natsOptions_Create(&options_of_publisher), "options");
        need(natsOptions_SetURL(options_of_publisher, url), "options");
        need(natsOptions_SetSendAsap(options_of_publisher, sends_at_once), "options");
        need(natsConnection_Connect(&publisher, options_of_publisher), "connect");
        need(natsConnection_ConnectTo(&subscriber, url), "connect");
        if (jetstream) {
            jsOptions options;
            jsOptions_Init(&options);
            options.PublishAsync.MaxPending = 1024;
            need(natsConnection_JetStream(&js, publisher, &options), "JetStream");
            need(natsConnection_JetStream(&js_subscriber, subscriber, nullptr), "JetStream");
            jsSubOptions how;
            jsSubOptions_Init(&how);
            how.Config.AckPolicy = js_AckAll;
            how.Config.DeliverPolicy = js_DeliverNew;
            how.ManualAck = true;
            need(js_SubscribeSync(&subscription, js_subscriber, subject, nullptr, &how, nullptr), "subscribe");
        } else {
            need(natsConnection_SubscribeSync(&subscription, subscriber, subject), "subscribe");
        }
        need(natsSubscription_SetPendingLimits(subscription, -1, -1), "limits");
        need(natsConnection_Flush(subscriber), "flush");
    }

    void publish(const void* data, std::size_t length, std::uint64_t number) {
        if (!jetstream) {
            need(natsConnection_Publish(publisher, subject, data, static_cast<int>(length)), "publish");
            return;
        }
        jsPubOptions options;
        jsPubOptions_Init(&options);
        const std::string id = std::to_string(getpid()) + "." + std::to_string(number);
        options.MsgId = id.c_str();
        need(js_PublishAsync(js, subject, data, static_cast<int>(length), &options), "publish");
    }

    natsMsg* next() {
        natsMsg* m = nullptr;
        need(natsSubscription_NextMsg(&m, subscription, 10000), "read");
        if (jetstream && (++received & 0xFF) == 0) natsMsg_Ack(m, nullptr);
        return m;
    }

    const char* subject;
    bool jetstream;
    natsConnection* publisher = nullptr;
    natsConnection* subscriber = nullptr;
    jsCtx* js = nullptr;
    jsCtx* js_subscriber = nullptr;
    natsSubscription* subscription = nullptr;
    std::uint64_t received = 0;
};

int bare_throughput(bare& b, std::uint64_t records, std::uint64_t batch) {
    const std::int64_t begin = now_ns();
    std::thread producer([&] {
        std::vector<record> message(batch);
        for (std::uint64_t number = 0; number < records; number += batch) {
            for (std::uint64_t i = 0; i < batch; ++i) message[i].number = number + i;
            b.publish(message.data(), batch * sizeof(record), number);
        }
        if (b.jetstream) need(js_PublishAsyncComplete(b.js, nullptr), "complete");
    });
    for (std::uint64_t number = 0; number < records;) {
        natsMsg* const m = b.next();
        const auto* const data = reinterpret_cast<const record*>(natsMsg_GetData(m));
        const auto n = static_cast<std::uint64_t>(natsMsg_GetDataLength(m)) / sizeof(record);
        for (std::uint64_t i = 0; i < n; ++i) need(data[i].number == number++, "not in order");
        natsMsg_Destroy(m);
    }
    const std::int64_t end = now_ns();
    producer.join();
    print_throughput(records, end - begin);
    return 0;
}

int bare_latency(bare& b, std::uint64_t rounds) {
    std::vector<std::int64_t> ns;
    for (std::uint64_t number = 0; number < rounds; ++number) {
        record r{number, now_ns(), {}};
        b.publish(&r, sizeof r, number);
        natsMsg* const m = b.next();
        std::memcpy(&r, natsMsg_GetData(m), sizeof r);
        ns.push_back(now_ns() - r.sent_ns);
        natsMsg_Destroy(m);
        usleep(200);
    }
    print_latency(ns);
    return 0;
}

struct ends {
    ends(const char* from_name, const char* to_name) {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.flags = SLICKQ_OPEN_LOSSLESS;
        need(slickq_queue_open(from_name, &options, &from), "open");
        options.flags = 0;
        need(slickq_queue_open(to_name, &options, &to), "open");
        slickq_reader_options how{};
        how.struct_size = sizeof how;
        how.flags = SLICKQ_READER_REGISTERED;
        need(slickq_reader_open(to, &how, &reader), "reader");
    }
    slickq_queue* from = nullptr;
    slickq_queue* to = nullptr;
    slickq_reader* reader = nullptr;
};

int bridge_throughput(ends& e, std::uint64_t records) {
    const std::int64_t begin = now_ns();
    std::thread producer([&] {
        std::vector<record> some(256);
        for (std::uint64_t number = 0; number < records;) {
            const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(some.size(), records - number));
            for (std::uint32_t i = 0; i < n; ++i) some[i].number = number++;
            need(slickq_queue_write_batch_until(e.from, some.data(), nullptr, n, SLICKQ_FOREVER, nullptr), "write");
        }
    });
    for (std::uint64_t number = 0; number < records;) {
        slickq_batch batch{};
        const slickq_status status =
            slickq_reader_read_batch_until(e.reader, 0, slickq_deadline(20'000'000'000), &batch);
        need(status == SLICKQ_OK, "nothing came");
        const auto* const data = static_cast<const record*>(batch.data);
        for (std::uint32_t i = 0; i < batch.records; ++i) need(data[i].number == number++, "not in order");
    }
    const std::int64_t end = now_ns();
    producer.join();
    print_throughput(records, end - begin);
    return 0;
}

int bridge_latency(ends& e, std::uint64_t rounds) {
    std::vector<std::int64_t> ns;
    for (std::uint64_t number = 0; number < rounds; ++number) {
        const record r{number, now_ns(), {}};
        need(slickq_queue_write(e.from, &r, 1, nullptr), "write");
        slickq_record got{};
        need(slickq_reader_read_until(e.reader, slickq_deadline(10'000'000'000), &got) == SLICKQ_OK, "nothing came");
        ns.push_back(now_ns() - static_cast<const record*>(got.data)->sent_ns);
        usleep(200);
    }
    print_latency(ns);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    const std::string what = argv[1];
    const auto number = [&](int i) { return i < argc ? std::strtoull(argv[i], nullptr, 10) : 0; };
    if (what.rfind("bare", 0) == 0) {
        bare b(argv[2], argv[3], std::string(argv[4]) == "js", what == "bare-latency");
        return what == "bare-throughput" ? bare_throughput(b, number(5), number(6)) : bare_latency(b, number(5));
    }
    ends e(argv[2], argv[3]);
    return what == "bridge-throughput" ? bridge_throughput(e, number(4)) : bridge_latency(e, number(4));
}
