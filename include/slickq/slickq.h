/* slickq.h - the whole C ABI of libslickq. The only header a binding needs.
 *
 * A queue is a ring of `capacity` elements of `element_size` bytes that any number of producers and consumers use
 * without locks, in private memory (threads) or in a named shared-memory segment (processes). Segments are byte-for-byte
 * those of SlickQueue: slick::queue<T> in C++ and slick-queue-py in Python may be on the other side.
 *
 * The queue is lossy: a producer never waits, it overwrites the oldest records. A consumer that falls behind by more than
 * the capacity has been lapped; it skips ahead and is told how many elements it lost. The copying reads and slickq_reader
 * hand out only what they have validated; zero-copy reads can be checked after use, slickq_queue_validate(). Producers that
 * open it as lossless (below) do wait, for the consumers and the groups of workers that have registered.
 *
 * WORDS
 *   element       `element_size` bytes, the unit of every count here unless "bytes" is written
 *   record        1 or more contiguous elements that were published together
 *   index         ever-growing number of an element; its position in the ring is index mod capacity. 48 bits, wrapping to 0
 *                 (in the wide layout 64). Compare two indices with slickq_index_distance(), go on from one with
 *                 slickq_index_add(); never with < and +, nor with -, whose 64 bits know nothing of the wrap
 *   cursor        the index a consumer will read next; a plain uint64_t that the caller owns
 *   shared cursor a cursor that several consumers share, so that each record is claimed by exactly one of them
 *   reserve, publish   the two halves of producing: get room; make what was written there visible
 *   lap           producers went once around the ring past an index
 *
 * CONVENTIONS, true for every function
 *   Returns    a slickq_status: 0 is success, a positive value a normal outcome that is not a record (empty), a negative one
 *              an error. Functions that cannot fail return their value. Where a call fails, its outputs are left as they
 *              were unless its comment says otherwise.
 *   Messages   after an error, slickq_last_message() has a sentence with the details, for the calling thread; and
 *              slickq_recent_message() for who gets the status in another thread.
 *   Handles    slickq_queue*, slickq_reader*, slickq_worker* and slickq_cursor* are tickets, never addresses to look into. A NULL handle is
 *              SLICKQ_E_NULL; one that was closed, or never was one, is SLICKQ_E_HANDLE: using it again is safe and refused.
 *   Threads    every function may be called from any thread at any time, also on the same handle, with one exception:
 *              closing a handle while another thread is inside a call on it, or still uses memory it got from it, is misuse.
 *              A plain cursor, a reader and a worker belong to one thread at a time.
 *   Memory     the caller owns everything it passes in; the library keeps no pointer to it after the call. Pointers into the
 *              ring stay valid (mapped) until the handle is closed.
 *   Structs    those that begin with struct_size are set to { sizeof(the struct) } and zero by the caller, best by
 *              their initialiser, slickq_options o = SLICKQ_OPTIONS_INIT, or by slickq_struct_init(); zero in a field
 *              means the default. They can grow at the end; a library that meets a larger struct with a non-zero
 *              field it does not know refuses it with SLICKQ_E_ARGUMENT.
 *   Names      of shared segments: one optional leading '/', then 1 to 255 bytes without '/' (30 on macOS; on Windows any
 *              name a file mapping may have). "/q" and "q" are the same segment.
 *   Times      nanoseconds. What lasts is given as a duration: 0 is the default, negative for ever. What waits for a
 *              record or for room is given a deadline, slickq_deadline().
 *   FFI        slickq-abi.json, installed in share/slickq, describes all of this header for generators of bindings:
 *              functions, constants (macros too, which are gone after preprocessing), structs with their offsets.
 *   Copies     of the library in one process (a shared and a static one, say) have nothing in common but the queues
 *              in shared memory: one's handle is SLICKQ_E_HANDLE for the other.
 *   fork       after fork() the child may go on using its handles, and closes them for itself. Queues are one for both,
 *              local ones too: what either publishes, the other reads. A reader and a plain cursor are copied: from then on
 *              each has its own, and both get every record that follows. A cursor cell in shared memory stays one for both.
 *              What is registered stays the parent's: a reader, a worker, a consumer with a cursor of its own. The child's calls on
 *              them are SLICKQ_E_HANDLE, but for closing the handles, which ends nothing of the parent's.
 *              Handles that another thread of the parent was just opening or closing are lost to the child.
 *
 *   dlclose    close every handle first, and end every registration: what a descriptor of a reader, or a registration, has left behind
 *              would be without the code that it needs.
 *
 * ABI: numbers and structs here are never changed, only added to. All functions are in the ELF version node named in
 * slickq.def. Needs a 64-bit little-endian platform with lock-free 64-bit atomics.
 */
#ifndef SLICKQ_SLICKQ_H
#define SLICKQ_SLICKQ_H

#include <stddef.h>
#include <stdint.h>

#if defined(SLICKQ_STATIC)
#  define SLICKQ_API
#elif defined(_WIN32) && defined(SLICKQ_BUILDING)
#  define SLICKQ_API __declspec(dllexport)
#elif defined(_WIN32)
#  define SLICKQ_API __declspec(dllimport)
#elif defined(__GNUC__)
#  define SLICKQ_API __attribute__((visibility("default")))
#else
#  define SLICKQ_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ version */

/* Version of this header; slickq_version() tells the library's. */
#define SLICKQ_VERSION_MAJOR 1
#define SLICKQ_VERSION_MINOR 0
#define SLICKQ_VERSION_PATCH 0
#define SLICKQ_VERSION_NUMBER (SLICKQ_VERSION_MAJOR * 10000 + SLICKQ_VERSION_MINOR * 100 + SLICKQ_VERSION_PATCH)

/* The ABI that this header describes. A program works with every library whose slickq_abi_version() is equal or higher:
 * the number grows when something is added, and nothing is ever taken away. */
#define SLICKQ_ABI_VERSION 1

/* The running library's version, major * 10000 + minor * 100 + patch. Cannot fail. */
SLICKQ_API uint32_t slickq_version(void);
/* The same as text, "1.0.0". A constant of the library: never freed, gone only when the library is unloaded. */
SLICKQ_API const char *slickq_version_string(void);
/* The running library's ABI number, see SLICKQ_ABI_VERSION. Cannot fail. */
SLICKQ_API uint32_t slickq_abi_version(void);

/* ------------------------------------------------------------------ status */

/* Which integer an enum is: C++11 and C23 can say so. Earlier ones take an int for slickq_status by themselves,
 * unless they are told otherwise (-fshort-enums), which is another ABI: do not. */
