using System;
using System.Linq;

class Program {
    static void Main() {
        var numbers = Console.In.ReadToEnd().Split((char[])null, StringSplitOptions.RemoveEmptyEntries).Select(long.Parse);
        Console.WriteLine(numbers.Skip(1).Take((int)numbers.First()).Sum());
    }
}
