defmodule Sum do
  def main do
    [n | numbers] = IO.read(:stdio, :all) |> String.split() |> Enum.map(&String.to_integer/1)
    numbers |> Enum.take(n) |> Enum.sum() |> IO.puts()
  end
end

Sum.main()
