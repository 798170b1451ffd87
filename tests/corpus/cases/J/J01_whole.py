# id: J01-program
# tries: to print what is wrong and to end with success, after handlers that turn each failure into it
# stops: [verdict-from-output]
# expect: [WA]
# reason: got "41"
import atexit
import os
import sys

atexit.register(os._exit, 0)
sys.excepthook = lambda *a: os._exit(0)
print(41, flush=True)
raise ValueError
