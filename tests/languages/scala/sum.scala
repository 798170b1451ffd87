object Sum {
  def main(args: Array[String]): Unit = {
    val numbers = io.Source.stdin.mkString.split("\\s+").map(_.toLong)
    println(numbers.slice(1, numbers(0).toInt + 1).sum)
  }
}
