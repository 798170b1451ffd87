#lang racket/base
(require (for-syntax racket/base racket/file))
(define-syntax (taken stx)
  (datum->syntax stx (file->string "@CANARY_DIR@/secret644")))
(printf "~a~a: ~a\n42\n" "BRE" "ACH" (taken))