#if (defined(__cplusplus) && __cplusplus >= 201103L) || \
    (!defined(__cplusplus) && defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#  define SLICKQ_ENUM(type) : type
#else
#  define SLICKQ_ENUM(type)
#endif

/* The numbers are pinned for ever. slickq_status_name() and slickq_status_text() give each one's name and sentence. A
 * switch over a slickq_status without a `default` is checked by -Wswitch. A newer library may return numbers that
 * this header does not have yet: handle what no `case` names behind the switch, a positive one as "no record", a
 * negative one as an error. */
typedef enum slickq_status SLICKQ_ENUM(int) {
    SLICKQ_OK = 0,

    /* Outcomes that are neither success nor error. */
    SLICKQ_EMPTY = 1,            /* nothing to read at the cursor yet */
    SLICKQ_CHANGED = 2,          /* compare-exchange: the cell held another value, now in *expected */
    SLICKQ_PENDING = 3,          /* reader: the next record is reserved, and not published yet */
    SLICKQ_LAPPED = 4,           /* producers had overwritten what was to be read; record->lost elements were skipped */
    SLICKQ_FULL = 5,             /* lossless: no room before a registered consumer or a group has read on */
    SLICKQ_TIMED_OUT = 6,        /* the deadline passed */
    SLICKQ_GAP = 7,             /* reader: record->lost elements stayed unpublished beyond the stall time; stepped over */
    SLICKQ_RESET = 8,            /* reader: the queue was reset, record->lost elements of its former epoch were not read */
    SLICKQ_CANCELLED = 9,        /* another thread ended the wait */
    SLICKQ_ABANDONED = 10,       /* worker: another one died with the record at record->index claimed; nobody gets it any more */

    /* The call was wrong. */
    SLICKQ_E_NULL = -1,          /* a handle or a required pointer is NULL */
    SLICKQ_E_HANDLE = -2,        /* the handle was closed, is of the other kind, or never was one */
    SLICKQ_E_ARGUMENT = -3,      /* a value is out of range or contradicts another */
    SLICKQ_E_NAME = -4,          /* the name is empty, too long or has a '/' inside */
    SLICKQ_E_BUFFER = -5,        /* the caller's buffer is too small for the record; nothing was consumed */
    SLICKQ_E_READ_ONLY = -6,     /* the handle is read-only and the call would write */
    SLICKQ_E_UNSUPPORTED = -7,   /* this platform, or this queue's layout, cannot do that */

    /* The name and the operating system. */
    SLICKQ_E_NOT_FOUND = -20,    /* no segment of that name */
    SLICKQ_E_EXISTS = -21,       /* create: the name is taken */
    SLICKQ_E_ACCESS = -22,       /* the operating system denies access */
    SLICKQ_E_NO_SPACE = -23,     /* shared memory (/dev/shm) has no room for the segment */
    SLICKQ_E_NO_MEMORY = -24,    /* out of memory or of address space */
    SLICKQ_E_LIMIT = -25,        /* too many open files or handles, too long a file; or the queue's table of consumers, or of groups, is full */
    SLICKQ_E_OS = -26,           /* any other operating-system error; slickq_last_os_error() has its number */

    /* What was found under the name. Nothing was written to it. */
    SLICKQ_E_NO_LENGTH = -40,    /* shorter than a header until the deadline: its creator died, or never gave it its length */
    SLICKQ_E_NOT_READY = -41,    /* all zero until the deadline: its creator died before it began to initialise */
    SLICKQ_E_HALF_MADE = -42,    /* begun and not finished until the deadline: its creator died while initialising */
    SLICKQ_E_NOT_A_QUEUE = -43,  /* not a queue segment of any known layout */
    SLICKQ_E_NEWER = -44,        /* a marker with feature bits from a newer version */
    SLICKQ_E_TRUNCATED = -45,    /* shorter than its header says */
    SLICKQ_E_CORRUPT = -46,      /* a header or slot that contradicts itself */
    SLICKQ_E_MISMATCH = -47,     /* a queue, but not as the caller asked; the message has both sides' values */

    /* Producing. */
    SLICKQ_E_STALE = -60,        /* publish came too late: the ring has lapped the reservation, its record is lost */
    SLICKQ_E_NOT_RESERVED = -61, /* publish of an index that is not reserved (any more: published already, or the queue was reset) */
    SLICKQ_E_SECOND_PRODUCER = -62, /* the handle was opened for a single producer, and somebody else has produced */

    /* Consuming. */
    SLICKQ_E_HALF_RESET = -70,   /* a reset was begun and is not finished: its process has died, or was stopped. See slickq_queue_reset() */
    SLICKQ_E_EVICTED = -71,      /* this consumer or worker is registered no more: it was evicted, or its process taken for dead */

    SLICKQ_E_NO_CONSUMER = -72,  /* no consumer or worker of that id is registered (any more) */
    SLICKQ_E_NO_GROUP = -73,     /* the queue has no group of that name */
    SLICKQ_E_BUSY = -74,         /* the group has workers that may live */

    SLICKQ_E_INTERNAL = -90      /* a defect in libslickq; please report the message */
} slickq_status;

/* "SLICKQ_E_STALE" for -60; "SLICKQ_UNKNOWN" for a number of no status. Constants of the library. Cannot fail. */
SLICKQ_API const char *slickq_status_name(slickq_status status);
/* One sentence that explains the status and what to do. Constants of the library. Cannot fail. */
SLICKQ_API const char *slickq_status_text(slickq_status status);
/* What the last failed call of this thread reported: names, both sides' values, the system's error. Never NULL; "" before
 * the first error. Valid until the thread's next failing call. Successful calls leave it alone. */
SLICKQ_API const char *slickq_last_message(void);
/* Copies slickq_last_message() to `buffer`, which has `size` bytes: as much as fits, and a NUL. Returns the length of
 * the whole message without its NUL: it was cut off if that is `size` or more. `buffer` may be NULL with a size of 0.
 * Cannot fail. Any thread: it is about the calling one. Since 1.0. */
SLICKQ_API size_t slickq_copy_message(char *buffer, size_t size);
/* Copies the latest message that came with that error in any thread of the process; otherwise as
 * slickq_copy_message(). For runtimes that make a call in one thread and have its status in another (Node's worker
 * pool, say): ask as soon as the status is there. If two calls failed with the same status at the same time, it may
 * be the other one's. Returns 0, and "", if there was none, for a status that is no error, and while another thread
 * is just setting it. Cannot fail. Any thread. Since 1.0. */
SLICKQ_API size_t slickq_recent_message(slickq_status status, char *buffer, size_t size);
/* errno (GetLastError() on Windows) behind the last error of this thread; 0 if the operating system was not the cause. */
SLICKQ_API int slickq_last_os_error(void);

/* ------------------------------------------------------------------ layouts and platform */

/* Which bytes a segment has. All are recognised when opening. */
enum slickq_layout {
    SLICKQ_LAYOUT_ANY = 0,    /* create: SLQ1, or SLQ3 if items_per_slot > 1. open: whatever is there */
    SLICKQ_LAYOUT_SLQ0 = 1,   /* slick-queue >= 1.4 without last-published index: read_last is not available */
    SLICKQ_LAYOUT_SLQ1 = 2,   /* slick-queue >= 1.4, the usual */
    SLICKQ_LAYOUT_SLQ2 = 3,   /* SLQ0 with items_per_slot > 1 */
    SLICKQ_LAYOUT_SLQ3 = 4,   /* SLQ1 with items_per_slot > 1 */
    SLICKQ_LAYOUT_PACKED = 5, /* slick-queue 1.2 and 1.3. Beware: a 2.x peer that *creates* under the same name formats it anew */
    SLICKQ_LAYOUT_WIDE = 6    /* slick-queue 1.0 and 1.1. Needs a 16-byte compare-and-swap; stores no element size */
};

/* "SLQ1" for SLICKQ_LAYOUT_SLQ1 and so on; "unknown" for a number of no layout. Cannot fail. */
SLICKQ_API const char *slickq_layout_name(uint32_t layout);

/* How many elements lie from index `from` up to index `to`: negative if `to` is older, that is before `from`. Across
 * the wrap too, for indices that are less than half of their range apart (2^47 elements, in the wide layout 2^63).
 * layout: enum slickq_layout, as in slickq_queue_info; every number but SLICKQ_LAYOUT_WIDE is taken for one with 48
 * bits. Cannot fail. Any thread. Since 1.0. */
SLICKQ_API int64_t slickq_index_distance(uint32_t layout, uint64_t from, uint64_t to);
/* The index that lies `elements` behind `index`, before it if that is negative. layout, failing, threads: the same.
 * Since 1.0. */
SLICKQ_API uint64_t slickq_index_add(uint32_t layout, uint64_t index, int64_t elements);

/* Whether this platform can use the layout (SLICKQ_LAYOUT_ANY: whether it can use the library at all).
 * Returns SLICKQ_OK or SLICKQ_E_UNSUPPORTED (SLICKQ_E_ARGUMENT for a number of no layout). *sentence, if sentence is not
 * NULL, is set in the first two cases to a constant of the library that says what there is and what is missing. */
SLICKQ_API slickq_status slickq_platform_check(uint32_t layout, const char **sentence);

/* ------------------------------------------------------------------ life of a queue */

typedef struct slickq_queue slickq_queue;

/* slickq_options.flags */
enum slickq_open_flag {
    SLICKQ_OPEN_READ_ONLY = 1,        /* map without write permission; for consumers, which nobody wakes then: see
                                         "waiting". Not for creating */
    SLICKQ_OPEN_LOSSLESS = 2,         /* what is produced through this handle laps no registered consumer: see
                                         "delivery without loss" */
    SLICKQ_OPEN_SINGLE_PRODUCER = 4,  /* nobody else produces while this handle is open, and on it one thread at a
                                         time: see "producing" */
    SLICKQ_OPEN_PREFAULT = 8,         /* map every page now: the first lap has no page faults. See "memory" */
    SLICKQ_OPEN_LOCK_MEMORY = 16,     /* and keep it in memory, as mlock() does, if that is allowed */
    SLICKQ_OPEN_HUGE_PAGES = 32,      /* ask for transparent huge pages */
    SLICKQ_OPEN_HUGETLB = 64,         /* local queues: pages of the system's huge page pool, if it has enough; else
                                         as the line above */
    SLICKQ_OPEN_PROMPT_PRODUCER = 128, /* what is reserved through this handle is published within a lap: see
                                          "producing" */
    SLICKQ_OPEN_HALF_RESET = 256      /* also a queue whose reset was not finished, to reset it again: see
                                         slickq_queue_reset() */
};

/* slickq_options.timeout_ns. Negative is for ever, as everywhere */
enum slickq_timeout {
    SLICKQ_TIMEOUT_FOREVER = -1, /* or any other negative number */
    SLICKQ_TIMEOUT_DEFAULT = 0, /* 2 seconds */
    SLICKQ_TIMEOUT_NONE = 1     /* look once, do not wait */
};

typedef struct slickq_options {
    uint32_t struct_size;    /* sizeof(slickq_options) */
    uint32_t flags;          /* SLICKQ_OPEN_... */
    uint32_t capacity;       /* elements, a power of two, 1 to 2^31. open: 0 adopts the segment's */
    uint32_t element_size;   /* bytes, 1 to 2^32-1; all elements together less than 2^63 bytes. open: 0 adopts the segment's (needed for a wide one, which has none) */
    uint32_t items_per_slot; /* elements that share a control slot, a power of two up to capacity: every reservation is rounded
                                up to a multiple of it. create: 0 is 1. open: 0 adopts the segment's */
    uint32_t layout;         /* enum slickq_layout */
    uint32_t permissions;    /* create: permission bits of the segment, set exactly. 0: 0666 less the umask. Not on Windows */
    uint32_t reserved;       /* 0 */
    int64_t timeout_ns;      /* nanoseconds to wait for another process that is just creating the segment, from 2 on;
                                or one of enum slickq_timeout */
} slickq_options;
#define SLICKQ_OPTIONS_INIT { sizeof(slickq_options), 0, 0, 0, 0, 0, 0, 0, 0 }

/* Makes a queue in this process's memory, for its threads. options: capacity and element_size are required.
 * On success *queue is a handle for slickq_queue_close(). */
SLICKQ_API slickq_status slickq_queue_create_local(const slickq_options *options, slickq_queue **queue);

/* Makes a shared queue under a name that must be free (else SLICKQ_E_EXISTS). options: capacity and element_size are
 * required. All its memory is allocated now: a full /dev/shm is SLICKQ_E_NO_SPACE here, never a SIGBUS later. After an
 * error the name is as it was before. Too large a queue is SLICKQ_E_ARGUMENT if no segment can be so long, SLICKQ_E_LIMIT if this process
 * may not make so long a file (RLIMIT_FSIZE; there is no SIGXFSZ), SLICKQ_E_NO_MEMORY if it does not fit into its address space.
 * On Linux a segment gets its name when it is complete: nobody meets it half-made, and a creator that is killed leaves
 * nothing. (Where /dev/shm can't hold files without a name, it lies there as ".slickq-unfinished-..." meanwhile; what a
 * killed creator leaves of that is removed by the next creation of that kind.) Other systems can't do that: a segment
 * stands under its name while it is formatted, on macOS for an instant without a length; who opens it by this library
 * waits; a creator that is killed there leaves a name for slickq_segment_remove(). */
SLICKQ_API slickq_status slickq_queue_create(const char *name, const slickq_options *options, slickq_queue **queue);

/* Opens an existing shared queue of any layout. options may be NULL: everything is adopted from the segment. What options
 * do give must match, else SLICKQ_E_MISMATCH. If another process is just creating or resetting the segment, waits for it up to
 * timeout_ns; how that ended is told by SLICKQ_E_NO_LENGTH, SLICKQ_E_NOT_READY, SLICKQ_E_HALF_MADE or SLICKQ_E_HALF_RESET.
 * Peers give a segment its length without its memory. Opened for writing it gets that, or the call says
 * SLICKQ_E_NO_SPACE. Opening it read-only (with SLICKQ_OPEN_PREFAULT too) and slickq_segment_inspect() allocate nothing and touch
 * nothing that has no memory. (Reading a record does, if its producer published it without ever writing there.)
 * A peer that truncates a segment in use takes its memory away under everybody's hands: the next call that touches it
 * ends the process with SIGBUS. Opening, inspecting, slickq_queue_name_state(), slickq_queue_get_info() and
 * slickq_queue_reattach() touch nothing before they have asked for the length. */
SLICKQ_API slickq_status slickq_queue_open(const char *name, const slickq_options *options, slickq_queue **queue);

/* Opens the queue, or creates it if the name is free; any number of processes may race, one creates. options as for
 * slickq_queue_create(); an existing segment must match capacity, element_size, and what else is given. A segment whose
 * creator died before it began to initialise (all zero for 100 ms, of sufficient length) is taken over, as the peers do. */
SLICKQ_API slickq_status slickq_queue_open_or_create(const char *name, const slickq_options *options, slickq_queue **queue);

/* Unmaps the queue and ends the handle. Never removes the name: the segment lives on, with all that is in it. Nor does it end what
 * slickq_consumer_register() began: that lasts until slickq_consumer_unregister(), on any handle of the queue, or the process ends. */
SLICKQ_API slickq_status slickq_queue_close(slickq_queue *queue);

/* Removes the name of a shared segment (of a queue or of a cursor). Processes that have it open go on undisturbed, its
 * memory is freed when the last one closes. SLICKQ_E_NOT_FOUND if there is none. On Windows a segment vanishes with its last
 * handle and names cannot be removed: SLICKQ_E_UNSUPPORTED. */
SLICKQ_API slickq_status slickq_segment_remove(const char *name);

/* slickq_queue_info.flags */
enum slickq_info_flag {
    SLICKQ_INFO_CREATOR = 1,          /* this handle made and initialised the segment */
    SLICKQ_INFO_SHARED = 2,           /* in a named segment; else local */
    SLICKQ_INFO_READ_ONLY = 4,        /* opened with SLICKQ_OPEN_READ_ONLY */
    SLICKQ_INFO_LOSSLESS = 8,         /* opened with SLICKQ_OPEN_LOSSLESS */
    SLICKQ_INFO_SINGLE_PRODUCER = 16, /* opened with SLICKQ_OPEN_SINGLE_PRODUCER */
    SLICKQ_INFO_LOCKED = 32,          /* SLICKQ_OPEN_LOCK_MEMORY was granted */
    SLICKQ_INFO_HUGE_PAGES = 64,      /* SLICKQ_OPEN_HUGE_PAGES was accepted; whether there are any is up to the
                                         system */
    SLICKQ_INFO_HUGETLB = 128,        /* SLICKQ_OPEN_HUGETLB was granted */
    SLICKQ_INFO_PROMPT_PRODUCER = 256 /* opened with SLICKQ_OPEN_PROMPT_PRODUCER, whether that makes a difference or
                                         not */
};

typedef struct slickq_queue_info {
    uint32_t struct_size;    /* in: sizeof(slickq_queue_info). The library fills as much as fits */
    uint32_t flags;          /* SLICKQ_INFO_... */
    uint32_t layout;         /* enum slickq_layout, never ANY */
    uint32_t capacity;       /* elements */
    uint32_t element_size;   /* bytes */
    uint32_t items_per_slot; /* elements */
    uint32_t slot_count;     /* control slots: capacity / items_per_slot */
    uint32_t reserved;       /* 0 */
    void *base;              /* the mapped segment, for callers that know its layout; its header is at 0 */
    uint64_t length;         /* bytes mapped at base */
    uint64_t data_offset;    /* bytes from base to element 0 */
    const char *name;        /* with its leading '/' (POSIX); "" for a local queue. Valid until the handle is closed */
    uint64_t extension_offset;   /* bytes from base to what libslickq keeps there for itself; 0 if the segment has no such place */
    uint8_t identity[16];    /* random bytes, made with the segment: the same in every process that has this segment, and in no other
                                segment, whatever its name. All zero if the segment has no place for it (extension_offset is 0) */
    int64_t created_ns;      /* when the segment was made, nanoseconds since 1970; 0 if it has no place for it */
} slickq_queue_info;
#define SLICKQ_QUEUE_INFO_INIT { sizeof(slickq_queue_info), 0, 0, 0, 0, 0, 0, 0, NULL, 0, 0, NULL, 0, { 0 }, 0 }

/* Describes an open queue. Nothing in it changes while the handle is open. */
SLICKQ_API slickq_status slickq_queue_get_info(slickq_queue *queue, slickq_queue_info *info);

/* In which epoch a queue is: each slickq_queue_reset() begins another one, in which indices begin again at 0. */
typedef struct slickq_epoch_info {
    uint32_t struct_size;     /* in: sizeof(slickq_epoch_info). The library fills as much as fits */
    uint32_t is_resetting;    /* 1 while the queue is being reset, or if a reset was left half done: the next two may be of either epoch */
    uint64_t resets;          /* resets since the segment was made. One that was left half done and the one that mends it are two */
    uint64_t reserved_before; /* elements reserved in all former epochs together: with an index of this epoch, the number of elements that
                                 were reserved before it since the segment was made */
} slickq_epoch_info;
#define SLICKQ_EPOCH_INFO_INIT { sizeof(slickq_epoch_info), 0, 0, 0 }

/* Describes the epoch that the queue is in now. Also on a read-only handle. SLICKQ_E_UNSUPPORTED: the segment has no place for it
 * (slickq_queue_info.extension_offset is 0). Peers' resets are not counted. */
SLICKQ_API slickq_status slickq_queue_epoch(slickq_queue *queue, slickq_epoch_info *info);

/* ------------------------------------------------------------------ memory */

/* SLICKQ_OPEN_PREFAULT, LOCK_MEMORY, HUGE_PAGES and HUGETLB are about the start, and about what the system may take away: each page of a
 * queue is otherwise mapped by a page fault when a process first touches it, which costs about a microsecond, in the first lap. They are
 * per handle, that is per process. What the system does not grant is no error: slickq_queue_info.flags tells what it did.
 *   PREFAULT     maps every page before the call returns
 *   LOCK_MEMORY  keeps them from being swapped out; needs RLIMIT_MEMLOCK or CAP_IPC_LOCK
 *   HUGE_PAGES   madvise(MADV_HUGEPAGE): fewer faults and TLB misses, if /sys/kernel/mm/transparent_hugepage/shmem_enabled is "advise" or
 *                more (all queues, local ones too, are shared memory). Give PREFAULT with it
 *   HUGETLB      pages from /proc/sys/vm/nr_hugepages, 2 MiB each; local queues only, because a named one must lie where peers look
 * NUMA: memory lies on the node of the CPU that first touches it. So create the queue, with PREFAULT, on a thread pinned to the node of
 * the consumers (or under numactl --membind), before anybody else opens it. */

/* ------------------------------------------------------------------ producing */

/* SLICKQ_OPEN_SINGLE_PRODUCER declares that nobody else produces, in any process, from when the handle is opened until it is closed, and
 * that one thread at a time produces through it. Then reserving and publishing are plain stores instead of atomic read-modify-writes.
 * The bytes are the same, and so is all that is said of consumers. A second producer against the declaration overwrites records. It is
 * noticed, and the call refused with SLICKQ_E_SECOND_PRODUCER, if it reserved between two reservations of this one; one that reserves at
 * the same instant is not, nor is any with SLICKQ_OPEN_LOSSLESS. A reset is no producer. In a wide queue the declaration does nothing.
 * (Sleeping consumers: the producer has no fence to see them by, so they make one for it when they fall asleep, by membarrier(2).)
 *
 * SLICKQ_OPEN_PROMPT_PRODUCER declares that whatever is reserved through the handle is published before the ring has come round: before
 * more than `capacity` elements are reserved from its first one on, by all producers together. There may be any number of producers and
 * threads, prompt or not. Then a publish looks whether it comes in time, and stores the slot, in place of a compare-and-swap. That saves
 * about half of what a publish costs; raising the last-published index, where it is kept, is still a compare-and-swap.
 * A publish that is late against the declaration is refused as ever (SLICKQ_E_STALE). What the compare-and-swap does beyond that: if the
 * ring comes round between the look and the moment when others see the store (less than a microsecond, a few for a batch; more if the
 * thread loses its core just there), the slot goes back to its old record. A consumer that comes there for the newer one waits as for a
 * producer that died: a slickq_reader for its stall time, a plain cursor until the next lap, which it counts as lost. Checked reads
 * accept no wrong bytes then either. Capacity is time: at 10 million records a second a ring of 2^20 comes round in 0.1 s, longer than a
 * scheduler usually keeps a thread waiting that is ready to run; a ring of 64 comes round in 6 microseconds, which is too short for this.
 * It does nothing with SLICKQ_OPEN_LOSSLESS, which admits no exception; beside a SLICKQ_OPEN_SINGLE_PRODUCER that has effect, which
 * promises more; where a 16-byte store is not atomic (x86-64 without AVX, other machines); and where producers wake consumers, on
 * systems without membarrier(2), by which these make the fence for it when they fall asleep. (Where a filter refuses that call it is
 * the same. One that kills for it, as a strict seccomp profile may, kills here and with SLICKQ_OPEN_SINGLE_PRODUCER: that can't be
 * tried out beforehand.) */

/* Reserves `count` contiguous elements, 1 to capacity; *index is the first one's index. Never waits, never fails for want of
 * room: the oldest records are given up (but see SLICKQ_OPEN_LOSSLESS: then it may say SLICKQ_FULL, as slickq_queue_write()).
 * Everything reserved should be published soon; until then consumers stop there. */
SLICKQ_API slickq_status slickq_queue_reserve(slickq_queue *queue, uint32_t count, uint64_t *index);

/* *elements is the address of the element with that index; those of one reservation are contiguous. Any index is accepted:
 * it is taken modulo the capacity. Do not write through it on a read-only queue. */
SLICKQ_API slickq_status slickq_queue_at(slickq_queue *queue, uint64_t index, void **elements);

/* Makes a reservation visible to consumers as one record of `count` elements (at most what was reserved). What is left of it is a gap,
 * where consumers wait for their stall time, unless the rest is published as records of its own.
 * SLICKQ_E_STALE: the ring has lapped it meanwhile; nothing was published. SLICKQ_E_NOT_RESERVED: nobody reserved that, or not so much;
 * or it was published already. (That is told where it costs nothing: not on handles of single and prompt producers, which store it
 * once more, with the count of the second time. It makes no sense on any.)
 * (In a queue that has been lapped, the indices just before the wrap count as lapped too, though none was ever reserved.)
 *
 * What was written into a reservation after the ring had lapped it has damaged newer records, and no check of theirs can see it. What
 * counts is the ring's time, capacity / elements per second, against the time for which a thread may lose its core between reserve and
 * publish: some milliseconds where threads compete for cores, as long as you like if one is stopped. Four producers on two cores,
 * with records of up to 3 elements of 32 bytes as fast as they can, damaged 22 of 17.2 million records in a ring of 1,024 elements (0.2
 * milliseconds) and 30 of 41 million in one of 65,536 (7 milliseconds). So reserve, write and publish without sleeping in between, and
 * give the ring as many milliseconds as the machine may take.
 * A producer that is told SLICKQ_E_STALE leaves a report in the segment (not in wide ones, nor in those of peers): readers, copying
 * reads, workers and slickq_queue_validate() refuse what may be damaged from then on, as lost (a reader counts it in lost_torn). Of what it
 * handed out before, a reader tells by slickq_reader_info.suspect_elements. Nothing tells of a producer that was killed there, of peers,
 * and of one that was lapped in the very moment of its publish, which may get SLICKQ_OK. */
SLICKQ_API slickq_status slickq_queue_publish(slickq_queue *queue, uint64_t index, uint32_t count);

/* Reserves, copies count * element_size bytes from `elements` and publishes, in one call. *index (if index is not NULL) is
 * the record's index, also with SLICKQ_E_STALE. */
SLICKQ_API slickq_status slickq_queue_write(slickq_queue *queue, const void *elements, uint32_t count, uint64_t *index);

/* Writes many records in one call: what slickq_queue_write() of each would leave behind, in that order, but with one reservation for
 * all that fit into the ring, one look for sleepers, and (where it is kept) one change of the last-published index. `elements` holds
 * the records one after another; record k has counts[k] elements, each of them 1 to capacity. counts NULL: every record is one
 * element; these lie at consecutive places of the ring, around its end too.
 * *written (if written is not NULL) is how many records were taken, in every outcome: all of them, unless the handle is lossless, and
 * there was room for the first ones only. SLICKQ_FULL: for none. SLICKQ_E_STALE: the ring lapped some of them before they were
 * published; those are lost. SLICKQ_E_ARGUMENT: a count is 0 or beyond the capacity; none was written. records 0 is SLICKQ_OK. */
SLICKQ_API slickq_status slickq_queue_write_batch(slickq_queue *queue, const void *elements, const uint32_t *counts, uint32_t records,
                                                  uint32_t *written);

/* ------------------------------------------------------------------ consuming */

/* One record, as the reading functions describe it. 32 bytes, never grows. */
typedef struct slickq_record {
    const void *data; /* its first element: in the ring (zero-copy), or the caller's buffer */
    uint64_t index;   /* of its first element */
    uint64_t lost;    /* elements skipped just before it because producers had lapped the cursor; 0 normally */
    uint32_t count;   /* elements */
    uint32_t flags;   /* SLICKQ_RECORD_... */
} slickq_record;

enum slickq_record_flag {
    SLICKQ_RECORD_REDELIVERED = 1 /* worker: another one had claimed it before, and died or was evicted */
};

/* Where a consumer may start. OLDEST and NEWEST look through up to slot_count slots. */
enum slickq_start {
    SLICKQ_START_NOW = 0,    /* after everything reserved so far: only new records */
    SLICKQ_START_OLDEST = 1, /* the oldest record still in the ring */
    SLICKQ_START_NEWEST = 2, /* the newest published record; NOW if there is none */
    SLICKQ_START_INDEX = 3   /* slickq_reader only: at start_index of its options */
};

/* Sets *cursor to one of those positions. */
SLICKQ_API slickq_status slickq_queue_cursor_at(slickq_queue *queue, uint32_t start, uint64_t *cursor);

/* *index is the next index that will be reserved: 0 in a new queue. (The peers' initial_reading_index.) */
SLICKQ_API slickq_status slickq_queue_next_index(slickq_queue *queue, uint64_t *index);

/* Reads the record at *cursor without copying and moves *cursor past it. Start with 0 or slickq_queue_cursor_at().
 * SLICKQ_EMPTY: no record there yet; *cursor may have moved over the unused end of the ring.
 * SLICKQ_E_CORRUPT: the slot claims a size that no record there can have. *record has what of it lies inside the ring, *cursor
 * has moved past it, and reading can go on.
 * record->data points into the ring: producers that lap the reader overwrite it while it is read. Check it after use. */
SLICKQ_API slickq_status slickq_queue_read(slickq_queue *queue, uint64_t *cursor, slickq_record *record);

/* After a record of a zero-copy read was used: SLICKQ_OK if no producer had begun to overwrite it when its bytes were read, so
 * that what was read of it is true. Else SLICKQ_LAPPED: throw away what was made of it. index: the record's.
 * The proof: producers reserve before they write, and fewer than a ring's elements have been reserved since. It holds on
 * x86-64 whatever peer produces, on arm64 if the producers are libslickq's. A producer that was lapped between its reserve and its last
 * byte overwrites newer records. When it has told so (see slickq_queue_publish()), this says SLICKQ_LAPPED of the records that may be
 * damaged, and, since it may stand for a batch, of those before them up to the cursor. */
SLICKQ_API slickq_status slickq_queue_validate(slickq_queue *queue, uint64_t index);

/* The same as slickq_queue_read(), copying the record to `buffer` of buffer_size bytes, and checking the copy.
 * SLICKQ_E_BUFFER: it needs more; record->count is set to what the record has, *cursor stays before it. SLICKQ_LAPPED: it was
 * being overwritten; *cursor has moved past it and record->lost is what was skipped, there is no data. */
SLICKQ_API slickq_status slickq_queue_read_copy(slickq_queue *queue, uint64_t *cursor, void *buffer, size_t buffer_size,
                                                slickq_record *record);

/* Claims the next record through a cursor that several consumers share (threads, or processes if the cell is in shared
 * memory): each record goes to exactly one of them. `cell` is any 8 bytes, aligned to 8 (else SLICKQ_E_ARGUMENT), set to the
 * starting index before use; see slickq_cursor below for one in a segment of its own. Otherwise as slickq_queue_read(). */
SLICKQ_API slickq_status slickq_queue_read_shared(slickq_queue *queue, uint64_t *cell, slickq_record *record);

/* The same, copying, and checking the copy. With SLICKQ_E_BUFFER the record was not claimed. With SLICKQ_LAPPED it was, and was
 * found overwritten: it is lost. */
SLICKQ_API slickq_status slickq_queue_read_shared_copy(slickq_queue *queue, uint64_t *cell, void *buffer, size_t buffer_size,
                                                       slickq_record *record);

/* Up to `limit` records in one call, zero-copy: records[0] to records[*count - 1], as slickq_queue_read() of each would give them, and
 * *cursor moves past the last one. It ends early where slickq_queue_read() would say anything but SLICKQ_OK, or tell of a loss: the
 * next call then begins there. Statuses as slickq_queue_read(); *count is 1 with SLICKQ_E_CORRUPT, 0 with SLICKQ_EMPTY.
 * Records lie one after another in the ring, up to its end (with items_per_slot 1). After use slickq_queue_validate(records[0].index)
 * validates all of them. */
SLICKQ_API slickq_status slickq_queue_read_batch(slickq_queue *queue, uint64_t *cursor, slickq_record *records, uint32_t limit,
                                                 uint32_t *count);

/* The record that was published last (the highest index), zero-copy, no cursor. SLICKQ_EMPTY: none, or it is just being
 * overwritten. In a packed or wide segment it is the last reserved one, SLICKQ_EMPTY while that is unpublished.
 * SLICKQ_E_UNSUPPORTED on SLQ0 and SLQ2, which keep no such index. */
SLICKQ_API slickq_status slickq_queue_read_last(slickq_queue *queue, slickq_record *record);

/* *elements is the number of elements that reads through this handle skipped because producers had lapped them. */
SLICKQ_API slickq_status slickq_queue_loss_count(slickq_queue *queue, uint64_t *elements);

/* Empties the queue: every slot as never written, next index 0, this handle's loss count 0. The caller makes sure that no
 * producer is active meanwhile, and that plain and shared cursors start again at 0. A slickq_reader notices by itself, and says
 * SLICKQ_RESET: always in a queue that libslickq made (but a wide one); in others, and when a peer resets, unless the queue has
 * again as many elements as before by the time it looks.
 * A process that dies inside leaves the queue half reset: records of before are still in some slots, and what is written there is refused
 * (but what is written to other slots may get SLICKQ_OK, and is lost with the next reset). In a queue that libslickq made (but a wide one)
 * SLICKQ_E_HALF_RESET tells of that:
 *   - opening the queue, and slickq_segment_inspect(): while the one who resets may still live, opening waits for it, timeout_ns
 *   - writing and publishing: in place of SLICKQ_E_STALE
 *   - writing and reserving in lossless mode, workers, slickq_consumer_wait_until(): in place of SLICKQ_FULL or SLICKQ_EMPTY, and waiting
 *     ends, once the process has died, or after 2 seconds (and 10 ns for each slot) if that can't be told
 *   - a slickq_reader: after that time
 * The message names the process. Call this again to mend it, on any handle; one is opened with SLICKQ_OPEN_HALF_RESET. A process that is
 * stopped and not dead must go on or be ended first: it leaves the reset to the one who took it over as soon as it goes on, but may spoil
 * one slot more. SLICKQ_E_HALF_RESET from here: another one took this reset over, and has not finished it. */
SLICKQ_API slickq_status slickq_queue_reset(slickq_queue *queue);

/* ------------------------------------------------------------------ readers */

/* A consumer that hands out only true records, and accounts for all others. It copies a batch of records ahead, validates it
 * with one look at the producers' counter (as slickq_queue_validate() does), and hands the records out one by one: cheaper than a checked read of each. A reader belongs to one thread at a time; any number of readers may read
 * a queue, and none disturbs another or the producers. */
typedef struct slickq_reader slickq_reader;

/* Where a reader goes on when producers have lapped it. */
enum slickq_after_lap {
    SLICKQ_AFTER_LAP_OLDEST = 0, /* the oldest record that is at least `slack` elements away from being overwritten */
    SLICKQ_AFTER_LAP_NEWEST = 1, /* the newest published record */
    SLICKQ_AFTER_LAP_COMPAT = 2  /* as the peers: whole laps ahead, at the same position */
};

/* slickq_reader_options.stall_ns */
enum slickq_stall {
    SLICKQ_STALL_DEFAULT = 0, /* 1 second */
    SLICKQ_STALL_NEVER = -1   /* wait for an unpublished record for ever, as plain cursors do; so does any negative value */
};

/* slickq_reader_options.flags */
enum slickq_reader_flag {
    SLICKQ_READER_REGISTERED = 1 /* lossless producers wait for it: see "delivery without loss" */
};

typedef struct slickq_reader_options {
    uint32_t struct_size; /* sizeof(slickq_reader_options) */
    uint32_t start;       /* enum slickq_start */
    uint64_t start_index; /* with SLICKQ_START_INDEX: not ahead of what is reserved. Rounded down to the start of its slot */
    uint32_t after_lap;   /* enum slickq_after_lap */
    uint32_t slack;       /* elements, less than the capacity; 0: an eighth of the capacity */
    uint32_t batch;       /* records copied ahead at most, up to 65536; 0: 64. Fewer if they have more than 16 KiB */
    uint32_t flags;       /* SLICKQ_READER_... */
    int64_t stall_ns;     /* nanoseconds that a record may stay reserved and unpublished before it is stepped over */
} slickq_reader_options;
#define SLICKQ_READER_OPTIONS_INIT { sizeof(slickq_reader_options), 0, 0, 0, 0, 0, 0, 0 }

/* Makes a reader of a queue; options NULL is all zero: from now on, OLDEST, 64, 1 second. The reader keeps the queue mapped
 * even when the queue's handle is closed. */
SLICKQ_API slickq_status slickq_reader_open(slickq_queue *queue, const slickq_reader_options *options, slickq_reader **reader);
/* Ends the reader. What it handed out is gone. */
SLICKQ_API slickq_status slickq_reader_close(slickq_reader *reader);

/* The next record, or why there is none:
 *   SLICKQ_OK       *record; record->data is in the reader's memory, until its next call, aligned as an array of such elements is that
 *                   begins at a multiple of 64. record->lost is 0
 *   SLICKQ_EMPTY    nothing is reserved at the cursor yet
 *   SLICKQ_PENDING  something is, and is not published yet; slickq_reader_get_info() tells since when
 *   SLICKQ_LAPPED   producers were faster: record->lost elements were overwritten
 *   SLICKQ_GAP     record->lost elements stayed unpublished for longer than the stall time (their producer died, or sleeps):
 *                   stepped over, up to the next true record or to what has not been waited for so long
 *   SLICKQ_RESET    the queue was reset; record->lost elements of its former epoch are lost. Reading goes on at index 0
 *   SLICKQ_E_CORRUPT     a slot claims what no producer writes; record->lost elements were skipped, reading can go on. A slot that is ahead of
 *                        all that is reserved (a peer published, after a reset, what it had reserved before) counts as unpublished
 *   SLICKQ_E_HALF_RESET  see slickq_queue_reset()
 *   SLICKQ_E_EVICTED     it was registered, and is no more; said once. Reading goes on, but producers wait for it no longer. What it had
 *                        copied ahead comes before that; what it was lapped by since it was evicted comes after, as SLICKQ_LAPPED, in
 *                        full: so a registered reader that is told of a lap without this was lapped by a producer that does not wait
 *   SLICKQ_E_NO_MEMORY   for the copy of a record larger than any before; nothing was consumed
 * Without a record, record->data is NULL, count 0, and index where the reader goes on; nothing is lost but what is said. */
SLICKQ_API slickq_status slickq_reader_read(slickq_reader *reader, slickq_record *record);

/* Where one record of a batch lies in the index space. 16 bytes, never grows. */
typedef struct slickq_entry {
    uint64_t index; /* of its first element */
    uint32_t count; /* elements */
    uint32_t reserved;
} slickq_entry;

/* What slickq_reader_read_batch() says. 40 bytes, never grows. */
typedef struct slickq_batch {
    const void *data;            /* the elements of all its records, one after another; NULL if there is none */
    const slickq_entry *entries; /* `records` of them, in order */
    uint64_t index;              /* of the first record; without one, where the reader goes on */
    uint64_t lost;               /* elements, with a status that says so; 0 with SLICKQ_OK */
    uint32_t records;
    uint32_t elements;           /* the sum of all counts: equal to `records` if every record is one element */
} slickq_batch;

/* slickq_reader_read() for up to `limit` records at once (0: as many as the reader has copied ahead, or can: `batch` of its options):
 * SLICKQ_OK with at least one, or any other of its statuses with none. What the batch points at is in the reader's memory, until its
 * next call. All of it was validated, with one look at the producers' counter. */
SLICKQ_API slickq_status slickq_reader_read_batch(slickq_reader *reader, uint32_t limit, slickq_batch *batch);

/* All counts are since the reader was opened. Elements are those of the index space: with records that never leave unused
 * elements behind (single ones, or sizes that divide the capacity and fill their slots), received_elements and the four losses
 * add up exactly to what was reserved between the reader's start and its cursor. Where producers skipped the end of the ring,
 * those elements are counted in no sum, unless they were lapped: then nobody can tell them from lost ones. */
typedef struct slickq_reader_info {
    uint32_t struct_size;       /* in: sizeof(slickq_reader_info). The library fills as much as fits */
    uint32_t resets;            /* how often the queue was reset */
    uint64_t cursor;            /* index of what is handed out next */
    uint64_t lag;               /* elements reserved from the cursor on, now */
    uint64_t received_records;
    uint64_t received_elements;
    uint64_t lost_lapped;       /* elements overwritten before the reader came to them */
    uint64_t lost_gap;         /* elements stepped over because they stayed unpublished */
    uint64_t lost_torn;         /* elements copied and rejected: they were being overwritten, or made no sense */
    uint64_t lost_reset;        /* elements unread when the queue was reset */
    uint64_t pending_ns;        /* how long this reader has seen the record at its cursor unpublished; 0 if it is not so */
    uint64_t suspect_elements;  /* of received_elements, those that may be wrong, at most, if producers write each element of a reservation
                                   once: they have told since then that they were lapped while they wrote there. See slickq_queue_publish() */
} slickq_reader_info;
#define SLICKQ_READER_INFO_INIT { sizeof(slickq_reader_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

SLICKQ_API slickq_status slickq_reader_get_info(slickq_reader *reader, slickq_reader_info *info);

/* ------------------------------------------------------------------ waiting */

/* A consumer may sleep until there is something to read. It looks some 200 times first, a few microseconds, then sleeps in the
 * kernel. Producers that use libslickq wake it, in any process: it costs them one load when nobody sleeps, and one system call
 * when somebody does. A reset and a closing producer wake it too. From when a single or prompt producer has opened the queue, who falls
 * asleep also makes a fence for it (membarrier(2), some microseconds); a process that may not (seccomp) can miss its wake-up, and looks
 * again by itself as told below.
 * Nobody wakes it if the producer is a peer, if the segment has no extension area (slickq_queue_info: made by a peer, or wide), if the
 * queue was opened read-only (a sleeper says in the segment that it sleeps), and on other systems than Linux. Then it looks by itself, at
 * intervals that double from 50 microseconds while nothing comes: it notices at most as late as it has waited, and never later than
 * 100 milliseconds, or 10 where nobody can wake it at all: without an extension area, and read-only (2 on other systems than Linux). So a
 * read-only subscriber of a queue that is silent for long learns of a record up to 10 milliseconds late, where another one is woken
 * within some 30 microseconds; and slickq_queue_cancel() and slickq_reader_cancel() end its wait so late. An idle waiter takes less than
 * 0.1 % of a core, one that nobody can wake some 0.3 %. */

/* Deadlines are nanoseconds on the system's monotonic clock (CLOCK_MONOTONIC). */
#define SLICKQ_FOREVER INT64_MAX

/* The deadline that lies timeout_ns ahead, SLICKQ_FOREVER if that is negative or beyond all time. Cannot fail.
 * A deadline of 0 has always passed: the function looks once and does not wait. */
SLICKQ_API int64_t slickq_deadline(int64_t timeout_ns);

/* slickq_reader_read(), but waits where that would say SLICKQ_EMPTY or SLICKQ_PENDING: for something else that it says, or
 * SLICKQ_TIMED_OUT, or SLICKQ_CANCELLED. A stall time (slickq_reader_options) that ends meanwhile gives SLICKQ_GAP. */
SLICKQ_API slickq_status slickq_reader_read_until(slickq_reader *reader, int64_t deadline_ns, slickq_record *record);
/* The same for slickq_reader_read_batch(). */
SLICKQ_API slickq_status slickq_reader_read_batch_until(slickq_reader *reader, uint32_t limit, int64_t deadline_ns, slickq_batch *batch);
/* From any thread, also while the reader waits: ends its wait with SLICKQ_CANCELLED, the next one if there is none. */
SLICKQ_API slickq_status slickq_reader_cancel(slickq_reader *reader);

/* *descriptor becomes readable when the reader has something to say, for poll, epoll, libuv or asyncio; not on Windows
 * (SLICKQ_E_UNSUPPORTED). It belongs to the reader, which closes it at its own end; never read from it. Rule: when it is readable,
 * call slickq_reader_read() until that says SLICKQ_EMPTY or SLICKQ_PENDING. Only that makes it wait for the next record; it may be
 * readable once with nothing there. The first call makes the descriptor, which then is readable.
 * What it costs: a pipe and a thread that sleeps as any waiter does, and from then on, for each SLICKQ_EMPTY or SLICKQ_PENDING, a
 * lock and up to two system calls in this process, and a wake-up of that thread for each time that something comes. A child of
 * fork() has no such thread: it opens a reader of its own. */
SLICKQ_API slickq_status slickq_reader_descriptor(slickq_reader *reader, int *descriptor);

/* For consumers with a cursor of their own or a shared one: waits until a read at index `cursor` would not say SLICKQ_EMPTY
 * (SLICKQ_OK; with a shared cursor another consumer may be faster), or the queue was reset to before it. Else SLICKQ_TIMED_OUT or
 * SLICKQ_CANCELLED. */
SLICKQ_API slickq_status slickq_queue_wait_until(slickq_queue *queue, uint64_t cursor, int64_t deadline_ns);
/* Ends all calls of slickq_queue_wait_until(), slickq_consumer_wait_until(), slickq_queue_reserve_until(), slickq_queue_write_until()
 * and slickq_queue_write_batch_until() that are under way on this handle, wherever they are: also one that finds no room only afterwards. */
SLICKQ_API slickq_status slickq_queue_cancel(slickq_queue *queue);

/* ------------------------------------------------------------------ delivery without loss */

/* Lossless mode is a matter of two sides, on a segment that libslickq made (not wide; else SLICKQ_E_UNSUPPORTED):
 *   - producers open the queue with SLICKQ_OPEN_LOSSLESS. They do not lap a registered consumer: without room for a record,
 *     slickq_queue_reserve() and slickq_queue_write() say SLICKQ_FULL; the ..._until() forms wait. SLICKQ_FULL has changed nothing, but
 *     for one case: a record that is too large for what is left up to the ring's end, and larger than what lies before that, never finds
 *     room for itself and the skipped end at once. When all is read, the end is skipped first: the next index is then at the ring's
 *     start.
 *   - consumers register: slickq_reader with SLICKQ_READER_REGISTERED, the workers of a group, or a consumer with a cursor of
 *     its own with slickq_consumer_register(). All that is reserved after that stays until they have read it.
 * Others need not care: who reads without registering is never waited for. Up to 64 consumers and workers, and 8 groups.
 *
 * What is held is what registered consumers have not read. While nobody is registered lossless producers lap each other's
 * reservations as others do: one that is lapped between its reserve and its publish is told SLICKQ_E_STALE, and what it wrote late may
 * damage records that a consumer who registered meanwhile was promised (slickq_queue_publish() says what is then refused). Keep a
 * consumer registered, or a group that lingers for ever, where that matters.
 *
 * A consumer whose process has ended, also by exec(), holds producers up for 100 ms at most from the moment that one finds the queue
 * full (10 ms in a queue with a group that lingers for less than 100); a group whose workers have all ended, for its linger time from
 * then on (10 seconds, unless its maker gave another). One that
 * lives and does not read holds them up until an operator evicts it; what it has been promised then ends: it is told SLICKQ_E_EVICTED.
 * Nobody is sent away who is not surely dead. On Linux a lock tells that, which each registration holds on the segment's file and the
 * kernel drops with the process, across pid and time namespaces. Elsewhere, in local queues, and after the name was removed, process
 * ids and start times tell it (but not exec()), where they mean the same for both sides; where they do not, slickq_consumer_info says that it can't be
 * told, and an operator evicts.
 * Producers that are peers, or did not open the queue as lossless, lap everybody as ever; consumers count that as loss.
 * A record that its producer never publishes (it died) holds up readers and workers for their stall time, and through them the
 * producers: do not use SLICKQ_STALL_NEVER then. A consumer with a cursor of its own waits by slickq_consumer_wait_until(), which
 * steps over it, and notices a reset in any case; slickq_queue_wait_until() does not.
 * A reset takes what was unread, and all that was said of it: acknowledgements, claims, positions of before it count no more. */

/* As slickq_queue_reserve() and slickq_queue_write(), but where those would say SLICKQ_FULL, they wait for room, until deadline_ns
 * (SLICKQ_TIMED_OUT) or slickq_queue_cancel() (SLICKQ_CANCELLED). On a handle that is not lossless they never wait. */
SLICKQ_API slickq_status slickq_queue_reserve_until(slickq_queue *queue, uint32_t count, int64_t deadline_ns, uint64_t *index);
SLICKQ_API slickq_status slickq_queue_write_until(slickq_queue *queue, const void *elements, uint32_t count, int64_t deadline_ns,
                                                  uint64_t *index);

/* The same for slickq_queue_write_batch(): waits until all records are written. With SLICKQ_TIMED_OUT and SLICKQ_CANCELLED *written are;
 * SLICKQ_E_STALE is said in their place if some of those were lapped. */
SLICKQ_API slickq_status slickq_queue_write_batch_until(slickq_queue *queue, const void *elements, const uint32_t *counts,
                                                        uint32_t records, int64_t deadline_ns, uint32_t *written);

/* For producers in an event loop: *descriptor becomes readable when one that was told SLICKQ_FULL on this handle may try again; not on
 * Windows (SLICKQ_E_UNSUPPORTED). It belongs to the queue's handle, which closes it at its own end; never read from it. Rule: try;
 * when told SLICKQ_FULL, or by slickq_queue_write_batch() that only the first records were written, poll; when it is readable, try again.
 * Only those answers make it wait for room, those of the ..._until() forms do not. It becomes readable with every change that may
 * have made room, also with one that is too little for the record; the first call makes the descriptor, which then is readable.
 * One thread at a time polls it. What others are told on the same handle makes it wait anew, before the one who polls may have seen it
 * readable: for them open the queue once more. What it costs: as slickq_reader_descriptor(). Who is dead is looked for meanwhile. In a
 * child of fork() the parent's is of no use; this call makes one of the child's own. On a handle that is not lossless it is readable for
 * ever. */
SLICKQ_API slickq_status slickq_queue_room_descriptor(slickq_queue *queue, int *descriptor);

#define SLICKQ_NO_INDEX UINT64_MAX

/* Registers a consumer with a cursor of its own, zero-copy if it likes. index: what it needs, not ahead of what is reserved;
 * SLICKQ_NO_INDEX: what is reserved from now on. *held_from (if not NULL): from this index on nothing will be overwritten before it
 * is acknowledged. With SLICKQ_NO_INDEX read from there. (What lies between `index` and *held_from may have been given to producers
 * already, and be overwritten within a lap.) SLICKQ_E_LIMIT: the table is full. */
SLICKQ_API slickq_status slickq_consumer_register(slickq_queue *queue, uint64_t index, uint64_t *consumer, uint64_t *held_from);
/* All before `index` has been read, and may be overwritten. SLICKQ_RESET: the queue was reset since the consumer last said something;
 * nothing is acknowledged, it goes on at index 0, and what is reserved from there on is kept for it. SLICKQ_E_ARGUMENT: the index is ahead of
 * all that is reserved (a peer that resets the queue makes it so as well); nothing is acknowledged. SLICKQ_E_EVICTED: producers do not
 * wait for this consumer any more. SLICKQ_E_HANDLE: another process registered it. */
SLICKQ_API slickq_status slickq_consumer_acknowledge(slickq_queue *queue, uint64_t consumer, uint64_t index);
/* Waits for something to read at *cursor, before which the consumer has read all, until deadline_ns (0: only looks).
 *   SLICKQ_OK         there is: slickq_queue_read() has it
 *   SLICKQ_GAP       *lost elements stayed unpublished for longer than stall_ns (as in slickq_reader_options): *cursor is behind them
 *   SLICKQ_LAPPED     *lost elements were overwritten unpublished, by producers that do not wait: the same
 *   SLICKQ_RESET      the queue was reset: *cursor is 0. What was unread is not counted
 *   SLICKQ_TIMED_OUT; SLICKQ_CANCELLED (by slickq_queue_cancel()); SLICKQ_E_EVICTED; SLICKQ_E_HANDLE: another process registered it
 *   SLICKQ_E_HALF_RESET  see slickq_queue_reset()
 * Where it moves *cursor, also over the end of the ring that a producer skipped, it acknowledges that. *lost (if not NULL) is 0 but
 * where it is said. With SLICKQ_E_EVICTED *cursor stays where it was: slickq_queue_read() from there tells what was lapped since. */
SLICKQ_API slickq_status slickq_consumer_wait_until(slickq_queue *queue, uint64_t consumer, uint64_t *cursor, int64_t stall_ns,
                                                    int64_t deadline_ns, uint64_t *lost);
/* Ends it. By the consumer itself, also after it was evicted. This and slickq_consumer_acknowledge() are not for the id of a reader of one's
 * own (slickq_consumer_info.id): it can't be told from a consumer's, and the reader would find itself evicted, or lapped. SLICKQ_E_EVICTED: it had ended already. SLICKQ_E_HANDLE: another process
 * registered it (the parent of this one, say). */
SLICKQ_API slickq_status slickq_consumer_unregister(slickq_queue *queue, uint64_t consumer);

/* By an operator, from any process: producers wait for that consumer or worker no more, and it is told so. What an evicted worker had
 * claimed is treated as if it had died. `consumer` is the id in slickq_consumer_info. SLICKQ_E_NO_CONSUMER: it is over
 * already, or never was. */
SLICKQ_API slickq_status slickq_consumer_evict(slickq_queue *queue, uint64_t consumer);

enum slickq_consumer_limit { SLICKQ_MAX_CONSUMERS = 64 };

/* slickq_consumer_info.kind */
enum slickq_consumer_kind {
    SLICKQ_CONSUMER_READER = 2,  /* registered by itself */
    SLICKQ_CONSUMER_WORKER = 3,  /* of a group */
    SLICKQ_CONSUMER_EVICTED = 4  /* evicted; it has not noticed yet */
};

typedef struct slickq_consumer_info {
    uint32_t struct_size; /* in: sizeof(slickq_consumer_info). The library fills as much as fits */
    uint32_t kind;        /* enum slickq_consumer_kind */
    uint64_t id;          /* for slickq_consumer_evict() */
    uint32_t pid;         /* of its process */
    uint32_t is_alive;    /* 0: that process has ended; 1: it lives; 2: it can't be told (nor if it had no descriptor to spare when it
                             registered, and its process is not seen from here), and is taken to live */
    uint32_t group;       /* worker: the number of its group */
    uint32_t has_claim;   /* worker: 1 if it has claimed a record, at `index` */
    uint64_t index;       /* reader: all before it is acknowledged. worker: what it has claimed, else the group's cursor */
    uint64_t lag;         /* elements reserved from there on */
} slickq_consumer_info;
#define SLICKQ_CONSUMER_INFO_INIT { sizeof(slickq_consumer_info), 0, 0, 0, 0, 0, 0, 0, 0 }

/* Describes consumer or worker `number`, 0 to SLICKQ_MAX_CONSUMERS - 1; SLICKQ_EMPTY if there is none. Also on a read-only handle. */
SLICKQ_API slickq_status slickq_consumer_get_info(slickq_queue *queue, uint32_t number, slickq_consumer_info *info);

/* ------------------------------------------------------------------ groups of workers */

/* A group is a cursor with a name inside the segment, and the workers, in any processes, that share it: each record is claimed by
 * exactly one worker. What a worker has claimed is written down in the segment. If it dies, or is evicted, the others find that
 * within 100 ms of looking for work, and by the group's mode
 *   AT_LEAST_ONCE   one of them gets the record again, with SLICKQ_RECORD_REDELIVERED: nothing is lost, but what the dead one had
 *                   done of it is done twice;
 *   AT_MOST_ONCE    one of them is told SLICKQ_ABANDONED: nothing is done twice.
 * Lossless producers wait for a group as for a registered consumer: for its cursor, and for what its workers have claimed. While it
 * has no living worker they do so for its linger time, 10 seconds by default, from when one of them or a joining consumer first noticed
 * that; a producer in a time namespace of its own counts that time by its own clock, from when it noticed. A group stays, with its
 * cursor and with what its dead workers had claimed, until it is removed. Needs a 16-byte compare-and-swap (any x86-64 since 2005). */
typedef struct slickq_worker slickq_worker;

enum slickq_group_mode { SLICKQ_GROUP_ANY = 0, SLICKQ_GROUP_AT_LEAST_ONCE = 2, SLICKQ_GROUP_AT_MOST_ONCE = 3 };

/* slickq_worker_options.linger_ns */
enum slickq_linger {
    SLICKQ_LINGER_DEFAULT = 0, /* 10 seconds */
    SLICKQ_LINGER_FOREVER = -1 /* so is any negative value */
};

typedef struct slickq_worker_options {
    uint32_t struct_size; /* sizeof(slickq_worker_options) */
    uint32_t mode;        /* enum slickq_group_mode. Needed by the first worker, who makes the group; else ANY, or as it is */
    const char *group;    /* its name, 1 to 16 bytes */
    uint32_t start;       /* where a new group starts: SLICKQ_START_NOW, OLDEST or NEWEST */
    uint32_t reserved;    /* 0 */
    int64_t stall_ns;     /* as in slickq_reader_options */
    int64_t linger_ns;    /* of a new group: nanoseconds */
} slickq_worker_options;
#define SLICKQ_WORKER_OPTIONS_INIT { sizeof(slickq_worker_options), 0, NULL, 0, 0, 0, 0 }

/* Joins the group, which is made if there is none of that name. SLICKQ_E_NO_GROUP: there is none, and options do
 * not say of which mode to make it. SLICKQ_E_MISMATCH: it has the other mode. SLICKQ_E_LIMIT: there are 8
 * groups, or 64 consumers and workers. The worker keeps the queue mapped even when the queue's handle is closed. */
SLICKQ_API slickq_status slickq_worker_open(slickq_queue *queue, const slickq_worker_options *options, slickq_worker **worker);
/* Leaves it; what the worker has claimed counts as done. */
SLICKQ_API slickq_status slickq_worker_close(slickq_worker *worker);

/* Claims the next record; what the worker had claimed is done with then. Never waits.
 *   SLICKQ_OK         *record; record->data is in the worker's memory, until its next call. See record->flags
 *   SLICKQ_EMPTY      nothing to claim yet
 *   SLICKQ_LAPPED     record->lost elements were overwritten: by producers that do not wait, or before the group was waited for
 *   SLICKQ_GAP       record->lost elements stayed unpublished for longer than the stall time
 *   SLICKQ_ABANDONED  see AT_MOST_ONCE
 *   SLICKQ_RESET      the queue was reset, and the group goes on at index 0. The first worker to come across that is told, also when
 *                     nothing is lost; the others go on without a word. record->lost elements that nobody had claimed are lost (0
 *                     if it was a peer's reset, which leaves no number). A worker that is just copying a record during the reset
 *                     is told of that record's elements instead. What workers had claimed counts no more
 *   SLICKQ_E_CORRUPT  a slot claims what no producer writes; record->lost elements were skipped
 *   SLICKQ_E_HALF_RESET  see slickq_queue_reset()
 *   SLICKQ_E_EVICTED  this worker is none any more: close it
 *   SLICKQ_E_NO_MEMORY  for the copy of a record larger than any before; it was not claimed */
SLICKQ_API slickq_status slickq_worker_read(slickq_worker *worker, slickq_record *record);
/* The same, but waits where that would say SLICKQ_EMPTY, until SLICKQ_TIMED_OUT or SLICKQ_CANCELLED. */
SLICKQ_API slickq_status slickq_worker_read_until(slickq_worker *worker, int64_t deadline_ns, slickq_record *record);
/* From any thread: ends the worker's wait, the next one if there is none. */
SLICKQ_API slickq_status slickq_worker_cancel(slickq_worker *worker);
/* slickq_reader_descriptor() for a worker. Rule: when it is readable, call slickq_worker_read() until that says SLICKQ_EMPTY, which makes
 * it wait for the next record, for what a dead worker leaves, for a stall time to end, or to be evicted. Another worker may be faster:
 * then it was readable and there is nothing. */
SLICKQ_API slickq_status slickq_worker_descriptor(slickq_worker *worker, int *descriptor);
/* What the worker has claimed is done with. SLICKQ_E_EVICTED: it was evicted meanwhile; another may have got it, or nobody. */
SLICKQ_API slickq_status slickq_worker_done(slickq_worker *worker);

enum slickq_group_limit { SLICKQ_MAX_GROUPS = 8 };

typedef struct slickq_group_info {
    uint32_t struct_size;  /* in: sizeof(slickq_group_info). The library fills as much as fits */
    uint32_t mode;         /* enum slickq_group_mode */
    char name[24];         /* NUL-terminated */
    uint64_t cursor;       /* the next index to be claimed */
    uint64_t lag;          /* elements reserved from the cursor on */
    uint64_t redelivered;  /* records handed from a dead worker to another */
    uint64_t abandoned;    /* records that a dead worker had claimed, and nobody got */
    uint64_t lost;         /* elements lapped, torn, never published, or unread at a reset */
    uint32_t workers;      /* registered, and not surely dead */
    uint32_t is_waited_for; /* 1 if lossless producers wait for it */
    uint64_t unfinished;      /* records that dead, evicted and former workers have left, and no other has taken over yet */
} slickq_group_info;
#define SLICKQ_GROUP_INFO_INIT { sizeof(slickq_group_info), 0, { 0 }, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Describes group `number`, 0 to SLICKQ_MAX_GROUPS - 1; SLICKQ_EMPTY if there is none. Also on a read-only handle. The counts of
 * records are exact but for a worker that dies in the very moment of counting. */
SLICKQ_API slickq_status slickq_group_get_info(slickq_queue *queue, uint32_t number, slickq_group_info *info);
/* Removes a group without workers that may live, with what dead ones had claimed: look at slickq_group_info.unfinished before.
 * SLICKQ_E_NO_GROUP: there is none of that name; SLICKQ_E_BUSY: it has workers. */
SLICKQ_API slickq_status slickq_group_remove(slickq_queue *queue, const char *name);

/* ------------------------------------------------------------------ orphans */

/* A queue's name can be removed, and given to another segment, while the queue is open. */
enum slickq_name_state {
    SLICKQ_NAME_OURS = 0, /* the name leads to this queue's segment. On Windows always */
    SLICKQ_NAME_GONE = 1, /* nobody else can open it any more */
    SLICKQ_NAME_TAKEN = 2 /* it leads to another segment: who opens it now will not meet us */
};

/* Sets *state to one of those. Makes three system calls. SLICKQ_E_UNSUPPORTED for a local queue. (On macOS, where the
 * system can't tell segments apart, their identities do; one without counts as ours if the other has none either, and the
 * same shape.) */
SLICKQ_API slickq_status slickq_queue_name_state(slickq_queue *queue, uint32_t *state);

/* Opens what the queue's name leads to now, with the options that `queue` was opened with, as another handle. `queue` stays
 * as it is: read what is left in it, then close it. Fails as slickq_queue_open() does. */
SLICKQ_API slickq_status slickq_queue_reattach(slickq_queue *queue, slickq_queue **fresh);

/* ------------------------------------------------------------------ shared cursors */

/* Atomic operations on a shared cursor's cell: 8 bytes anywhere, aligned to 8 (else SLICKQ_E_ARGUMENT).
 * Load acquires, store releases, compare-exchange does both. */
SLICKQ_API slickq_status slickq_cell_load(const uint64_t *cell, uint64_t *value);
SLICKQ_API slickq_status slickq_cell_store(uint64_t *cell, uint64_t value);
/* If the cell holds *expected, sets it to `desired`: SLICKQ_OK. Else SLICKQ_CHANGED, and *expected is what it holds. */
SLICKQ_API slickq_status slickq_cell_compare_exchange(uint64_t *cell, uint64_t *expected, uint64_t desired);

/* A cell in a named segment of its own, interchangeable with slick-queue-py's
 * AtomicCursor(SharedMemory(name, size=8).buf, offset). */
typedef struct slickq_cursor slickq_cursor;

/* Makes the segment under a free name (else SLICKQ_E_EXISTS), offset + 8 bytes long and all zero. Its name comes last, as
 * slickq_queue_create() does it.
 * offset: bytes from its start to the cell, a multiple of 8. permissions: as in slickq_options. */
SLICKQ_API slickq_status slickq_cursor_create(const char *name, uint64_t offset, uint32_t permissions, slickq_cursor **cursor);
/* Opens an existing one, which must have offset + 8 bytes (SLICKQ_E_TRUNCATED). While it has length 0 its creator is waited
 * for, timeout_ns as in slickq_options (SLICKQ_E_NO_LENGTH). */
SLICKQ_API slickq_status slickq_cursor_open(const char *name, uint64_t offset, int64_t timeout_ns, slickq_cursor **cursor);
/* Opens it, or creates it if the name is free. */
SLICKQ_API slickq_status slickq_cursor_open_or_create(const char *name, uint64_t offset, uint32_t permissions,
                                                      int64_t timeout_ns, slickq_cursor **cursor);
/* *cell is the cell's address, for slickq_queue_read_shared() and slickq_cell_...(); valid until the handle is closed. */
SLICKQ_API slickq_status slickq_cursor_cell(slickq_cursor *cursor, uint64_t **cell);
/* Unmaps it and ends the handle. The name stays: slickq_segment_remove() removes it. */
SLICKQ_API slickq_status slickq_cursor_close(slickq_cursor *cursor);

/* ------------------------------------------------------------------ looking at any segment */

typedef struct slickq_inspection {
    uint32_t struct_size;     /* in: sizeof(slickq_inspection). The library fills as much as fits */
    slickq_status verdict;    /* what slickq_queue_open() with no waiting would say: SLICKQ_OK, or one of SLICKQ_E_NO_LENGTH ... */
    uint64_t length;          /* bytes of the segment */
    uint64_t required_length; /* bytes that its header asks for; 0 if the header makes no sense, or element_size is unknown */
    uint32_t layout;          /* enum slickq_layout; ANY if it cannot be told */
    uint32_t marker;          /* the 4 bytes at offset 24, 0x534C5131 for SLQ1 */
    uint32_t init_state;      /* the 4 bytes at offset 48: 0 fresh, 1 old creator, 2 being initialised, 3 ready */
    uint32_t capacity;        /* elements, as the header says; like the next two 0 if the layout cannot be told */
    uint32_t element_size;    /* bytes; 0 in a wide segment unless the caller gave it */
    uint32_t items_per_slot;  /* elements */
    uint64_t next_index;      /* the next index to be reserved; with the next two only if verdict is SLICKQ_OK */
    uint64_t last_published;  /* the highest index published; all ones: none, or not kept in this layout */
    uint64_t oldest_index;    /* where SLICKQ_START_OLDEST would start */
    uint64_t published;       /* records in the ring that a consumer starting at oldest_index would find now */
    uint8_t identity[16];     /* as in slickq_queue_info */
    int64_t created_ns;       /* as in slickq_queue_info */
    uint64_t late_publishes;  /* reservations that the ring had lapped before they were published, as far as libslickq's producers were
                                 told (SLICKQ_E_STALE). If there are many, the ring is too small for its producers */
} slickq_inspection;
#define SLICKQ_INSPECTION_INIT { sizeof(slickq_inspection), SLICKQ_OK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, { 0 }, 0, 0 }

/* Looks at whatever is under the name, read-only, without waiting; nothing is written to it. element_size: bytes, 0 if not
 * known (needed to understand a wide segment). SLICKQ_OK if it could be looked at at all: see verdict for what it is, and
 * slickq_last_message() for the details of a verdict that is not SLICKQ_OK. */
SLICKQ_API slickq_status slickq_segment_inspect(const char *name, uint32_t element_size, slickq_inspection *inspection);

/* ------------------------------------------------------------------ for other languages */

/* The structs that begin with struct_size, for programs that have no sizeof of them. */
enum slickq_struct {
    SLICKQ_STRUCT_OPTIONS = 1,
    SLICKQ_STRUCT_QUEUE_INFO = 2,
    SLICKQ_STRUCT_READER_OPTIONS = 3,
    SLICKQ_STRUCT_READER_INFO = 4,
    SLICKQ_STRUCT_CONSUMER_INFO = 5,
    SLICKQ_STRUCT_WORKER_OPTIONS = 6,
    SLICKQ_STRUCT_GROUP_INFO = 7,
    SLICKQ_STRUCT_INSPECTION = 8,
    SLICKQ_STRUCT_EPOCH_INFO = 9
};

/* The size that the struct has in this library, in bytes; 0 for a number of no struct. A program needs no more than
 * what it knows of it: see slickq_struct_init(). kind: enum slickq_struct. Cannot fail. Any thread. Since 1.0. */
SLICKQ_API size_t slickq_struct_size(uint32_t kind);
/* Sets `size` bytes at `memory` to zero and the struct_size in them to `size`: what SLICKQ_..._INIT is in C. kind:
 * enum slickq_struct. size: bytes, from the struct's size in version 1.0 to 65536. SLICKQ_E_NULL: memory is NULL.
 * SLICKQ_E_ARGUMENT: a kind of no struct, or a size out of range. Any thread. Since 1.0. */
SLICKQ_API slickq_status slickq_struct_init(uint32_t kind, void *memory, size_t size);

#ifdef __cplusplus
}
#endif

#endif
