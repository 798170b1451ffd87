(defmacro repeat (count &body body)
  `(dotimes (,(gensym) ,count) ,@body))

(let ((sum 0))
  (repeat (read) (incf sum (read)))
  (format t "~a~%" sum))
