// The consumers: append every record, as it is, to a file. Whether that is all of them and nothing else, others judge.
#include "stage.hpp"

#include <cstdio>
#include <stdexcept>

namespace demo {
namespace {

class record_file {
public:
    explicit record_file(const std::string &path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
        if (file_ == nullptr)
            fail("cannot create " + path_);
    }
    ~record_file() {
        if (file_ != nullptr)
            std::fclose(file_);
    }
    record_file(const record_file &) = delete;
    record_file &operator=(const record_file &) = delete;

    void append(const slickq_record &record) {
        if (std::fwrite(record.data, 1, record.count, file_) != record.count)
            fail("cannot write " + path_);
    }

    // Only here does it show whether everything was written.
    void close() {
        const auto file = file_;
        file_ = nullptr;
        if (std::fclose(file) != 0)
            fail("cannot write " + path_);
    }

private:
    std::string path_;
    std::FILE *file_;
};

// What both kinds of consumer do alike.
class consumer {
public:
    consumer(const std::string &stage, unsigned process, const std::string &output)
        : ring(stage), mark(mark_cell(stage, process - producers)), end(end_cell(stage)),
          progress_(bytes_cell(stage, process)), output_(output) {}

    void take(const slickq_record &record) {
        if (record.count <= sizeof(record_header))
            throw std::runtime_error("a record without payload at index " + std::to_string(record.index));
        output_.append(record); // straight from the ring: the producers wait until the mark has passed it
        ++tally_.records;
        tally_.bytes += record.count - sizeof(record_header);
        progress_.store(tally_.bytes);
    }

    tally finish() {
        output_.close();
        check(slickq_queue_loss_count(ring, &tally_.lost));
        return tally_;
    }

    const queue ring;
    const cell mark;
    const cell end;

private:
    const cell progress_;
    record_file output_;
    tally tally_;
};

} // namespace

tally consume_broadcast(const std::string &stage, unsigned process, const std::string &output) {
    consumer self(stage, process, output);
    say_ready();

    for (std::uint64_t cursor = 0;;) {
        slickq_record record;
        const auto status = check(slickq_queue_read(self.ring, &cursor, &record));
        if (status == SLICKQ_OK)
            self.take(record);
        self.mark.store(cursor); // also after SLICKQ_EMPTY, which may have moved it over the unused end of the ring
        if (status == SLICKQ_EMPTY) {
            if (cursor == self.end.load())
                return self.finish();
            wait_a_moment();
        }
    }
}

tally consume_shared(const std::string &stage, unsigned process, const std::string &output) {
    consumer self(stage, process, output);
    const cell cursor(stage + "_cursor", 0);
    say_ready();

    for (;;) {
        // The shared cursor alone would not do as a mark: it moves on when a record is claimed, before it is copied. So each
        // sharer tells, before it claims, from where on it may hold a record: the cursor as it is now, for what it will
        // claim cannot lie before that. What it claimed before is copied by now.
        const auto position = cursor.load();
        self.mark.store(position);

        slickq_record record;
        if (check(slickq_queue_read_shared(self.ring, cursor.address(), &record)) == SLICKQ_OK) {
            self.take(record);
        } else {
            if (position == self.end.load())
                return self.finish();
            wait_a_moment();
        }
    }
}

} // namespace demo
