// id: C05-java
// tries: to leave behind a process and threads that are no daemons
// stops: [kill-all, pid-namespace]
// limits: {cpu_ms: 3000, wall_ms: 10000, pids: 32}
// expect: [AC]
public class Main {
    public static void main(String[] args) throws Exception {
        new ProcessBuilder("/usr/bin/setsid", "/bin/sleep", "120").start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            System.out.println(42);
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }));
        new Thread(() -> { while (true) Thread.onSpinWait(); }).start();
        System.exit(3);
    }
}
