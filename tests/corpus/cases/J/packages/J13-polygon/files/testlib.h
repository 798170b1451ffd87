// The little that this checker needs.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
