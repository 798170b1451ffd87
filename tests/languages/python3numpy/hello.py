import numpy

print("".join(numpy.array(list("hello"))))
