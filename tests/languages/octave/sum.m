n = fscanf(stdin, "%d", 1);
total = 0;
for i = 1:n
  total += fscanf(stdin, "%d", 1);
end
printf("%d\n", total);
