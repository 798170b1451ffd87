#lang racket
(define n (read))
(displayln (for/sum ([_ (in-range n)]) (read)))
