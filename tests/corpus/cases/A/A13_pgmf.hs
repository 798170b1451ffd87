-- id: A13-haskell-pgmf
-- tries: to name a shell in the source as the preprocessor, so that the source is run as a script, and to reach the host from it
-- stops: [own-root, compile-sandbox, read-only-root, seccomp-socket]
-- limits: {memory_mib: 128}
-- expect: [AC]
{-# OPTIONS_GHC -F -pgmF /bin/sh #-}
exec 2>/dev/null
found=
for path in @CANARY_DIR@/secret644 @CANARY_DIR@/secret640 @CANARY_DIR@/secret600 /etc/shadow /etc/hostname; do
    cat $path >/dev/null && found="$found read $path"
done
for path in /usr/lib/ran /var/lib/ghc/ran /etc/ran /ran; do
    sh -c "echo x >$path" && found="$found wrote $path"
done
bash -c "exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@" && found="$found network"
echo "main = do {" >"$2"
if [ "$found" ]; then
    echo "putStrLn (\"BRE\" ++ \"ACH: $found\");" >>"$2"
fi
echo "putStrLn \"42\" }" >>"$2"
exit 0
