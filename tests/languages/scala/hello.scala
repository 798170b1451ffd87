object Greeting extends App {
  println("hello")
}
