main :: IO ()
main = do
  text <- getContents
  let (n : xs) = map read (words text) :: [Int]
  print (sum (take n xs))
