// Hello.exe NAME: see ../README.md. mcs Hello.cs && mono Hello.exe NAME
using System;
using System.Runtime.InteropServices;
using System.Text;

static class Slickq
{
    // Found as libslickq.so.1 by the system's loader (LD_LIBRARY_PATH, ldconfig). Handles are numbers, never addresses to look into.
    const string Library = "libslickq.so.1";

    [StructLayout(LayoutKind.Sequential)]
    public struct Options
    {
        public uint StructSize, Flags, Capacity, ElementSize, ItemsPerSlot, Layout, Permissions, Reserved;
        public long TimeoutNs;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Record
    {
        public IntPtr Data;
        public ulong Index, Lost;
        public uint Count, Flags;
    }

    [DllImport(Library)] public static extern IntPtr slickq_status_name(int status);
    [DllImport(Library)] public static extern IntPtr slickq_last_message();
    [DllImport(Library)] public static extern int slickq_queue_create(byte[] name, ref Options options, out IntPtr queue);
    [DllImport(Library)] public static extern int slickq_queue_open(byte[] name, IntPtr options, out IntPtr queue);
    [DllImport(Library)] public static extern int slickq_queue_write(IntPtr queue, byte[] elements, uint count, out ulong index);
    [DllImport(Library)] public static extern int slickq_queue_close(IntPtr queue);
    [DllImport(Library)] public static extern int slickq_segment_remove(byte[] name);
    [DllImport(Library)] public static extern long slickq_deadline(long timeoutNs);
    [DllImport(Library)] public static extern int slickq_reader_open(IntPtr queue, IntPtr options, out IntPtr reader);
    [DllImport(Library)] public static extern int slickq_reader_read(IntPtr reader, out Record record);
    [DllImport(Library)] public static extern int slickq_reader_read_until(IntPtr reader, long deadlineNs, out Record record);
    [DllImport(Library)] public static extern int slickq_reader_close(IntPtr reader);

    // A returned char* must not be declared as string: the runtime would free what belongs to the library.
    public static string NameOf(int status) { return Marshal.PtrToStringAnsi(slickq_status_name(status)); }

    // A status below 0 is an error. The message is the thread's: read it at once.
    public static int Check(int status)
    {
        if (status < 0) throw new InvalidOperationException(NameOf(status) + ": " + Marshal.PtrToStringAnsi(slickq_last_message()));
        return status;
    }

    public static byte[] Text(string text) { return Encoding.UTF8.GetBytes(text + "\0"); }
}

static class Hello
{
    static void Write(IntPtr queue, string text)
    {
        ulong index;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Slickq.Check(Slickq.slickq_queue_write(queue, bytes, (uint)bytes.Length, out index));
    }

    // What a record points at is the reader's until its next call: this copies it.
    static string Described(Slickq.Record record)
    {
        byte[] bytes = new byte[record.Count];
        Marshal.Copy(record.Data, bytes, 0, bytes.Length);
        return Encoding.UTF8.GetString(bytes) + ", index " + record.Index;
    }

    static int Main(string[] arguments)
    {
        byte[] name = Slickq.Text(arguments[0]);
        Slickq.Options options = new Slickq.Options();
        options.StructSize = (uint)Marshal.SizeOf(typeof(Slickq.Options));
        options.Capacity = 4096;
        options.ElementSize = 1;
        options.ItemsPerSlot = 64;
        IntPtr queue, reader, absent;
        Slickq.Check(Slickq.slickq_queue_create(name, ref options, out queue));
        Slickq.Check(Slickq.slickq_reader_open(queue, IntPtr.Zero, out reader));

        Slickq.Record record;
        Write(queue, "hello from C#");
        Slickq.Check(Slickq.slickq_reader_read(reader, out record));
        Console.WriteLine("read back: " + Described(record));

        int status = Slickq.Check(Slickq.slickq_reader_read_until(reader, Slickq.slickq_deadline(1000000), out record));
        Console.WriteLine("timed out: " + Slickq.NameOf(status));

        try
        {
            Slickq.Check(Slickq.slickq_queue_open(Slickq.Text(arguments[0] + "-absent"), IntPtr.Zero, out absent));
        }
        catch (InvalidOperationException error)
        {
            Console.WriteLine("error: " + error.Message);
        }

        Console.WriteLine("ready");
        if (Slickq.Check(Slickq.slickq_reader_read_until(reader, Slickq.slickq_deadline(10000000000), out record)) != 0)
        {
            throw new InvalidOperationException("nobody answers");
        }
        Console.WriteLine("heard: " + Described(record));
        Write(queue, "goodbye from C#");

        Slickq.Check(Slickq.slickq_reader_close(reader));
        Slickq.Check(Slickq.slickq_queue_close(queue));
        Slickq.Check(Slickq.slickq_segment_remove(name));
        Console.WriteLine("closed: " + Slickq.NameOf(Slickq.slickq_reader_read(reader, out record))); // safe, and refused
        return 0;
    }
}
