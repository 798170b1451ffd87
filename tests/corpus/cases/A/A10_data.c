// id: A10-data
// tries: to leave a program of 16 GiB, all of them data
// stops: [file-size-limit, work-size, artefact-cap]
// expect: [CE]
long main[-1u] = {1};
