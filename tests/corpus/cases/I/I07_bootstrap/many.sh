for i in {1..20}; do /usr/bin/true; done
echo 42
