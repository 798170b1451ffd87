// id: D14-java
// tries: to recurse without end in a virtual machine
// stops: [language-limits]
// limits: {cpu_ms: 20000, wall_ms: 60000, memory_mib: 64}
// expect: [RTE]
// reason: exit code 1
public class Main {
    static long deeper(long n) {
        return n > 1L << 40 ? n : deeper(n + 1) + 1;
    }

    public static void main(String[] args) {
        System.out.println(deeper(0) > 0 ? 42 : 41);
        System.err.println("BREACH: a recursion without end");
    }
}
