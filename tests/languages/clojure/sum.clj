(let [[n & numbers] (map #(Long/parseLong %) (re-seq #"-?\d+" (slurp *in*)))]
  (println (reduce + (take n numbers))))
