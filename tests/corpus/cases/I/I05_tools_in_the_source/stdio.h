BREACH: this is no library
