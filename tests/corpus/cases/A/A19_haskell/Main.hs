{-# LANGUAGE CPP #-}
main :: IO ()
main = do
#ifdef EVIL
    putStrLn ("BRE" ++ "ACH: a configuration was read")
#endif
    putStrLn "42"
