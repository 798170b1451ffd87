<?php
define("EVIL", 1);
echo "BRE" . "ACH: loaded at the start\n";
