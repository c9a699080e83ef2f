# hello.rb NAME: see ../README.md. Needs nothing but Ruby: Fiddle comes with it.
begin
  require "fiddle/import"
rescue LoadError => e
  warn "skipped: #{e.message}"
  exit 77
end

module Slickq
  extend Fiddle::Importer
  dlload ENV.fetch("SLICKQ_LIBRARY", "libslickq.so.1")

  typealias "uint32_t", "unsigned int"
  typealias "int64_t", "long long"
  typealias "uint64_t", "unsigned long long"
  typealias "handle", "uintptr_t" # tickets, not addresses

  Options = struct ["uint32_t struct_size", "uint32_t flags", "uint32_t capacity", "uint32_t element_size", "uint32_t items_per_slot",
                    "uint32_t layout", "uint32_t permissions", "uint32_t reserved", "int64_t timeout_ns"]
  Record = struct ["void *data", "uint64_t index", "uint64_t lost", "uint32_t elements", "uint32_t flags"] # not "count", which is a method
  Handle = struct ["handle value"]
  Index = struct ["uint64_t value"]

  extern "const char *slickq_status_name(int)"
  extern "const char *slickq_last_message()"
  extern "int slickq_queue_create(const char *, void *, void *)"
  extern "int slickq_queue_open(const char *, void *, void *)"
  extern "int slickq_queue_write(handle, const void *, uint32_t, void *)"
  extern "int slickq_queue_close(handle)"
  extern "int slickq_segment_remove(const char *)"
  extern "int64_t slickq_deadline(int64_t)"
  extern "int slickq_reader_open(handle, void *, void *)"
  extern "int slickq_reader_read(handle, void *)"
  extern "int slickq_reader_read_until(handle, int64_t, void *)"
  extern "int slickq_reader_close(handle)"

  class Error < StandardError; end

  # A status below 0 is an error. The message is the thread's: read it at once.
  def self.call(name, *arguments)
    status = public_send("slickq_#{name}", *arguments)
    raise Error, "#{slickq_status_name(status)}: #{slickq_last_message}" if status.negative?
    status
  end

  # New structs come from malloc(), with whatever is there: make them zero.
  def self.zeroed(type)
    made = type.malloc(Fiddle::RUBY_FREE)
    made.to_ptr[0, type.size] = "\0" * type.size
    made
  end
end

def text_of(record)
  # What it points at is the reader's until its next call: this copies it.
  "#{record.data[0, record.elements]}, index #{record.index}"
end

name = ARGV.fetch(0)
$stdout.sync = true

options = Slickq.zeroed(Slickq::Options)
options.struct_size = Slickq::Options.size
options.capacity = 4096
options.element_size = 1
options.items_per_slot = 64
out = Slickq.zeroed(Slickq::Handle)
record = Slickq.zeroed(Slickq::Record)
index = Slickq.zeroed(Slickq::Index)

Slickq.call(:queue_create, name, options, out)
queue = out.value
Slickq.call(:reader_open, queue, nil, out)
reader = out.value

greeting = "hello from Ruby"
Slickq.call(:queue_write, queue, greeting, greeting.bytesize, index)
Slickq.call(:reader_read, reader, record)
puts "read back: #{text_of(record)}"

status = Slickq.call(:reader_read_until, reader, Slickq.slickq_deadline(1_000_000), record)
puts "timed out: #{Slickq.slickq_status_name(status)}"

begin
  Slickq.call(:queue_open, "#{name}-absent", nil, out)
rescue Slickq::Error => e
  puts "error: #{e.message}"
end

puts "ready"
status = Slickq.call(:reader_read_until, reader, Slickq.slickq_deadline(10_000_000_000), record)
abort "nobody answers" unless status.zero?
puts "heard: #{text_of(record)}"
farewell = "goodbye from Ruby"
Slickq.call(:queue_write, queue, farewell, farewell.bytesize, index)

Slickq.call(:reader_close, reader)
Slickq.call(:queue_close, queue)
Slickq.call(:segment_remove, name)
puts "closed: #{Slickq.slickq_status_name(Slickq.slickq_reader_read(reader, record))}" # safe, and refused
