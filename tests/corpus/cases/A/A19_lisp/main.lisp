(when (boundp (quote *evil*)) (format t "~a~a: a configuration was read~%" "BRE" "ACH"))
(format t "42~%")
