// HelloJna NAME: see ../README.md. Needs JNA: java -cp jna.jar HelloJna.java NAME
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;

public class HelloJna {
    // Handles are Pointers that nobody follows. Java has no unsigned numbers: print indices and counts as such.
    public interface Slickq extends Library {
        String slickq_status_name(int status);
        String slickq_last_message();
        int slickq_queue_create(String name, Options options, PointerByReference queue);
        int slickq_queue_open(String name, Options options, PointerByReference queue);
        int slickq_queue_write(Pointer queue, byte[] elements, int count, LongByReference index);
        int slickq_queue_close(Pointer queue);
        int slickq_segment_remove(String name);
        long slickq_deadline(long timeoutNs);
        int slickq_reader_open(Pointer queue, Pointer options, PointerByReference reader);
        int slickq_reader_read(Pointer reader, Record record);
        int slickq_reader_read_until(Pointer reader, long deadlineNs, Record record);
        int slickq_reader_close(Pointer reader);
    }

    @FieldOrder({"struct_size", "flags", "capacity", "element_size", "items_per_slot", "layout", "permissions", "reserved", "timeout_ns"})
    public static class Options extends Structure {
        public int struct_size, flags, capacity, element_size, items_per_slot, layout, permissions, reserved;
        public long timeout_ns;
    }

    @FieldOrder({"data", "index", "lost", "count", "flags"})
    public static class Record extends Structure {
        public Pointer data;
        public long index, lost;
        public int count, flags;

        // What it points at is the reader's until its next call: this copies it.
        @Override
        public String toString() {
            return new String(data.getByteArray(0, count), StandardCharsets.UTF_8) + ", index " + Long.toUnsignedString(index);
        }
    }

    static final Slickq slickq;

    static {
        String library = System.getenv("SLICKQ_LIBRARY");
        slickq = Native.load(library != null ? library : "libslickq.so.1", Slickq.class);
    }

    // A status below 0 is an error. The message is the thread's: read it at once.
    static int check(int status) {
        if (status < 0) throw new IllegalStateException(slickq.slickq_status_name(status) + ": " + slickq.slickq_last_message());
        return status;
    }

    static void write(Pointer queue, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        check(slickq.slickq_queue_write(queue, bytes, bytes.length, null));
    }

    public static void main(String[] arguments) {
        String name = arguments[0];
        Options options = new Options();
        options.struct_size = options.size();
        options.capacity = 4096;
        options.element_size = 1;
        options.items_per_slot = 64;
        PointerByReference out = new PointerByReference();
        check(slickq.slickq_queue_create(name, options, out));
        Pointer queue = out.getValue();
        check(slickq.slickq_reader_open(queue, null, out));
        Pointer reader = out.getValue();

        Record record = new Record();
        write(queue, "hello from Java (JNA)");
        check(slickq.slickq_reader_read(reader, record));
        System.out.println("read back: " + record);

        int status = check(slickq.slickq_reader_read_until(reader, slickq.slickq_deadline(1_000_000), record));
        System.out.println("timed out: " + slickq.slickq_status_name(status));

        try {
            check(slickq.slickq_queue_open(name + "-absent", null, out));
        } catch (IllegalStateException absent) {
            System.out.println("error: " + absent.getMessage());
        }

        System.out.println("ready");
        if (check(slickq.slickq_reader_read_until(reader, slickq.slickq_deadline(10_000_000_000L), record)) != 0) {
            throw new IllegalStateException("nobody answers");
        }
        System.out.println("heard: " + record);
        write(queue, "goodbye from Java (JNA)");

        check(slickq.slickq_reader_close(reader));
        check(slickq.slickq_queue_close(queue));
        check(slickq.slickq_segment_remove(name));
        System.out.println("closed: " + slickq.slickq_status_name(slickq.slickq_reader_read(reader, record))); // safe, and refused
    }
}
