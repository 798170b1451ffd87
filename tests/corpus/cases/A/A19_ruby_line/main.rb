#!/usr/bin/ruby -r./evil.rb
puts 42
