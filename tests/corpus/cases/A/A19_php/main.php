<?php
if (defined("EVIL")) {
    echo "BRE" . "ACH: a configuration was read\n";
}
echo "42\n";
