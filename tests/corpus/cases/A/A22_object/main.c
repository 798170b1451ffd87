!<arch>
x/              0           0     0     644     4         `
abcd