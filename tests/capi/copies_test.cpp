// Two copies of the library in one process, as a program and a plug-in may bring them: no handle of one is one of the
// other's.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

namespace {

// The library that this program has, under another name: the loader takes it for another one.
class second_copy {
public:
    second_copy() {
        Dl_info ours{};
        ::dladdr(reinterpret_cast<void*>(&slickq_version), &ours);
        file_ = std::filesystem::temp_directory_path() / ("slickq-copy-" + std::to_string(::getpid()) + ".so");
        std::filesystem::copy_file(std::filesystem::canonical(ours.dli_fname), file_,
                                   std::filesystem::copy_options::overwrite_existing);
        library_ = ::dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL);
    }
    second_copy(const second_copy&) = delete;
    second_copy& operator=(const second_copy&) = delete;
    ~second_copy() {
        if (library_ != nullptr) ::dlclose(library_);
        std::filesystem::remove(file_);
    }

    bool is_there() const { return library_ != nullptr; }

    template <class Function>
    Function* function(Function*, const char* name) const {
        return reinterpret_cast<Function*>(::dlsym(library_, name));
    }

private:
    std::filesystem::path file_;
    void* library_ = nullptr;
};

#define OF_COPY(name) copy.function(&name, #name)

TEST(Copies, DoNotTakeEachOthersHandles) {
    const second_copy copy;
    ASSERT_TRUE(copy.is_there()) << ::dlerror();
    const auto create = OF_COPY(slickq_queue_create_local);
    const auto close = OF_COPY(slickq_queue_close);
    const auto next_index = OF_COPY(slickq_queue_next_index);
    ASSERT_NE(create, &slickq_queue_create_local) << "that is the same library";

    const slickq_options options = test::options_for(4, 8);
    std::vector<slickq_queue*> ours(100), theirs(100);
    for (slickq_queue*& one : ours) ASSERT_EQ(slickq_queue_create_local(&options, &one), SLICKQ_OK);
    for (slickq_queue*& one : theirs) ASSERT_EQ(create(&options, &one), SLICKQ_OK);
    std::uint64_t index = 0;
    for (slickq_queue* const one : ours) {
        EXPECT_EQ(next_index(one, &index), SLICKQ_E_HANDLE);
        EXPECT_EQ(close(one), SLICKQ_E_HANDLE);
    }
    for (slickq_queue* const one : theirs) {
        EXPECT_EQ(slickq_queue_next_index(one, &index), SLICKQ_E_HANDLE);
        EXPECT_EQ(slickq_queue_close(one), SLICKQ_E_HANDLE);
    }
    for (slickq_queue* const one : ours) EXPECT_EQ(slickq_queue_close(one), SLICKQ_OK);
    for (slickq_queue* const one : theirs) EXPECT_EQ(close(one), SLICKQ_OK);
}

// What they do have in common.
TEST(Copies, MeetInSharedMemory) {
    const second_copy copy;
    ASSERT_TRUE(copy.is_there()) << ::dlerror();
    const test::segment_name name;
    const slickq_options options = test::options_for(4, 8);
    test::queue_handle ours;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, ours.out()), SLICKQ_OK);
    slickq_queue* theirs = nullptr;
    ASSERT_EQ(OF_COPY(slickq_queue_open)(name.c_str(), nullptr, &theirs), SLICKQ_OK);
    const std::uint64_t value = 42;
    ASSERT_EQ(slickq_queue_write(ours, &value, 1, nullptr), SLICKQ_OK);
    std::uint64_t cursor = 0;
    slickq_record record{};
    ASSERT_EQ(OF_COPY(slickq_queue_read)(theirs, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), value);
    EXPECT_EQ(OF_COPY(slickq_queue_close)(theirs), SLICKQ_OK);
}

} // namespace
