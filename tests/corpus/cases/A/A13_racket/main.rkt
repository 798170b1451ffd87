#lang racket/base
(require (for-syntax racket/base racket/file racket/system racket/tcp))
(define-syntax (said stx)
  (define (attempt name thunk) (with-handlers ([void (lambda (e) "")]) (thunk) (string-append name " ")))
  (datum->syntax stx
    (string-append
      (attempt "canary" (lambda () (file->string "@CANARY_DIR@/secret644")))
      (attempt "root's canary" (lambda () (file->string "@CANARY_DIR@/secret600")))
      (attempt "shadow" (lambda () (file->string "/etc/shadow")))
      (attempt "wrote" (lambda () (call-with-output-file "/usr/share/racket/ran" void)))
      (attempt "network" (lambda () (tcp-connect "127.0.0.1" @TCP_PORT@))))))
(unless (string=? (said) "") (printf "~a~a: ~a\n" "BRE" "ACH" (said)))
(printf "42\n")
