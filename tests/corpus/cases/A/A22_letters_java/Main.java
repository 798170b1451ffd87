public class Ünïcödé中 { public static void main(String[] a) { System.out.println(42); } }
