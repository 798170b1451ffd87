# -*- coding: ../../tmp/evil -*-
print(42)
