-- hello.lua NAME: see ../README.md. Needs nothing but LuaJIT.
local ffi = require("ffi")

-- As slickq.h has them. The handles stay opaque: pointers that nobody follows.
ffi.cdef [[
typedef struct slickq_queue slickq_queue;
typedef struct slickq_reader slickq_reader;
typedef struct {
    uint32_t struct_size, flags, capacity, element_size, items_per_slot, layout, permissions, reserved;
    int64_t timeout_ns;
} slickq_options;
typedef struct {
    const void *data;
    uint64_t index, lost;
    uint32_t count, flags;
} slickq_record;
const char *slickq_status_name(int status);
const char *slickq_last_message(void);
int slickq_queue_create(const char *name, const slickq_options *options, slickq_queue **queue);
int slickq_queue_open(const char *name, const slickq_options *options, slickq_queue **queue);
int slickq_queue_write(slickq_queue *queue, const void *elements, uint32_t count, uint64_t *index);
int slickq_queue_close(slickq_queue *queue);
int slickq_segment_remove(const char *name);
int64_t slickq_deadline(int64_t timeout_ns);
int slickq_reader_open(slickq_queue *queue, const void *options, slickq_reader **reader);
int slickq_reader_read(slickq_reader *reader, slickq_record *record);
int slickq_reader_read_until(slickq_reader *reader, int64_t deadline_ns, slickq_record *record);
int slickq_reader_close(slickq_reader *reader);
]]
local slickq = ffi.load(os.getenv("SLICKQ_LIBRARY") or "libslickq.so.1")

local function name_of(status) return ffi.string(slickq.slickq_status_name(status)) end

-- A status below 0 is an error. The message is the thread's: read it at once.
local function check(status)
    if status < 0 then error(name_of(status) .. ": " .. ffi.string(slickq.slickq_last_message()), 0) end
    return status
end

-- An index is a 64-bit cdata, printed with the suffix ULL. What the record points at is the reader's until its next call: this copies it.
local function described(record)
    local index = tostring(record.index):gsub("ULL$", "")
    return ffi.string(record.data, record.count) .. ", index " .. index
end

local name = arg[1]
io.stdout:setvbuf("line")

local options = ffi.new("slickq_options", { struct_size = ffi.sizeof("slickq_options"), capacity = 4096, element_size = 1, items_per_slot = 64 })
local queue, reader = ffi.new("slickq_queue *[1]"), ffi.new("slickq_reader *[1]")
check(slickq.slickq_queue_create(name, options, queue))
queue = queue[0]
check(slickq.slickq_reader_open(queue, nil, reader))
reader = reader[0]

local record = ffi.new("slickq_record")
local function write(text) check(slickq.slickq_queue_write(queue, text, #text, nil)) end
write("hello from LuaJIT")
check(slickq.slickq_reader_read(reader, record))
print("read back: " .. described(record))

print("timed out: " .. name_of(slickq.slickq_reader_read_until(reader, slickq.slickq_deadline(1000000), record)))

local absent = ffi.new("slickq_queue *[1]")
local _, message = pcall(function() check(slickq.slickq_queue_open(name .. "-absent", nil, absent)) end)
print("error: " .. message)

print("ready")
assert(check(slickq.slickq_reader_read_until(reader, slickq.slickq_deadline(10000000000LL), record)) == 0, "nobody answers")
print("heard: " .. described(record))
write("goodbye from LuaJIT")

check(slickq.slickq_reader_close(reader))
check(slickq.slickq_queue_close(queue))
check(slickq.slickq_segment_remove(name))
print("closed: " .. name_of(slickq.slickq_reader_read(reader, record))) -- safe, and refused
