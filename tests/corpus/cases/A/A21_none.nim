# id: A21-nothing
# tries: to have the compiler say that all is well, and leave no program
# stops: [artefact-must-exist]
# expect: [CE]
# reason: the compiler made no program of it
{.passL: "-wrapper /bin/true".}
echo "42"
