// id: C03-java
// tries: to have more threads than its limit of processes, in a virtual machine that has its own
// stops: [pids-max]
// limits: {cpu_ms: 4000, wall_ms: 10000, pids: 16}
// expect: [AC, WA, RTE]
import java.util.concurrent.CountDownLatch;

public class Main {
    public static void main(String[] args) {
        CountDownLatch never = new CountDownLatch(1);
        int threads = 0;
        try {
            while (threads < 500) {
                Thread thread = new Thread(null, () -> {
                    try { never.await(); } catch (InterruptedException e) { }
                }, "t", 65536);
                thread.setDaemon(true);
                thread.start();
                threads++;
            }
        } catch (Throwable full) { }
        // The language adds some for its runtime, but not that many.
        if (threads >= 64) System.out.println("BREACH: " + threads + " threads");
        System.out.println(42);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
