(when (resolve (symbol "user" "evil")) (println (str "BRE" "ACH: a configuration was read")))
(println 42)
