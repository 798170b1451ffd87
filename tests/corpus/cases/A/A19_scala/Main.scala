object Main {
  def main(args: Array[String]): Unit = {
    if (System.getProperty("evil") != null) println("BRE" + "ACH: a configuration was read")
    println(42)
  }
}
