[[ $PATH == /usr/local/bin:/usr/bin:/bin && -z ${BASH_ENV+x}${ENV+x}${LD_PRELOAD+x}${LD_LIBRARY_PATH+x} ]] || echo "BREACH: $PATH" >&2
for name in sh bash env id cat ls diff python3 perl gcc; do
    path=$(command -v $name)
    [[ $path == /usr/bin/$name || $path == /bin/$name || $path == /usr/local/bin/$name ]] || echo "BREACH: $name is $path" >&2
    [[ $(head -c 40 "$path" | tr -d '\0') == *BREACH* ]] && echo "BREACH: $path" >&2
done
sh -c : ; bash -lic : 2>/dev/null; env true; id -u >/dev/null
perl -e 'exit' ; python3 -c 'import json'
echo 42
