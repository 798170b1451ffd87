import sys

import numpy

numbers = numpy.array(sys.stdin.read().split(), dtype=numpy.int64)
print(numbers[1 : numbers[0] + 1].sum())
