-- id: A21-haskell
-- tries: to let the compiler write out a type that is larger than its memory
-- stops: [compile-memory, compile-cpu]
-- expect: [CE]
module Main where
main :: IO ()
main = f5 id `seq` putStrLn "41"
  where
    f0 x = (x, x)
    f1 x = f0 (f0 (f0 (f0 x)))
    f2 x = f1 (f1 (f1 x))
    f3 x = f2 (f2 (f2 x))
    f4 x = f3 (f3 (f3 x))
    f5 x = f4 (f4 x)
