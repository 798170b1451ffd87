program main
  include '@CANARY_DIR@/secret644'
  print '(A)', '42'
end program
