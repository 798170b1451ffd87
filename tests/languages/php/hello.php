<?php

echo "hello\n";
