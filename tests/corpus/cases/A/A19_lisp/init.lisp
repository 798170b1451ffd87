(defvar *evil* 1)
