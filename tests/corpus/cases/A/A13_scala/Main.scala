object Main {
  def main(args: Array[String]): Unit = {
    val said = new Evil().say
    if (!said.startsWith("ran;")) println("the macro did not run")
    else if (said != "ran;") println("BRE" + "ACH: " + said)
    println("42")
  }
}
