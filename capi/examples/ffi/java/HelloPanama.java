// HelloPanama NAME: see ../README.md. Needs Java 22 or newer: java --enable-native-access=ALL-UNNAMED HelloPanama.java NAME
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

public class HelloPanama {
    static final Linker linker = Linker.nativeLinker();
    static final SymbolLookup library = SymbolLookup.libraryLookup(
            System.getenv().getOrDefault("SLICKQ_LIBRARY", "libslickq.so.1"), Arena.global());

    static MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        return linker.downcallHandle(library.find("slickq_" + name).orElseThrow(), FunctionDescriptor.of(result, parameters));
    }

    // Handles are addresses that nobody follows. Java has no unsigned numbers: print indices and counts as such.
    static final MethodHandle statusName = function("status_name", ADDRESS, JAVA_INT);
    static final MethodHandle lastMessage = function("last_message", ADDRESS);
    static final MethodHandle queueCreate = function("queue_create", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle queueOpen = function("queue_open", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle queueWrite = function("queue_write", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    static final MethodHandle queueClose = function("queue_close", JAVA_INT, ADDRESS);
    static final MethodHandle remove = function("segment_remove", JAVA_INT, ADDRESS);
    static final MethodHandle deadline = function("deadline", JAVA_LONG, JAVA_LONG);
    static final MethodHandle readerOpen = function("reader_open", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle readerRead = function("reader_read", JAVA_INT, ADDRESS, ADDRESS);
    static final MethodHandle readerReadUntil = function("reader_read_until", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
    static final MethodHandle readerClose = function("reader_close", JAVA_INT, ADDRESS);

    static final StructLayout OPTIONS = MemoryLayout.structLayout(JAVA_INT.withName("struct_size"), JAVA_INT.withName("flags"),
            JAVA_INT.withName("capacity"), JAVA_INT.withName("element_size"), JAVA_INT.withName("items_per_slot"),
            JAVA_INT.withName("layout"), JAVA_INT.withName("permissions"), JAVA_INT.withName("reserved"), JAVA_LONG.withName("timeout_ns"));
    static final StructLayout RECORD = MemoryLayout.structLayout(ADDRESS.withName("data"), JAVA_LONG.withName("index"),
            JAVA_LONG.withName("lost"), JAVA_INT.withName("count"), JAVA_INT.withName("flags"));

    static void set(MemorySegment struct, StructLayout layout, String field, int value) {
        struct.set(JAVA_INT, layout.byteOffset(MemoryLayout.PathElement.groupElement(field)), value);
    }

    static String text(MemorySegment constant) {
        return constant.reinterpret(Long.MAX_VALUE).getString(0);
    }

    static String nameOf(int status) throws Throwable {
        return text((MemorySegment) statusName.invokeExact(status));
    }

    // A status below 0 is an error. The message is the thread's: read it at once.
    static int check(int status) throws Throwable {
        if (status < 0) throw new IllegalStateException(nameOf(status) + ": " + text((MemorySegment) lastMessage.invokeExact()));
        return status;
    }

    // What it points at is the reader's until its next call: this copies it.
    static String described(MemorySegment record) {
        VarHandle data = RECORD.varHandle(MemoryLayout.PathElement.groupElement("data"));
        VarHandle index = RECORD.varHandle(MemoryLayout.PathElement.groupElement("index"));
        VarHandle count = RECORD.varHandle(MemoryLayout.PathElement.groupElement("count"));
        MemorySegment bytes = ((MemorySegment) data.get(record, 0L)).reinterpret(Integer.toUnsignedLong((int) count.get(record, 0L)));
        return new String(bytes.toArray(JAVA_BYTE), StandardCharsets.UTF_8) + ", index " + Long.toUnsignedString((long) index.get(record, 0L));
    }

    static void write(Arena arena, MemorySegment queue, String text) throws Throwable {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        check((int) queueWrite.invokeExact(queue, arena.allocateFrom(JAVA_BYTE, bytes), bytes.length, MemorySegment.NULL));
    }

    public static void main(String[] arguments) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(arguments[0]);
            MemorySegment options = arena.allocate(OPTIONS); // zero
            set(options, OPTIONS, "struct_size", (int) OPTIONS.byteSize());
            set(options, OPTIONS, "capacity", 4096);
            set(options, OPTIONS, "element_size", 1);
            set(options, OPTIONS, "items_per_slot", 64);
            MemorySegment out = arena.allocate(ADDRESS);
            check((int) queueCreate.invokeExact(name, options, out));
            MemorySegment queue = out.get(ADDRESS, 0);
            check((int) readerOpen.invokeExact(queue, MemorySegment.NULL, out));
            MemorySegment reader = out.get(ADDRESS, 0);

            MemorySegment record = arena.allocate(RECORD);
            write(arena, queue, "hello from Java (Panama)");
            check((int) readerRead.invokeExact(reader, record));
            System.out.println("read back: " + described(record));

            int status = check((int) readerReadUntil.invokeExact(reader, (long) deadline.invokeExact(1_000_000L), record));
            System.out.println("timed out: " + nameOf(status));

            try {
                check((int) queueOpen.invokeExact(arena.allocateFrom(arguments[0] + "-absent"), MemorySegment.NULL, out));
            } catch (IllegalStateException absent) {
                System.out.println("error: " + absent.getMessage());
            }

            System.out.println("ready");
            status = check((int) readerReadUntil.invokeExact(reader, (long) deadline.invokeExact(10_000_000_000L), record));
            if (status != 0) throw new IllegalStateException("nobody answers");
            System.out.println("heard: " + described(record));
            write(arena, queue, "goodbye from Java (Panama)");

            check((int) readerClose.invokeExact(reader));
            check((int) queueClose.invokeExact(queue));
            check((int) remove.invokeExact(name));
            System.out.println("closed: " + nameOf((int) readerRead.invokeExact(reader, record))); // safe, and refused
        }
    }
}
