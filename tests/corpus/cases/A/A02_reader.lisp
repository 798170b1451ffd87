;; id: A02-lisp
;; tries: to read a file of the host while the source is read
;; stops: [own-root, compile-sandbox]
;; expect: [CE]
;; reason: the compiler refused it
(defparameter *taken*
  #.(with-open-file (in "@CANARY_DIR@/secret644") (read-line in)))
(format t "~a~a: ~a~%42~%" "BRE" "ACH" *taken*)
