// id: D22-java
// tries: to fill the heap of a virtual machine, which ends by itself then
// stops: [language-limits]
// limits: {cpu_ms: 20000, wall_ms: 60000, memory_mib: 32}
// expect: [RTE]
// reason: exit code 1
import java.util.ArrayList;
import java.util.List;

public class Main {
    public static void main(String[] args) {
        List<byte[]> kept = new ArrayList<>();
        for (int i = 0; i < 128; i++) kept.add(new byte[1 << 20]);
        System.err.println("BREACH: " + kept.size() + " MiB on a heap of 32");
        System.out.println(42);
    }
}
