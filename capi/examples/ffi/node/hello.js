// hello.js NAME: see ../README.md. Needs koffi (npm install koffi).
'use strict';

let koffi;
try {
  koffi = require(process.env.KOFFI || 'koffi');
} catch (error) {
  console.error(`skipped: ${error.message.split('\n')[0]}`);
  process.exit(77);
}

const library = koffi.load(process.env.SLICKQ_LIBRARY || 'libslickq.so.1');

// Handles are tickets, not addresses: an integer is what they are.
koffi.alias('handle', 'uintptr_t');
const Options = koffi.struct('slickq_options', {
  struct_size: 'uint32_t', flags: 'uint32_t', capacity: 'uint32_t', element_size: 'uint32_t', items_per_slot: 'uint32_t',
  layout: 'uint32_t', permissions: 'uint32_t', reserved: 'uint32_t', timeout_ns: 'int64_t',
});
const Record = koffi.struct('slickq_record', {
  data: 'void *', index: 'uint64_t', lost: 'uint64_t', count: 'uint32_t', flags: 'uint32_t',
});

const slickq = {};
for (const prototype of [
  'const char *slickq_status_name(int status)',
  'const char *slickq_last_message()',
  'size_t slickq_recent_message(int status, _Out_ uint8_t *buffer, size_t size)',
  'int slickq_queue_create(const char *name, const slickq_options *options, _Out_ handle *queue)',
  'int slickq_queue_open(const char *name, const slickq_options *options, _Out_ handle *queue)',
  'int slickq_queue_write(handle queue, const void *elements, uint32_t count, _Out_ uint64_t *index)',
  'int slickq_queue_close(handle queue)',
  'int slickq_segment_remove(const char *name)',
  'int64_t slickq_deadline(int64_t timeout_ns)',
  'int slickq_reader_open(handle queue, const void *options, _Out_ handle *reader)',
  'int slickq_reader_read(handle reader, _Out_ slickq_record *record)',
  'int slickq_reader_read_until(handle reader, int64_t deadline_ns, _Out_ slickq_record *record)',
  'int slickq_reader_close(handle reader)',
]) {
  const f = library.func(prototype);
  slickq[/slickq_(\w+)\(/.exec(prototype)[1]] = f;
}

// A status below 0 is an error. The message is the thread's: read it before anything else is called.
function call(name, ...args) {
  const status = slickq[name](...args);
  if (status < 0) throw new Error(`${slickq.status_name(status)}: ${slickq.last_message()}`);
  return status;
}

// The latest message that came with that status, on whichever thread.
function recentMessage(status) {
  const buffer = Buffer.alloc(1024);
  const length = Number(slickq.recent_message(status, buffer, buffer.length));
  return buffer.toString('utf8', 0, Math.min(length, buffer.length - 1));
}

// A wait must not stop the event loop: it runs on one of koffi's threads, whose slickq_last_message() this one can't read.
function wait(name, ...args) {
  return new Promise((resolve, reject) => {
    slickq[name].async(...args, (error, status) => {
      if (error) reject(error);
      else if (status < 0) reject(new Error(`${slickq.status_name(status)}: ${recentMessage(status)}`));
      else resolve(status);
    });
  });
}

function write(queue, text) {
  const bytes = Buffer.from(text);
  const index = [0];
  call('queue_write', queue, bytes, bytes.length, index);
  return BigInt(index[0]);
}

// What a record points at is the reader's until its next call: copy it now. An index has 48 bits (64 in a wide queue), and is a BigInt here.
function described(record) {
  const text = Buffer.from(koffi.decode(record.data, koffi.array('uint8_t', record.count, 'Typed'))).toString();
  return `${text}, index ${BigInt(record.index)}`;
}

async function main(name) {
  const options = {
    struct_size: koffi.sizeof(Options), flags: 0, capacity: 4096, element_size: 1, items_per_slot: 64,
    layout: 0, permissions: 0, reserved: 0, timeout_ns: 0n,
  };
  const out = [0];
  call('queue_create', name, options, out);
  const queue = out[0];
  call('reader_open', queue, null, out);
  const reader = out[0];

  const record = {};
  write(queue, 'hello from Node.js');
  call('reader_read', reader, record);
  console.log(`read back: ${described(record)}`);

  const status = await wait('reader_read_until', reader, slickq.deadline(1_000_000n), record);
  console.log(`timed out: ${slickq.status_name(status)}`);

  try {
    await wait('queue_open', `${name}-absent`, null, out);
  } catch (error) {
    console.log(`error: ${error.message}`);
  }

  console.log('ready');
  if (await wait('reader_read_until', reader, slickq.deadline(10_000_000_000n), record) !== 0) throw new Error('nobody answers');
  console.log(`heard: ${described(record)}`);
  write(queue, 'goodbye from Node.js');

  call('reader_close', reader);
  call('queue_close', queue);
  call('segment_remove', name);
  console.log(`closed: ${slickq.status_name(slickq.reader_read(reader, record))}`); // safe, and refused
}

main(process.argv[2]).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
