echo $'\e]0;title\a\e[2J\e[31m'
printf '\r\b\b\x9b1A' >&2
'unclosed ]0;t›2J
