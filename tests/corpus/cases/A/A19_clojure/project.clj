(defproject evil "1")
