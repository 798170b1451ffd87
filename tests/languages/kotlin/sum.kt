fun main() {
    val numbers = System.`in`.bufferedReader().readText().split(Regex("\\s+")).filter { it.isNotEmpty() }.map { it.toLong() }
    println(numbers.drop(1).take(numbers[0].toInt()).sum())
}
