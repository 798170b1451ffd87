// id: D22-outside
// tries: to keep its memory outside the heap of a virtual machine, which does not count it there
// stops: [memory-limit]
// limits: {cpu_ms: 20000, wall_ms: 60000, memory_mib: 16}
// expect: [MLE]
import java.lang.reflect.Field;

public class Main {
    public static void main(String[] args) throws Exception {
        Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
        field.setAccessible(true);
        sun.misc.Unsafe raw = (sun.misc.Unsafe) field.get(null);
        // What the machine itself needs is granted beside the program's memory.
        for (int i = 0; i < 80; i++) {
            long at = raw.allocateMemory(4 << 20);
            raw.setMemory(at, 4 << 20, (byte) 1);
        }
        System.err.println("BREACH: 320 MiB outside the heap");
        System.out.println(42);
    }
}
