-- id: A13-haskell
-- tries: to reach the host from an expression that the compiler evaluates
-- stops: [own-root, compile-sandbox, read-only-root, seccomp-socket]
-- limits: {memory_mib: 128}
-- expect: [AC]
{-# LANGUAGE TemplateHaskell #-}
module Main where

import Control.Exception
import Language.Haskell.TH
import System.IO
import System.Process

said :: String
said = $( do
    let try' :: IO String -> IO String
        try' io = io `catch` \e -> const (return "") (e :: SomeException)
        got path = try' (readFile path >>= \text -> length text `seq` return text)
        put path = try' (writeFile path "ran" >> return ("wrote " ++ path))
    parts <- runIO (sequence
        [ got "@CANARY_DIR@/secret644", got "@CANARY_DIR@/secret600", got "/etc/shadow", got "/proc/@WORKER_PID@/environ"
        , put "/usr/lib/ran", put "/var/lib/ghc/ran", put "/etc/ran"
        , try' (readProcess "bash" ["-c", "(exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@) 2>/dev/null && echo network || true"] "") ])
    stringE ("ran" ++ concat parts) )

main :: IO ()
main = do
    if said == "ran" then return () else putStrLn ("BRE" ++ "ACH: " ++ said)
    putStrLn "42"
