read -r n
sum=0
for x in $(cat); do
  ((n-- > 0)) || break
  ((sum += x))
done
echo "$sum"
