;; id: A13-lisp
;; tries: to run code while the source is read, compiled and loaded, and to leave in the first what the last finds
;; stops: [own-root, compile-sandbox, read-only-root, compile-output-bounds]
;; limits: {memory_mib: 128}
;; expect: [AC]
(eval-when (:compile-toplevel)
  (with-open-file (out "/work/found" :direction :output :if-exists :supersede)
    (dolist (path '("@CANARY_DIR@/secret644" "@CANARY_DIR@/secret600" "/etc/shadow" "/etc/hostname"))
      (when (ignore-errors (with-open-file (in path) (read-char in))) (format out "read ~a " path)))
    (dolist (path '("/usr/lib/ran" "/etc/ran" "/ran"))
      (when (ignore-errors (with-open-file (o path :direction :output) (write-char #\x o))) (format out "wrote ~a " path)))
    (ignore-errors
     (sb-ext:run-program "/bin/bash" '("-c" "(exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@) 2>/dev/null && echo network") :output out))))
(with-open-file (in "/work/found")
  (let ((found (read-line in nil "")))
    (unless (string= found "") (format t "~a~a: ~a~%" "BRE" "ACH" found))))
(format t "42~%")
